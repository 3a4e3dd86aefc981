// @ts-check
/** Arrow keys between the linked cells of a table; Enter follows the link, as everywhere. */

/** @type {Record<string, [number, number]>} rows and columns to go by key; columns turn round in right to left */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Return the link of the nearest cell in a direction, or null at the edge.
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} cell
 * @param {[number, number]} step
 * @returns {HTMLAnchorElement | null}
 */
export function nextLink(table, cell, [down, right]) {
  const start = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  let row = start.rowIndex + down;
  let column = cell.cellIndex + right;
  for (;;) {
    const next = table.rows[row]?.cells[column];
    if (!next) return null;
    const link = next.querySelector("a");
    if (link) return link;
    row += down;
    column += right;
  }
}

/**
 * Let arrow keys move in a table, whose cells are one stop of the tab key.
 * @param {HTMLTableElement} table
 */
export function addGridKeys(table) {
  const links = [...table.querySelectorAll("tbody td a")].map((link) => /** @type {HTMLAnchorElement} */ (link));
  links.forEach((link, place) => {
    link.tabIndex = place ? -1 : 0;
  });
  table.addEventListener("focusin", (event) => {
    const link = /** @type {HTMLElement} */ (event.target);
    if (!(link instanceof HTMLAnchorElement) || !link.closest("tbody td")) return;
    for (const each of links) each.tabIndex = each === link ? 0 : -1;
  });
  table.addEventListener("keydown", (event) => {
    const cell = /** @type {HTMLElement} */ (event.target).closest("td, th");
    const step = STEPS[event.key];
    if (!step || !(cell instanceof HTMLTableCellElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    const turned = getComputedStyle(table).direction === "rtl" ? -1 : 1;
    const link = nextLink(table, cell, [step[0], step[1] * turned]);
    if (link) {
      event.preventDefault();
      link.focus();
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  });
}

if (typeof document !== "undefined") {
  for (const table of document.querySelectorAll("[data-grid]")) {
    addGridKeys(/** @type {HTMLTableElement} */ (table));
  }
}
