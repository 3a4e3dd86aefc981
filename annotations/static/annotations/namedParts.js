// @ts-check
/* What Django and tables leave without a name: a box that scrolls sideways, and the icons beside dates. */

const BOXES = ".scroller, #changelist .results";
const HEADINGS = "h1, h2, h3, h4, h5, h6, summary, legend";
const ICONS = ".datetimeshortcuts .date-icon, .datetimeshortcuts .clock-icon";

/**
 * Give the words of a label without the colon that leads to its field.
 * @param {string | null | undefined} words
 */
export function labelWords(words) {
  return (words ?? "").replace(/\s+/g, " ").trim().replace(/\s*[:：]$/, "");
}

/**
 * Name the link of an icon: what it does, and for which field.
 * @param {string} action
 * @param {string} field
 */
export function iconName(action, field) {
  return field ? `${action}: ${field}` : action;
}

/**
 * Find the words that stand over a box: its caption, or else the last heading before it.
 * @param {Element} box
 */
function findHeading(box) {
  const caption = box.querySelector("caption");
  if (caption) return labelWords(caption.textContent);
  const before = [...document.querySelectorAll(HEADINGS)].filter(
    (one) => one.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING && !one.closest("nav, header"),
  );
  return labelWords(before.at(-1)?.textContent);
}

/**
 * Let the keyboard scroll a box while there is something to scroll; a box that shows all is no stop.
 * @param {HTMLElement} box
 */
function nameBox(box) {
  if (box.scrollWidth <= box.clientWidth) {
    if (box !== document.activeElement) box.removeAttribute("tabindex");
    return;
  }
  box.tabIndex = 0;
  if (!box.hasAttribute("role")) box.setAttribute("role", "group");
  if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", findHeading(box));
}

/** @param {Element} icon */
function nameIcon(icon) {
  const link = icon.closest("a");
  const field = icon.closest(".datetimeshortcuts")?.parentElement;
  const input = field?.querySelector("input");
  const ours = field?.closest(".form-row, fieldset")?.querySelector("legend, label");
  const label = input?.labels?.[0] ?? ours;
  link?.setAttribute("aria-label", iconName(icon.getAttribute("title") ?? "", labelWords(label?.textContent)));
}

if (typeof document !== "undefined") {
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) nameBox(/** @type {HTMLElement} */ (target));
  });
  for (const box of document.querySelectorAll(BOXES)) if (!box.hasAttribute("tabindex")) watcher.observe(box);
  // Django sets its icons when the page is loaded, and has asked for that before a module can
  window.addEventListener("load", () => document.querySelectorAll(ICONS).forEach(nameIcon));
}
