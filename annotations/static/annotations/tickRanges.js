// @ts-check
/* In a table of articles, Shift and a click on a box tick everything from the box clicked before. */

/**
 * Give the places that a click with Shift covers: from the box clicked before to this one.
 * @param {number} before place of the box clicked before, or -1
 * @param {number} now place of this box
 * @param {boolean} shift whether Shift was held
 * @returns {number[]}
 */
export function coveredPlaces(before, now, shift) {
  if (!shift || before < 0 || before === now) return [now];
  const first = Math.min(before, now);
  return Array.from({ length: Math.abs(before - now) + 1 }, (_, step) => first + step);
}

/** @param {ParentNode} table */
export function listenToTicks(table) {
  let before = -1;
  table.addEventListener("click", (event) => {
    const target = event.target;
    const boxes = [...table.querySelectorAll('input[type="checkbox"][name="article"]')];
    const now = boxes.indexOf(/** @type {Element} */ (target));
    if (now < 0) return;
    const box = /** @type {HTMLInputElement} */ (target);
    const shift = /** @type {MouseEvent} */ (event).shiftKey;
    for (const place of coveredPlaces(before, now, shift)) {
      /** @type {HTMLInputElement} */ (boxes[place]).checked = box.checked;
    }
    before = now;
  });
}

if (typeof document !== "undefined") {
  for (const table of document.querySelectorAll("[data-tick-ranges]")) listenToTicks(table);
}
