/** Elements made of names, properties and text. Text of users only ever becomes a text node. */

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "open", "tabIndex"]);

/**
 * Make an element: h("button", {type: "button", class: "quiet", onclick: f}, "Undo").
 * Children are elements, strings, or empty (null, false), which are left out.
 */
export function createElement(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) applyAttribute(element, key, value);
  element.append(...withoutEmpty(children));
  return element;
}

function applyAttribute(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (PROPERTIES.has(key)) element[key] = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

function withoutEmpty(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== false);
}

/** Put new children in the place of the old ones. */
export function replaceContent(element, ...children) {
  element.replaceChildren(...withoutEmpty(children));
  return element;
}

/** A name or quote of unknown direction, which must not reorder the words around it. */
export function isolateText(text, attributes = {}) {
  return createElement("bdi", { dir: "auto", ...attributes }, text);
}

/** A plain button. */
export function createButton(text, onclick, attributes = {}) {
  return createElement("button", { type: "button", onclick, ...attributes }, text);
}

/** The part of the page with a stable name. */
export function findPart(name, root = document) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** JSON that the page carries. */
export function readPageData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

let counter = 0;

/** An id for an element that a label or a description points to. */
export function createId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Whether somebody types into this element, so that letters are letters and no commands. */
export function isTyping(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement) return true;
  if (element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(element.type);
}

/** A long text cut in its middle, whole characters only. */
export function shortenText(text, most = 90) {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const half = Math.floor((most - 3) / 2);
  return `${characters.slice(0, half).join("")} … ${characters.slice(-half).join("")}`;
}

/** A time as people here write it. */
export function formatTime(text) {
  const options = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang || "en", options).format(new Date(text));
}
