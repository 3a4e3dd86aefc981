// @ts-check
/**
 * A small part of Markdown, as a tree: headings, paragraphs, lists, tables, quotes; bold, italic and
 * code inside. Everything else stays the text that it is, so whatever a person writes is only shown.
 * A list item or paragraph that begins with a bold code such as **B1** is a rule, and carries its code.
 */

const RULE = /^\*\*([A-Z]{1,3}\d{1,3})\*\*/;
const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*(?!\s)([^*]+?)\*/gsu;
// Each pattern takes linear time: with the flag s the rest of a line always matches, so that nothing before it
// is tried again, and no two parts beside each other match the same characters.
const HEADING = /^(#{1,6})\s+(.*)$/s;
const ITEM = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/s;
const TABLE_RULER = /^[\s:|-]+$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/s;
/** How deep quotes may stand in quotes; what is deeper is text. */
const MAX_QUOTES = 8;

/** @type {HeadingTag[]} */
const HEADING_TAGS = ["h1", "h2", "h3", "h4", "h5", "h6"];

/**
 * Parse a text into blocks. The highest heading (`#`) gets the given level.
 *
 * @param {string} text
 * @param {{ level?: number, quotes?: number }} [options] `quotes`: how many quotes the text stands in
 * @returns {MarkdownNode[]}
 */
export function parseMarkdown(text, { level = 2, quotes = 0 } = {}) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  for (let index = 0; index < lines.length; ) {
    const [block, next] = parseBlock(lines, index, { level, quotes });
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
 * @param {{ level: number, quotes: number }} options
 * @returns {[MarkdownNode | null, number]}
 */
function parseBlock(lines, index, { level, quotes }) {
  const line = lines[index] ?? "";
  if (!line.trim()) return [null, index + 1];
  const [, signs, words] = HEADING.exec(line) ?? [];
  if (signs && words !== undefined) return [createHeading(level + signs.length - 1, words), index + 1];
  if (isTableRow(line) && isTableRuler(lines[index + 1] ?? "")) return parseTable(lines, index);
  if (ITEM.test(line)) return parseList(lines, index);
  if (QUOTE.test(line) && quotes < MAX_QUOTES) return parseQuote(lines, index, { level, quotes: quotes + 1 });
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
 * @param {{ level: number, quotes: number }} options
 * @returns {[MarkdownNode, number]}
 */
function parseQuote(lines, index, options) {
  const end = findEnd(lines, index, (line) => QUOTE.test(line));
  const inside = lines.slice(index, end).map((line) => QUOTE.exec(line)?.[1] ?? "");
  return [{ tag: "blockquote", children: parseMarkdown(inside.join("\n"), options) }, end];
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
  const end = findEnd(lines, index + 2, isTableRow);
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
  return line.trim() !== "" && !isTableRow(line) && ![HEADING, ITEM, QUOTE].some((pattern) => pattern.test(line));
}

/**
 * Whether a line is a row of a table: it begins and ends with a bar.
 *
 * @param {string} line
 */
function isTableRow(line) {
  const words = line.trim();
  return words.length > 1 && words.startsWith("|") && words.endsWith("|");
}

/**
 * Whether a line divides the head of a table from its rows.
 *
 * @param {string} line
 */
function isTableRuler(line) {
  return line.includes("-") && TABLE_RULER.test(line);
}

/**
 * The first line from an index on that does not belong to a block.
 *
 * @param {string[]} lines
 * @param {number} index
 * @param {(line: string) => boolean} belongs
 */
function findEnd(lines, index, belongs) {
  let end = index;
  while (end < lines.length && belongs(lines[end] ?? "")) end += 1;
  return end;
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
