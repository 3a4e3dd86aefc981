// @ts-check
/**
 * What is selected in the article, by mouse, touch or keys. The document's own selection is the one
 * truth; keys move its ends, since no browser lets them do so in a text that cannot be edited.
 */

import { isRightToLeft, revealRange } from "./articleText.js";
import { Caret, caretBoxAt } from "./caret.js";
import { isTyping, parentOf } from "./dom.js";
import { Emitter } from "./emitter.js";

const IS_MAC = /mac|iphone|ipad/i.test(navigator.platform);

/** @extends {Emitter<{ change: null, moved: null }>} */
export class TextSelection extends Emitter {
  /**
   * @param {TextNodes} textNodes
   * @param {Segments} segments
   */
  constructor(textNodes, segments) {
    super();
    this.textNodes = textNodes;
    this.segments = segments;
    this.root = textNodes.root;
    this.caret = new Caret(parentOf(this.root), textNodes);
    this.anchor = 0;
    this.focus = 0;
    /** Whether the last thing that happened was a press into the text: then the browser selects from there. */
    this.isPressed = false;
    for (const press of ["pointerdown", "mousedown"]) document.addEventListener(press, (event) => this.onPress(event), true);
    document.addEventListener("keydown", () => this.forgetPress(), true);
    document.addEventListener("selectionchange", () => this.readDocument());
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("focus", () => this.onFocus());
    this.root.addEventListener("blur", () => this.caret.hide());
  }

  /**
   * The selected range in units, whole characters only; null if nothing is selected.
   *
   * @returns {UnitRange | null}
   */
  get range() {
    if (this.anchor === this.focus) return null;
    return this.segments.widenToCharacters(Math.min(this.anchor, this.focus), Math.max(this.anchor, this.focus));
  }

  /** Read the selection of the document. One outside the text leaves ours as it was. */
  readDocument() {
    const selection = document.getSelection();
    if (!selection?.rangeCount) return;
    const anchor = this.offsetOf(selection.anchorNode, selection.anchorOffset);
    const focus = this.offsetOf(selection.focusNode, selection.focusOffset);
    if (anchor === null && focus === null) return;
    this.anchor = anchor ?? this.nearestEnd(selection.anchorNode);
    this.focus = focus ?? this.nearestEnd(selection.focusNode);
    this.notify();
  }

  /**
   * @param {Node | null} node
   * @param {number} offset
   */
  offsetOf(node, offset) {
    return node && this.textNodes.offsetOf(node, offset);
  }

  /**
   * The border of the text at which a drag ends that has left it.
   *
   * @param {Node | null} node
   */
  nearestEnd(node) {
    const isBefore = node && this.root.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    return isBefore ? 0 : this.textNodes.length;
  }

  notify() {
    if (document.activeElement === this.root) this.caret.show(this.focus);
    this.emit("change");
  }

  /**
   * Select from `anchor` to `focus`.
   *
   * @param {number} anchor
   * @param {number} [focus]
   */
  select(anchor, focus = anchor) {
    const isBackward = focus < anchor;
    const from = this.textNodes.positionAt(anchor, anchor !== focus && isBackward);
    const to = this.textNodes.positionAt(focus, anchor !== focus && !isBackward);
    document.getSelection()?.setBaseAndExtent(...from, ...to);
    this.anchor = anchor;
    this.focus = focus;
    this.notify();
  }

  /** Collapse the selection to its end. */
  collapse() {
    this.select(this.focus);
  }

  /**
   * Put the caret where a chosen span begins, unless it stands in the span or words are selected. While somebody
   * types in a field, the selection of the document stays there.
   *
   * @param {number} start
   * @param {number} end
   */
  followTo(start, end) {
    if (this.range || (start <= this.focus && this.focus <= end)) return;
    if (!isTyping(document.activeElement)) return this.select(start);
    this.anchor = start;
    this.focus = start;
  }

  /** @param {Event} event */
  onPress(event) {
    this.isPressed = event.target instanceof Node && this.root.contains(event.target);
    // a press with Shift would select from a place outside the text, which is none of ours
    if (this.isPressed && !this.isDocumentHere()) document.getSelection()?.removeAllRanges();
  }

  forgetPress() {
    this.isPressed = false;
  }

  /** Whether the selection of the document begins in the text. */
  isDocumentHere() {
    const selection = document.getSelection();
    return Boolean(selection && this.offsetOf(selection.anchorNode, selection.anchorOffset) !== null);
  }

  /** Whether the selection of the document is ours: the caret may have followed a span meanwhile. */
  isSameAsDocument() {
    const selection = document.getSelection();
    return Boolean(selection) && this.offsetOf(selection?.focusNode ?? null, selection?.focusOffset ?? 0) === this.focus;
  }

  /**
   * Put the selection back where it was when the focus comes by keys. After a press the browser is about to
   * select from there, and would go on from an old range that it finds in the text.
   */
  onFocus() {
    if (this.isPressed) return;
    if (this.isDocumentHere() && this.isSameAsDocument()) this.notify();
    else this.select(this.anchor, this.focus);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const motion = motionOf(event);
    if (!motion) return;
    event.preventDefault();
    event.stopPropagation();
    this.moveCaret(motion, event.shiftKey);
  }

  /**
   * @param {CaretMotion} motion
   * @param {boolean} extend
   */
  moveCaret({ unit, step, isVisual }, extend) {
    const turned = isVisual && isRightToLeft(this.textNodes, this.focus) ? -step : step;
    if (!extend && this.range && unit === "grapheme") {
      return this.goTo(turned > 0 ? this.range[1] : this.range[0], false);
    }
    return this.goTo(this.targetOf(unit, turned, extend), extend);
  }

  /**
   * @param {CaretMotion["unit"]} unit
   * @param {number} step
   * @param {boolean} extend
   */
  targetOf(unit, step, extend) {
    if (unit === "text") return step > 0 ? this.textNodes.length : 0;
    if (unit === "line" || unit === "lineboundary") return this.lineTarget(unit, step, extend);
    return this.segments.boundaryFrom(this.focus, unit, step);
  }

  /**
   * Ask the browser where the next line is, since it lays the lines out.
   *
   * @param {"line" | "lineboundary"} unit
   * @param {number} step
   * @param {boolean} extend
   */
  lineTarget(unit, step, extend) {
    const selection = document.getSelection();
    if (!selection) return this.focus;
    const direction = step > 0 ? "forward" : "backward";
    selection.modify(extend ? "extend" : "move", direction, unit);
    const found = this.offsetOf(selection.focusNode, selection.focusOffset);
    return found ?? (step > 0 ? this.textNodes.length : 0);
  }

  /**
   * @param {number} units
   * @param {boolean} extend
   */
  goTo(units, extend) {
    this.select(extend ? this.anchor : units, units);
    revealRange(this.textNodes, ...this.characterAt(units));
    this.emit("moved");
  }

  /**
   * @param {number} units
   * @returns {UnitRange}
   */
  characterAt(units) {
    return units < this.textNodes.length ? [units, units + 1] : [Math.max(0, units - 1), units];
  }

  /**
   * Select the word or sentence at the caret; again: extend the selection by the next one.
   *
   * @param {Granularity} granularity
   */
  growBy(granularity) {
    const found = this.range ? this.grownRange(granularity, ...this.range) : this.segments.segmentAround(this.focus, granularity);
    if (found) this.select(...found);
    revealRange(this.textNodes, ...this.characterAt(this.focus));
    this.emit("moved");
  }

  /**
   * Widen a range to whole words or sentences; if it is whole already, by the next one.
   *
   * @param {Granularity} granularity
   * @param {number} start
   * @param {number} end
   * @returns {UnitRange}
   */
  grownRange(granularity, start, end) {
    const { segments, textNodes } = this;
    const first = segments.segmentAround(start, granularity) ?? [start, end];
    const from = Math.min(start, first[0]);
    if (first[0] < start || first[1] > end) return [from, Math.max(end, first[1])];
    for (let next = segments.boundaryAfter(end, granularity); ; next = segments.boundaryAfter(next, granularity)) {
      const [, to] = segments.trimRange(from, next);
      if (to > end || next >= textNodes.length) return [from, to];
    }
  }

  /** The place in the viewport where the selection ends. */
  caretBox() {
    return caretBoxAt(this.textNodes, this.focus);
  }
}

/**
 * The motion of the caret that a key stands for; null for other keys.
 *
 * @param {KeyboardEvent} event
 * @returns {CaretMotion | null}
 */
function motionOf(event) {
  const { key, ctrlKey, altKey, metaKey } = event;
  /** @type {Record<string, number>} */
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

/**
 * @param {boolean} isText
 * @param {number} step
 * @returns {CaretMotion}
 */
function boundaryMotion(isText, step) {
  return { unit: isText ? "text" : "lineboundary", step };
}

/**
 * @param {boolean} ctrlKey
 * @param {boolean} altKey
 * @returns {CaretMotion["unit"]}
 */
function verticalUnit(ctrlKey, altKey) {
  if (ctrlKey) return "paragraph";
  return altKey ? "sentence" : "line";
}
