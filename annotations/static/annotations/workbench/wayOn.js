// @ts-check
/** Where one goes from here: through the list that one came from, else to what the queue gives next. */

import { errorText } from "./api.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { gettext, interpolate } from "./translation.js";

/** The sign of the key that presses the button, which has the focus when a piece of work is finished. */
const createEnterSign = () => createElement("kbd", { "aria-hidden": "true" }, "↵");

export class WayOn {
  /** @param {Pick<Services, "model" | "api" | "messages"> & { next: NextWork }} services */
  constructor({ model, api, messages, next }) {
    this.model = model;
    this.api = api;
    this.messages = messages;
    this.next = next;
    this.root = findPart("way");
    this.isTaking = false;
    /** @type {string | null | undefined} what is drawn; undefined before anything is */
    this.key = undefined;
    model.on("change", () => this.draw());
    this.draw();
  }

  /** The kind of work that comes next; null while there is something left to do here. */
  get task() {
    const { model, next } = this;
    const { set, isMine, me } = model;
    const isReviewer = set.reviewer === me.username;
    const isBusy = model.isEditable || (isReviewer && set.state === "in_review");
    if (isBusy || !(isMine || isReviewer)) return null;
    const task = isReviewer ? "review" : set.kind === "adjudication" ? "adjudicate" : "annotate";
    return next.tasks.includes(task) ? task : null;
  }

  draw() {
    const { task } = this;
    if (task === this.key) return;
    this.key = task;
    const { list } = this.next;
    replaceContent(this.root, list && [createStep("previous", list), createStep("next", list)], task && this.createNextButton(task));
  }

  /** @param {WorkTask} task */
  createNextButton(task) {
    const words = task === "review" ? gettext("Next review") : gettext("Next article");
    return createButton(words, () => this.goOn(task), { class: "primary next-work", "data-action": "next-work" });
  }

  /** Put the focus on the button for what comes next; answers whether there is one. */
  focusNext() {
    const button = this.root.querySelector('[data-action="next-work"]');
    if (!(button instanceof HTMLElement)) return false;
    if (!button.querySelector("kbd")) button.append(" ", createEnterSign());
    button.focus({ preventScroll: true });
    return true;
  }

  /**
   * Go to the next set of the list, or let the queue choose.
   *
   * @param {WorkTask} task
   */
  goOn(task) {
    const { list } = this.next;
    if (list?.next) location.assign(list.next);
    else this.takeNext(task);
  }

  /** @param {WorkTask} task */
  async takeNext(task) {
    if (this.isTaking) return;
    this.isTaking = true;
    try {
      const { data } = await this.api.send({ method: "POST", path: this.next.queue, body: { task } });
      if (data.set) location.assign(new URL(`../../${data.set.id}/workbench/`, location.href));
      else this.offerHome(data.reason);
    } catch (error) {
      this.messages.showWarning(errorText(error));
    }
    this.isTaking = false;
  }

  /**
   * Say why there is nothing more, and lead home.
   *
   * @param {string | null} reason
   */
  offerHome(reason) {
    this.messages.showInfo(reason ?? gettext("There is nothing to take."));
    const link = createElement("a", { href: this.next.home, class: "button", "data-action": "home" }, gettext("Go to my work"), " ", createEnterSign());
    replaceContent(this.root, link);
    link.focus({ preventScroll: true });
  }

  /**
   * Go one set on or back in the list.
   *
   * @param {"previous" | "next"} step
   */
  goThroughList(step) {
    const { list } = this.next;
    if (!list) return void this.messages.showInfo(gettext("You did not come from a list; open a set from a list of your work."));
    const url = list[step];
    if (url) return void location.assign(url);
    const words = step === "next" ? gettext("This is the last one of “%(list)s”.") : gettext("This is the first one of “%(list)s”.");
    return void this.messages.showInfo(interpolate(words, { list: list.title }, true));
  }

  /** Where a review can start, let one key start it. */
  focusStart() {
    const button = document.querySelector('[data-transition="start_review"]');
    if (button instanceof HTMLElement && document.activeElement === document.body) button.focus({ preventScroll: true });
  }
}

/**
 * @param {"previous" | "next"} step
 * @param {WorkList} list
 */
function createStep(step, list) {
  const isNext = step === "next";
  const words = isNext ? gettext("Next in “%(list)s”") : gettext("Previous in “%(list)s”");
  const label = interpolate(words, { list: list.title }, true);
  const sign = createElement("span", { class: "sign", "aria-hidden": "true" }, isNext ? "›" : "‹");
  const url = list[step];
  if (!url) return null;
  const attributes = { href: url, class: "button step", title: label, "data-step": step, "aria-keyshortcuts": `Shift+${isNext ? "J" : "K"}` };
  return createElement("a", attributes, sign, createElement("span", { class: "out-of-sight" }, isolateText(label)));
}

/**
 * @param {WayOn} wayOn
 * @returns {KeyRow[]}
 */
export function wayKeyRows(wayOn) {
  const group = gettext("Everything else");
  return [
    { group, keys: ["J"], description: gettext("Next in the list that you came from"), run: () => wayOn.goThroughList("next") },
    { group, keys: ["K"], description: gettext("Previous in the list that you came from"), run: () => wayOn.goThroughList("previous") },
  ];
}
