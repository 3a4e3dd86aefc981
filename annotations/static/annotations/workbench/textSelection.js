/**
 * What is selected in the article, by mouse, touch or keys. The document's own selection is the one
 * truth; keys move its ends, since no browser lets them do so in a text that cannot be edited.
 */

import { isRightToLeft, revealRange } from "./articleText.js";
import { Caret, caretBoxAt } from "./caret.js";

const IS_MAC = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);

export class TextSelection extends EventTarget {
  constructor(places, segments) {
    super();
    this.places = places;
    this.segments = segments;
    this.root = places.root;
    this.caret = new Caret(this.root.parentElement, places);
    this.anchor = 0;
    this.focus = 0;
    document.addEventListener("selectionchange", () => this.read());
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("focus", () => this.onFocus());
    this.root.addEventListener("blur", () => this.caret.hide());
  }

  /** The selected range in units, whole characters only; null if nothing is selected. */
  get range() {
    if (this.anchor === this.focus) return null;
    const ends = [Math.min(this.anchor, this.focus), Math.max(this.anchor, this.focus)];
    return this.segments.whole(...ends);
  }

  /** Take over what the document says; a selection elsewhere leaves ours as it was. */
  read() {
    const selection = document.getSelection();
    if (!selection.rangeCount) return;
    const anchor = this.place(selection.anchorNode, selection.anchorOffset);
    const focus = this.place(selection.focusNode, selection.focusOffset);
    if (anchor === null && focus === null) return;
    this.anchor = anchor ?? this.beyond(selection.anchorNode);
    this.focus = focus ?? this.beyond(selection.focusNode);
    this.told();
  }

  place(node, offset) {
    return node && this.places.units(node, offset);
  }

  /** A drag that left the text ends at its border. */
  beyond(node) {
    const isBefore = this.root.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    return isBefore ? 0 : this.places.length;
  }

  told() {
    if (document.activeElement === this.root) this.caret.show(this.focus);
    this.dispatchEvent(new Event("change"));
  }

  /** Select from `anchor` to `focus`. */
  set(anchor, focus = anchor) {
    const isBackward = focus < anchor;
    const from = this.places.point(anchor, anchor !== focus && isBackward);
    const to = this.places.point(focus, anchor !== focus && !isBackward);
    document.getSelection().setBaseAndExtent(...from, ...to);
    this.anchor = anchor;
    this.focus = focus;
    this.told();
  }

  /** Keep the place, select nothing. */
  collapse() {
    this.set(this.focus);
  }

  onFocus() {
    const selection = document.getSelection();
    const isHere = this.place(selection.anchorNode, selection.anchorOffset) !== null;
    // by mouse the selection follows the focus; by keys it has to be put there
    if (!isHere) this.set(this.anchor, this.focus);
    else this.told();
  }

  onKey(event) {
    const motion = motionOf(event);
    if (!motion) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(motion, event.shiftKey);
  }

  move({ unit, step, isVisual }, extend) {
    const turned = isVisual && isRightToLeft(this.places, this.focus) ? -step : step;
    if (!extend && this.range && unit === "grapheme") {
      return this.go(turned > 0 ? this.range[1] : this.range[0], false);
    }
    return this.go(this.target(unit, turned, extend), extend);
  }

  target(unit, step, extend) {
    if (unit === "text") return step > 0 ? this.places.length : 0;
    if (unit === "line" || unit === "lineboundary") return this.byLayout(unit, step, extend);
    return this.segments.move(this.focus, unit, step);
  }

  /** Lines are made by the browser, so it is asked where the next one is. */
  byLayout(unit, step, extend) {
    const selection = document.getSelection();
    const direction = step > 0 ? "forward" : "backward";
    selection.modify(extend ? "extend" : "move", direction, unit);
    const found = this.place(selection.focusNode, selection.focusOffset);
    return found ?? (step > 0 ? this.places.length : 0);
  }

  go(units, extend) {
    this.set(extend ? this.anchor : units, units);
    revealRange(this.places, ...this.seen(units));
    this.dispatchEvent(new Event("moved"));
  }

  seen(units) {
    return units < this.places.length ? [units, units + 1] : [Math.max(0, units - 1), units];
  }

  /** Select the word or sentence at the caret; again, and the next one joins. */
  grow(granularity) {
    const found = this.range ? this.grown(granularity, ...this.range) : this.segments.around(this.focus, granularity);
    if (found) this.set(...found);
    revealRange(this.places, ...this.seen(this.focus));
    this.dispatchEvent(new Event("moved"));
  }

  /** The range made whole, or with the next word or sentence if it is that already. */
  grown(granularity, start, end) {
    const { segments, places } = this;
    const first = segments.around(start, granularity) ?? [start, end];
    const from = Math.min(start, first[0]);
    if (first[0] < start || first[1] > end) return [from, Math.max(end, first[1])];
    for (let next = segments.after(end, granularity); ; next = segments.after(next, granularity)) {
      const [, to] = segments.trimmed(from, next);
      if (to > end || next >= places.length) return [from, to];
    }
  }

  /** The place in the viewport where the selection ends. */
  box() {
    return caretBoxAt(this.places, this.focus);
  }
}

/** Which way a key moves the caret; null for every other key. */
function motionOf(event) {
  const { key, ctrlKey, altKey, metaKey } = event;
  const steps = { ArrowLeft: -1, ArrowUp: -1, Home: -1, ArrowRight: 1, ArrowDown: 1, End: 1 };
  const step = steps[key];
  if (!step) return null;
  if (key === "Home" || key === "End") return altKey || metaKey ? null : boundaryMotion(ctrlKey, step);
  const isVertical = key === "ArrowUp" || key === "ArrowDown";
  if (metaKey) return IS_MAC ? boundaryMotion(isVertical, step) : null;
  if (isVertical) return { unit: verticalUnit(ctrlKey, altKey), step };
  // Alt with an arrow goes back and forth in the history, but not on a Mac
  if (altKey && !IS_MAC) return null;
  return { unit: ctrlKey || altKey ? "word" : "grapheme", step, isVisual: true };
}

function boundaryMotion(isText, step) {
  return { unit: isText ? "text" : "lineboundary", step };
}

function verticalUnit(ctrlKey, altKey) {
  if (ctrlKey) return "paragraph";
  return altKey ? "sentence" : "line";
}
