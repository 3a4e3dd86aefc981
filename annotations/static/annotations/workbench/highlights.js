// @ts-check
/**
 * Marks in the text, by the CSS Custom Highlight API: the text stays untouched, however many marks
 * lie over each other. The style sheet gives each label another kind of decoration. Static ranges: a
 * browser adjusts every live one at each change of the page, and there may be thousands.
 */

/** Names with their priorities: of two backgrounds the higher one shows. */
const LAYERS = { actor: 0, claim: 1, position: 2, unsaved: 3, related: 4, selected: 5 };

/**
 * Register highlights that the style sheet knows by their names.
 *
 * @param {Record<string, number>} priorities
 * @returns {Map<string, Highlight>}
 */
export function registerHighlights(priorities) {
  const layers = new Map();
  for (const [name, priority] of Object.entries(priorities)) {
    const layer = new Highlight();
    layer.priority = priority;
    CSS.highlights.set(name, layer);
    layers.set(name, layer);
  }
  return layers;
}

export class Highlights {
  /**
   * @param {Model} model
   * @param {TextNodes} textNodes
   */
  constructor(model, textNodes) {
    this.model = model;
    this.textNodes = textNodes;
    /** @type {Map<string, DrawnSpan>} */
    this.drawnSpans = new Map();
    /** @type {(Span | null)[]} the chosen span and those related to it, as they are drawn */
    this.litSpans = [null];
    /** @type {string | undefined} the id of the span that a drag points at */
    this.targetId = undefined;
    this.isSupported = typeof Highlight === "function" && Boolean(CSS.highlights);
    this.layers = this.isSupported ? registerHighlights(LAYERS) : new Map();
    model.on("change", () => this.draw());
    model.on("choose", () => this.draw());
    this.draw();
  }

  /** Draw the differences from the last time. */
  draw() {
    if (!this.isSupported) return;
    const { model } = this;
    for (const [id, drawn] of this.drawnSpans) {
      const isSame = model.findSpan(id) === drawn.span && model.isUnsaved(id) === drawn.isOpen;
      if (!isSame || (model.isFiltered && !model.isListed(drawn.span))) this.eraseSpan(id, drawn);
    }
    for (const span of model.listedSpans) {
      if (!this.drawnSpans.has(span.id)) this.drawSpan(span);
    }
    this.drawCurrent();
  }

  /** @param {Span} span */
  drawSpan(span) {
    const isOpen = this.model.isUnsaved(span.id);
    const range = this.textNodes.createStaticRange(...this.model.unitRangeOf(span));
    this.layers.get(span.label)?.add(range);
    if (isOpen) this.layers.get("unsaved")?.add(range);
    this.drawnSpans.set(span.id, { span, isOpen, range });
  }

  /**
   * @param {string} id
   * @param {DrawnSpan} drawn
   */
  eraseSpan(id, { span, range }) {
    this.layers.get(span.label)?.delete(range);
    this.layers.get("unsaved")?.delete(range);
    this.drawnSpans.delete(id);
  }

  drawCurrent() {
    const { currentSpan } = this.model;
    const related = currentSpan ? this.relatedSpans(currentSpan) : [];
    const wanted = [currentSpan, ...related];
    if (wanted.length === this.litSpans.length && wanted.every((span, at) => span === this.litSpans[at])) return;
    this.litSpans = wanted;
    this.layers.get("selected")?.clear();
    this.layers.get("related")?.clear();
    for (const span of related) this.layers.get("related")?.add(this.textNodes.createStaticRange(...this.model.unitRangeOf(span)));
    if (currentSpan) this.layers.get("selected")?.add(this.textNodes.createStaticRange(...this.model.unitRangeOf(currentSpan)));
  }

  /**
   * Light up the mark that a drag points at, as if it were related already; null for none.
   *
   * @param {Span | null} span
   */
  highlightTarget(span) {
    if (!this.isSupported || this.targetId === span?.id) return;
    this.targetId = span?.id;
    this.litSpans = [];
    this.drawCurrent();
    if (span) this.layers.get("related")?.add(this.textNodes.createStaticRange(...this.model.unitRangeOf(span)));
  }

  /** @param {Span} span */
  relatedSpans({ id }) {
    const ends = this.model.relationsOf(id).map(({ source, target }) => (source === id ? target : source));
    return ends.map((end) => this.model.findSpan(end)).filter((span) => span !== null);
  }
}
