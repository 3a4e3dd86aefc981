// @ts-check
/** A strip beside the text, as long as the window: where marks, problems and hits lie in the whole article. */

import { revealRange } from "./articleText.js";
import { createElement, parentOf } from "./dom.js";
import { formatCount, gettext, ngettext } from "./translation.js";

const WIDTH = 14;
/** Each kind has a column of its own, so that none is told by its colour alone. */
const COLUMNS = /** @type {Record<"span" | "problem" | "hit", UnitRange>} */ ({ span: [0, 6], problem: [6, 4], hit: [10, 4] });

export class OverviewStrip {
  /** @param {Pick<Services, "model" | "textNodes" | "search" | "text">} services */
  constructor({ model, textNodes, search, text }) {
    this.model = model;
    this.textNodes = textNodes;
    this.search = search;
    this.canvas = createElement("canvas", { class: "strip", role: "img", "data-part": "strip" });
    parentOf(text).append(createElement("div", { class: "strip-column" }, this.canvas));
    this.canvas.addEventListener("click", (event) => this.onClick(event));
    this.frame = 0;
    model.on("change", () => this.drawLater());
    search.on("change", () => this.drawLater());
    new ResizeObserver(() => this.drawLater()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.drawLater());
  }

  drawLater() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const { model, canvas, search } = this;
    canvas.setAttribute("aria-label", this.describe());
    const height = canvas.clientHeight;
    const context = canvas.getContext("2d");
    if (!height || !context) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = WIDTH * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    const style = getComputedStyle(document.body);
    /** @param {string} name */
    const colour = (name) => (context.fillStyle = resolveColour(canvas, style.getPropertyValue(`--wb-${name}`)));
    const per = height / Math.max(1, this.textNodes.length);
    /** @type {(column: UnitRange, range: UnitRange) => void} */
    const fill = ([x, width], [start, end]) => context.fillRect(x, start * per, width, Math.max(2, (end - start) * per));
    for (const label of ["actor", "claim", "position"]) {
      colour(label === "actor" ? "actor-ink" : label);
      for (const span of model.listedSpans) if (span.label === label) fill(COLUMNS.span, model.unitRangeOf(span));
    }
    colour("danger");
    for (const span of model.listedSpans) if (model.problemsBySpan.has(span.id)) fill(COLUMNS.problem, model.unitRangeOf(span));
    colour("accent");
    for (const hit of search.hits) fill(COLUMNS.hit, hit);
  }

  /** The strip in words. */
  describe() {
    const { model, search } = this;
    const problems = (model.problems ?? []).length;
    const counts = [
      formatCount(ngettext("%(n)s mark", "%(n)s marks", model.listedSpans.length), model.listedSpans.length),
      formatCount(ngettext("%(n)s problem", "%(n)s problems", problems), problems),
      formatCount(ngettext("%(n)s hit", "%(n)s hits", search.hits.length), search.hits.length),
    ];
    return `${gettext("The whole article")}: ${counts.join(", ")}`;
  }

  /** @param {MouseEvent} event */
  onClick({ offsetY }) {
    const units = Math.round((offsetY / Math.max(1, this.canvas.clientHeight)) * this.textNodes.length);
    const start = Math.max(0, Math.min(units, this.textNodes.length - 1));
    revealRange(this.textNodes, start, start + 1);
  }
}

/**
 * The colour that a style sheet means: canvases know no `light-dark()`.
 *
 * @param {HTMLElement} element
 * @param {string} value
 */
function resolveColour(element, value) {
  element.style.setProperty("color", value);
  return getComputedStyle(element).color;
}
