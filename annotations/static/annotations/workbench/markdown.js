// @ts-check
/**
 * A small part of Markdown, as a tree: headings, paragraphs, lists, tables, quotes; bold, italic and
 * code inside. Everything else stays the text that it is, so whatever a person writes is only shown.
 * A list item or paragraph that begins with a bold code such as **B1** is a rule, and carries its code.
 */

const RULE = /^\*\*([A-Z]{1,3}\d{1,3})\*\*/;
const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*(?!\s)([^*]+?)\*/gu;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const TABLE_ROW = /^\s*\|.*\|\s*$/;
const TABLE_RULER = /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;

/** @type {HeadingTag[]} */
const HEADING_TAGS = ["h1", "h2", "h3", "h4", "h5", "h6"];

/**
 * Parse a text into blocks. The highest heading (`#`) gets the given level.
 *
 * @param {string} text
 * @param {{ level?: number }} [options]
 * @returns {MarkdownNode[]}
 */
export function parseMarkdown(text, { level = 2 } = {}) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  for (let index = 0; index < lines.length; ) {
    const [block, next] = parseBlock(lines, index, level);
    if (block) blocks.push(block);
    index = next;
  }
  return blocks;
}

/**
 * Parse the block that begins at a line; answers it and the line after it.
 *
 * @param {string[]} lines
 * @param {number} index
 * @param {number} level
 * @returns {[MarkdownNode | null, number]}
 */
function parseBlock(lines, index, level) {
  const line = lines[index] ?? "";
  if (!line.trim()) return [null, index + 1];
  const [, signs, words] = HEADING.exec(line) ?? [];
  if (signs && words !== undefined) return [createHeading(level + signs.length - 1, words), index + 1];
  if (TABLE_ROW.test(line) && TABLE_RULER.test(lines[index + 1] ?? "")) return parseTable(lines, index);
  if (ITEM.test(line)) return parseList(lines, index);
  if (QUOTE.test(line)) return parseQuote(lines, index, level);
  return parseParagraph(lines, index);
}

/**
 * @param {number} level
 * @param {string} words
 * @returns {MarkdownNode}
 */
function createHeading(level, words) {
  return { tag: HEADING_TAGS[level - 1] ?? "h6", children: parseInline(words) };
}

/**
 * @param {string[]} lines
 * @param {number} index
 * @param {number} level
 * @returns {[MarkdownNode, number]}
 */
function parseQuote(lines, index, level) {
  const end = findEnd(lines, index, (line) => QUOTE.test(line));
  const inside = lines.slice(index, end).map((line) => QUOTE.exec(line)?.[1] ?? "");
  return [{ tag: "blockquote", children: parseMarkdown(inside.join("\n"), { level }) }, end];
}

/**
 * @param {string[]} lines
 * @param {number} index
 * @returns {[MarkdownNode, number]}
 */
function parseParagraph(lines, index) {
  const end = findEnd(lines, index + 1, continuesParagraph);
  return [createRule("p", lines.slice(index, end).join(" ")), end];
}

/**
 * @param {string[]} lines
 * @param {number} index
 * @returns {[MarkdownNode, number]}
 */
function parseList(lines, index) {
  const isNumbered = Boolean(ITEM.exec(lines[index] ?? "")?.[1]);
  const items = [];
  let next = index;
  for (let item = ITEM.exec(lines[next] ?? ""); item; item = ITEM.exec(lines[next] ?? "")) {
    const end = findEnd(lines, next + 1, continuesParagraph);
    const words = [item[2] ?? "", ...lines.slice(next + 1, end)];
    items.push(createRule("li", words.map((line) => line.trim()).join(" ")));
    next = end;
  }
  return [{ tag: isNumbered ? "ol" : "ul", children: items }, next];
}

/**
 * @param {string[]} lines
 * @param {number} index
 * @returns {[MarkdownNode, number]}
 */
function parseTable(lines, index) {
  const end = findEnd(lines, index + 2, (line) => TABLE_ROW.test(line));
  const head = createTableRow("th", lines[index] ?? "");
  const rows = lines.slice(index + 2, end).map((line) => createTableRow("td", line));
  const parts = [
    { tag: "thead", children: [head] },
    { tag: "tbody", children: rows },
  ];
  return [{ tag: "table", children: /** @type {MarkdownNode[]} */ (parts) }, end];
}

/**
 * @param {"th" | "td"} tag
 * @param {string} line
 * @returns {MarkdownNode}
 */
function createTableRow(tag, line) {
  const cells = line.trim().slice(1, -1).split("|");
  return { tag: "tr", children: cells.map((words) => ({ tag, children: parseInline(words.trim()) })) };
}

/** @param {string} line */
function continuesParagraph(line) {
  return line.trim() !== "" && ![HEADING, ITEM, QUOTE, TABLE_ROW].some((pattern) => pattern.test(line));
}

/**
 * The first line from an index on that does not belong to a block.
 *
 * @param {string[]} lines
 * @param {number} index
 * @param {(line: string) => boolean} belongs
 */
function findEnd(lines, index, belongs) {
  const found = lines.slice(index).findIndex((line) => !belongs(line));
  return found < 0 ? Math.max(index, lines.length) : index + found;
}

/**
 * @param {"p" | "li"} tag
 * @param {string} words
 * @returns {MarkdownNode}
 */
function createRule(tag, words) {
  const rule = RULE.exec(words)?.[1];
  return { tag, ...(rule && { rule }), children: parseInline(words) };
}

/**
 * Parse bold, italic and code; what is between them is text.
 *
 * @param {string} text
 * @returns {MarkdownChild[]}
 */
function parseInline(text) {
  /** @type {MarkdownChild[]} */
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis] = match;
    if (match.index > from) nodes.push(text.slice(from, match.index));
    if (code !== undefined) nodes.push({ tag: "code", children: [code] });
    else if (strong !== undefined) nodes.push({ tag: "strong", children: parseInline(strong) });
    else nodes.push({ tag: "em", children: [emphasis ?? ""] });
    from = match.index + whole.length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}
