// @ts-check
/** Elements made of names, attributes and text. Text of users only ever becomes a text node. */

/** Attributes that are set as properties, since as attributes they only say how the element begins. */
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "open", "tabIndex"]);

/**
 * Create an element: `createElement("button", {class: "quiet", onclick: undo}, "Undo")`. An attribute or
 * child that is null, undefined or false is left out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} name
 * @param {ElementAttributes<HTMLElementTagNameMap[Tag]>} [attributes]
 * @param {Children} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function createElement(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) applyAttribute(element, key, value);
  element.append(...withoutEmpty(children));
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} key
 * @param {unknown} value
 */
function applyAttribute(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
  else if (PROPERTIES.has(key)) Object.assign(element, { [key]: value });
  else element.setAttribute(key, value === true ? "" : String(value));
}

/**
 * @param {Children} children
 * @returns {(Node | string)[]}
 */
function withoutEmpty(children) {
  return children.flat().filter((child) => typeof child === "string" || child instanceof Node);
}

/**
 * Put new children in the place of the old ones.
 *
 * @template {Element} E
 * @param {E} element
 * @param {Children} children
 * @returns {E}
 */
export function replaceContent(element, ...children) {
  element.replaceChildren(...withoutEmpty(children));
  return element;
}

/**
 * Create an element around a name or quote whose direction is unknown, so that it does not reorder the
 * words around it.
 *
 * @param {string} text
 * @param {ElementAttributes<HTMLElement>} [attributes]
 */
export function isolateText(text, attributes = {}) {
  return createElement("bdi", { dir: "auto", ...attributes }, text);
}

/**
 * Create a button that submits nothing.
 *
 * @param {Child} content
 * @param {(event: MouseEvent) => unknown} onclick
 * @param {ElementAttributes<HTMLButtonElement>} [attributes]
 */
export function createButton(content, onclick, attributes = {}) {
  return createElement("button", { type: "button", onclick, ...attributes }, content);
}

/**
 * The part of the page with a stable name.
 *
 * @param {string} name
 * @returns {HTMLElement}
 */
export function findPart(name) {
  return findElement(document, `[data-part="${name}"]`);
}

/**
 * The button with a stable name.
 *
 * @param {string} name
 * @returns {HTMLButtonElement}
 */
export function findButton(name) {
  const found = findPart(name);
  if (!(found instanceof HTMLButtonElement)) throw new TypeError(`not-a-button: ${name}`);
  return found;
}

/**
 * The first element below a root that a selector names; an error if there is none.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function findElement(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`missing: ${selector}`);
  return found;
}

/**
 * The element that contains another one; an error if there is none.
 *
 * @param {Node} node
 * @returns {HTMLElement}
 */
export function parentOf(node) {
  const parent = node.parentElement;
  if (!parent) throw new Error(`detached: ${node.nodeName}`);
  return parent;
}

/**
 * The element that has the focus.
 *
 * @returns {HTMLElement | null}
 */
export function focusedElement() {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? activeElement : null;
}

/**
 * The element at which an event began.
 *
 * @param {Event} event
 * @returns {Element | null}
 */
export function elementOf({ target }) {
  return target instanceof Element ? target : null;
}

/**
 * Read JSON that the page carries in a script element. Its shape is that of `admin/workbench.py`.
 *
 * @param {string} id
 * @returns {any}
 */
export function readPageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

let counter = 0;

/**
 * Create an id for an element that a label or a description points to.
 *
 * @param {string} prefix
 */
export function createId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/**
 * Whether text is typed into this element, so that letters are letters and no commands.
 *
 * @param {EventTarget | null} element
 */
export function isTyping(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement) return true;
  if (element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(element.type);
}

/**
 * Cut a long text in its middle, between whole characters.
 *
 * @param {string} text
 * @param {number} [most] code points that are left
 */
export function shortenText(text, most = 90) {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const half = Math.floor((most - 3) / 2);
  return `${characters.slice(0, half).join("")} … ${characters.slice(-half).join("")}`;
}

/**
 * Cut a quote for a message, which has one line.
 *
 * @param {string} quote
 */
export function shortenQuote(quote) {
  return shortenText(quote.replace(/\s+/g, " "), 60);
}

/**
 * Format a time as the language of the page writes it, by the clock that the service's other pages go by.
 *
 * @param {string} time in ISO 8601
 */
export function formatTime(time) {
  return createTimeFormat({ dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/**
 * Format the day of a time, by the same clock.
 *
 * @param {string} time in ISO 8601
 */
export function formatDay(time) {
  return createTimeFormat({ dateStyle: "medium" }).format(new Date(time));
}

/** @param {Intl.DateTimeFormatOptions} options */
function createTimeFormat(options) {
  const { lang, dataset } = document.documentElement;
  const timeZone = dataset.timeZone || "UTC";
  try {
    return new Intl.DateTimeFormat(lang || "en", { ...options, timeZone });
  } catch {
    // a zone that this browser does not know
    return new Intl.DateTimeFormat(lang || "en", { ...options, timeZone: "UTC" });
  }
}
