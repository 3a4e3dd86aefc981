// @ts-check
/** The changes of two texts one after the other, by j and k or by buttons. */

import { formatCount, gettext, interpolate } from "../workbench/translation.js";

/**
 * The number of the change to go to; at the ends it stays.
 *
 * @param {number[]} numbers those on the page, in their order
 * @param {number | null} current
 * @param {number} step
 */
export function changeBeside(numbers, current, step) {
  const index = current === null ? -1 : numbers.indexOf(current);
  const next = index < 0 ? (step > 0 ? 0 : numbers.length - 1) : Math.min(Math.max(index + step, 0), numbers.length - 1);
  return numbers[next] ?? null;
}

/** Let the keys and buttons of the page go through its changes. */
function start() {
  const anchors = [...document.querySelectorAll('.change[id^="change-"]')].map((each) => /** @type {HTMLElement} */ (each));
  const steps = /** @type {HTMLElement | null} */ (document.querySelector(".steps"));
  const where = document.querySelector('[data-part="where"]');
  if (!steps || !where || !anchors.length) return;
  const numbers = anchors.map(({ dataset }) => Number(dataset.change));
  /** @type {number | null} */
  let current = null;
  steps.hidden = false;

  /** @param {number} step */
  const go = (step) => {
    current = changeBeside(numbers, current, step);
    for (const each of document.querySelectorAll("[data-change]")) {
      each.classList.toggle("current", each.getAttribute("data-change") === String(current));
    }
    const anchor = document.getElementById(`change-${current}`);
    anchor?.focus({ preventScroll: true });
    anchor?.scrollIntoView({ block: "center" });
    const number = formatCount("%(n)s", current ?? 0);
    where.textContent = interpolate(gettext("Change %(number)s"), { number }, true);
  };

  for (const button of steps.querySelectorAll("button")) {
    button.addEventListener("click", () => go(Number(button.dataset.step)));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
    const button = steps.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    go(Number(button.dataset.step));
  });
}

if (globalThis.document) start();
