// @ts-check
/** The picture of a page as PNG: drawn by the browser from the SVG, with the colours that it has here. */

const PAINTED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "font-size", "font-family"];
const SCALE = 2;

/**
 * Return a copy of a picture that needs no style sheet.
 * @param {SVGSVGElement} picture
 * @returns {SVGSVGElement}
 */
export function withStyles(picture) {
  const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true));
  const painted = copy.querySelectorAll("*");
  picture.querySelectorAll("*").forEach((element, place) => {
    const style = getComputedStyle(element);
    for (const name of PAINTED) painted[place]?.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(picture.viewBox.baseVal.width * SCALE));
  copy.setAttribute("height", String(picture.viewBox.baseVal.height * SCALE));
  return copy;
}

/**
 * Save a picture as PNG.
 * @param {SVGSVGElement} picture
 * @param {string} name
 */
export async function savePicture(picture, name) {
  const text = new XMLSerializer().serializeToString(withStyles(picture));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = name;
  link.click();
}

if (typeof document !== "undefined") {
  const picture = document.querySelector("svg[data-picture]");
  for (const button of document.querySelectorAll("[data-picture-file]")) {
    if (picture instanceof SVGSVGElement && button instanceof HTMLElement) {
      button.hidden = false;
      button.addEventListener("click", () => savePicture(picture, button.dataset.pictureFile ?? "picture.png"));
    }
  }
}
