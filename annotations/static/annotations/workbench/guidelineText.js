// @ts-check
/** The guideline as elements. */

import { createElement } from "./dom.js";
import { parseMarkdown } from "./markdown.js";
import { gettext } from "./translation.js";

/** Tags of blocks, which have the direction of their own text. */
const BLOCKS = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "th", "td"]);

/**
 * Create the elements of a guideline that is written in Markdown.
 *
 * @param {string} text
 * @param {number} [level] that of the highest heading
 */
export function renderGuideline(text, level = 2) {
  return parseMarkdown(text, { level }).map(renderNode);
}

/**
 * @param {MarkdownNode} node
 * @returns {HTMLElement}
 */
function renderNode({ tag, rule, children }) {
  const element = createElement(
    tag,
    { dir: BLOCKS.has(tag) && "auto", "data-rule": rule, tabindex: rule && "-1", scope: tag === "th" && "col" },
    children.map((child) => (typeof child === "string" ? child : renderNode(child))),
  );
  return tag === "table" ? createScroller(element) : element;
}

/**
 * A wide table scrolls within the panel, also by keys.
 *
 * @param {HTMLElement} table
 */
function createScroller(table) {
  return createElement("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": gettext("Table") }, table);
}
