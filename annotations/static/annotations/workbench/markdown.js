/**
 * A small part of Markdown, as elements: headings, paragraphs, lists, tables, quotes; bold, italic and
 * code inside. Everything else stays the text that it is, so whatever somebody writes is only shown.
 * A list item or paragraph that begins with a bold code such as **B1** is a rule, and carries its code.
 */

import { h } from "./dom.js";
import { gettext } from "./words.js";

const RULE = /^\*\*([A-Z]{1,3}\d{1,3})\*\*/;
const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*(?!\s)([^*]+?)\*/gsu;
// Each pattern takes linear time: with the flag s the rest of a line always matches, so that nothing before it
// is tried again, and no two parts beside each other match the same characters.
const HEADING = /^(#{1,6})\s+(.*)$/s;
const ITEM = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/s;
const RULER = /^[\s:|-]+$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/s;
/** How deep quotes may stand in quotes; what is deeper is text. */
const MOST_QUOTES = 8;

/** The blocks of a text, as elements. Headings start at the given level. */
export function markdown(text, { level = 2, quotes = 0 } = {}) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = read(lines, at, { level, quotes });
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

/** The block that begins at a line, and the line after it. */
function read(lines, at, { level, quotes }) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  const heading = HEADING.exec(line);
  if (heading) return [title(heading, level), at + 1];
  if (isRow(line) && isRuler(lines[at + 1] ?? "")) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  if (QUOTE.test(line) && quotes < MOST_QUOTES) return quote(lines, at, { level, quotes: quotes + 1 });
  return paragraph(lines, at);
}

function title([, marks, words], level) {
  return h(`h${Math.min(6, level + marks.length - 1)}`, { dir: "auto" }, inline(words));
}

function quote(lines, at, options) {
  const end = after(lines, at, (line) => QUOTE.test(line));
  const inside = lines.slice(at, end).map((line) => QUOTE.exec(line)[1]);
  return [h("blockquote", {}, markdown(inside.join("\n"), options)), end];
}

function paragraph(lines, at) {
  const end = after(lines, at + 1, (line) => line.trim() && !begins(line));
  return [unit("p", lines.slice(at, end).join(" ")), end];
}

function list(lines, at) {
  const isNumbered = Boolean(ITEM.exec(lines[at])[1]);
  const items = [];
  let next = at;
  while (next < lines.length && ITEM.test(lines[next])) {
    const end = after(lines, next + 1, (line) => line.trim() && !begins(line));
    const words = [ITEM.exec(lines[next])[2], ...lines.slice(next + 1, end)];
    items.push(unit("li", words.map((line) => line.trim()).join(" ")));
    next = end;
  }
  return [h(isNumbered ? "ol" : "ul", {}, items), next];
}

function table(lines, at) {
  const end = after(lines, at + 2, isRow);
  const head = cells(lines[at]).map((words) => h("th", { scope: "col", dir: "auto" }, inline(words)));
  const rows = lines.slice(at + 2, end).map((line) => h("tr", {}, cells(line).map(cell)));
  const body = h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  return [h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": gettext("Table") }, body), end];
}

function cell(words) {
  return h("td", { dir: "auto" }, inline(words));
}

function cells(line) {
  return line.trim().slice(1, -1).split("|").map((words) => words.trim());
}

function begins(line) {
  return HEADING.test(line) || ITEM.test(line) || QUOTE.test(line) || isRow(line);
}

/** Whether a line is a row of a table: it begins and ends with a bar. */
function isRow(line) {
  const words = line.trim();
  return words.length > 1 && words.startsWith("|") && words.endsWith("|");
}

/** Whether a line divides the head of a table from its rows. */
function isRuler(line) {
  return line.includes("-") && RULER.test(line);
}

function after(lines, at, goesOn) {
  let end = at;
  while (end < lines.length && goesOn(lines[end])) end += 1;
  return end;
}

function unit(name, words) {
  const code = RULE.exec(words)?.[1];
  return h(name, { dir: "auto", "data-rule": code, tabindex: code ? "-1" : null }, inline(words));
}

/** Bold, italic and code; what is between them is text. */
function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, soft] = match;
    if (match.index > from) nodes.push(text.slice(from, match.index));
    if (code !== undefined) nodes.push(h("code", {}, code));
    else if (strong !== undefined) nodes.push(h("strong", {}, inline(strong)));
    else nodes.push(h("em", {}, soft));
    from = match.index + whole.length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}
