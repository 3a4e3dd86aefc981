/**
 * Marks in the text, by the CSS Custom Highlight API: the text stays untouched, however many marks
 * lie over each other. The style sheet gives each label another kind of decoration. Static ranges: a
 * browser adjusts every live one at each change of the page, and there may be thousands.
 */

/** From the lowest to the highest: of two backgrounds the higher one shows. */
const LAYERS = ["actor", "claim", "position", "unsaved", "related", "selected"];

export class Highlights {
  constructor(model, places) {
    this.model = model;
    this.places = places;
    this.drawn = new Map();
    this.lit = [null];
    this.isSupported = typeof Highlight === "function" && Boolean(CSS.highlights);
    this.layers = this.isSupported ? this.register() : null;
    model.addEventListener("change", () => this.draw());
    model.addEventListener("choose", () => this.draw());
    this.draw();
  }

  register() {
    const layers = {};
    LAYERS.forEach((name, priority) => {
      layers[name] = new Highlight();
      layers[name].priority = priority;
      CSS.highlights.set(name, layers[name]);
    });
    return layers;
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

  put(span) {
    const isOpen = this.model.isOpen(span.id);
    const range = this.places.still(...this.model.range(span));
    this.layers[span.label]?.add(range);
    if (isOpen) this.layers.unsaved.add(range);
    this.drawn.set(span.id, { span, isOpen, range });
  }

  wipe(id, { span, range }) {
    this.layers[span.label]?.delete(range);
    this.layers.unsaved.delete(range);
    this.drawn.delete(id);
  }

  drawChosen() {
    const { chosen } = this.model;
    const related = chosen ? this.related(chosen) : [];
    const wanted = [chosen, ...related];
    if (wanted.length === this.lit.length && wanted.every((span, at) => span === this.lit[at])) return;
    this.lit = wanted;
    this.layers.selected.clear();
    this.layers.related.clear();
    for (const span of related) this.layers.related.add(this.places.still(...this.model.range(span)));
    if (chosen) this.layers.selected.add(this.places.still(...this.model.range(chosen)));
  }

  /** Light up the mark that a drag points at, as if it were related already; null for none. */
  aim(span) {
    if (!this.isSupported || this.aimed === span?.id) return;
    this.aimed = span?.id;
    this.lit = [];
    this.drawChosen();
    if (span) this.layers.related.add(this.places.still(...this.model.range(span)));
  }

  related({ id }) {
    const ends = this.model.relationsOf(id).map(({ source, target }) => (source === id ? target : source));
    return ends.map((end) => this.model.span(end)).filter(Boolean);
  }
}
