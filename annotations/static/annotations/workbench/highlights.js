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
    this.drawn = new Map();
    /** @type {(Span | null)[]} the chosen span and those related to it, as they are drawn */
    this.lit = [null];
    /** @type {string | undefined} the id of the span that a drag points at */
    this.aimed = undefined;
    this.isSupported = typeof Highlight === "function" && Boolean(CSS.highlights);
    this.layers = this.isSupported ? registerHighlights(LAYERS) : new Map();
    model.on("change", () => this.draw());
    model.on("choose", () => this.draw());
    this.draw();
  }

  /** Draw what is different from the last time. */
  draw() {
    if (!this.isSupported) return;
    const { model } = this;
    for (const [id, drawn] of this.drawn) {
      if (model.span(id) !== drawn.span || model.isOpen(id) !== drawn.isOpen) this.wipe(id, drawn);
    }
    for (const span of model.ordered) {
      if (!this.drawn.has(span.id)) this.put(span);
    }
    this.drawChosen();
  }

  /** @param {Span} span */
  put(span) {
    const isOpen = this.model.isOpen(span.id);
    const range = this.textNodes.still(...this.model.range(span));
    this.layers.get(span.label)?.add(range);
    if (isOpen) this.layers.get("unsaved")?.add(range);
    this.drawn.set(span.id, { span, isOpen, range });
  }

  /**
   * @param {string} id
   * @param {DrawnSpan} drawn
   */
  wipe(id, { span, range }) {
    this.layers.get(span.label)?.delete(range);
    this.layers.get("unsaved")?.delete(range);
    this.drawn.delete(id);
  }

  drawChosen() {
    const { chosen } = this.model;
    const related = chosen ? this.related(chosen) : [];
    const wanted = [chosen, ...related];
    if (wanted.length === this.lit.length && wanted.every((span, at) => span === this.lit[at])) return;
    this.lit = wanted;
    this.layers.get("selected")?.clear();
    this.layers.get("related")?.clear();
    for (const span of related) this.layers.get("related")?.add(this.textNodes.still(...this.model.range(span)));
    if (chosen) this.layers.get("selected")?.add(this.textNodes.still(...this.model.range(chosen)));
  }

  /**
   * Light up the mark that a drag points at, as if it were related already; null for none.
   *
   * @param {Span | null} span
   */
  aim(span) {
    if (!this.isSupported || this.aimed === span?.id) return;
    this.aimed = span?.id;
    this.lit = [];
    this.drawChosen();
    if (span) this.layers.get("related")?.add(this.textNodes.still(...this.model.range(span)));
  }

  /** @param {Span} span */
  related({ id }) {
    const ends = this.model.relationsOf(id).map(({ source, target }) => (source === id ? target : source));
    return ends.map((end) => this.model.span(end)).filter((span) => span !== null);
  }
}
