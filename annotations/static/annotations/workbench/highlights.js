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
    this.ranges = new Map();
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
    const wanted = this.wanted();
    for (const [key, { layer, range }] of this.ranges) {
      if (wanted.has(key)) continue;
      this.layers[layer].delete(range);
      this.ranges.delete(key);
    }
    for (const [key, [layer, span]] of wanted) {
      if (!this.ranges.has(key)) this.add(key, layer, span);
    }
  }

  wanted() {
    const { model } = this;
    const wanted = new Map();
    const want = (layer, span) => wanted.set(`${layer} ${span.id} ${span.start} ${span.end}`, [layer, span]);
    for (const span of model.ordered) {
      want(span.label, span);
      if (model.isOpen(span.id)) want("unsaved", span);
    }
    if (model.chosen) {
      for (const span of this.related(model.chosen)) want("related", span);
      want("selected", model.chosen);
    }
    return wanted;
  }

  related({ id }) {
    const ends = this.model.relationsOf(id).map(({ source, target }) => (source === id ? target : source));
    return ends.map((end) => this.model.span(end)).filter(Boolean);
  }

  add(key, layer, span) {
    if (!this.layers[layer]) return;
    const range = this.places.still(...this.model.range(span));
    this.layers[layer].add(range);
    this.ranges.set(key, { layer, range });
  }
}
