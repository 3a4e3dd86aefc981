// @ts-check
/** The data card of a release, which the server sends as Markdown, drawn as headings, tables and lists. */

import { renderGuideline } from "./workbench/guidelineText.js";

/** Headings of the card stand below the one of its section. */
const LEVEL = 3;

for (const place of document.querySelectorAll("[data-card]")) {
  place.replaceChildren(...renderGuideline(place.textContent ?? "", LEVEL));
  // a guideline has few tables; here several would have one name
  [...place.querySelectorAll("[role=region]")].forEach((table, index) => {
    table.setAttribute("aria-label", `${table.getAttribute("aria-label")} ${index + 1}`);
  });
}
