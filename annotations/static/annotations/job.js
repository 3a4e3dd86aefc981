// @ts-check
// Keeps the page of a job up to date, and loads it again when the job has ended.

/** How often the job is asked for, in milliseconds. */
const INTERVAL = 2000;
const FINAL_STATES = new Set(["done", "failed"]);

/** @type {Record<string, string>} titles of the states */
const states = JSON.parse(document.getElementById("job-states")?.textContent ?? "{}");
const root = document.querySelector("[data-job]");

/** @param {HTMLElement} place */
async function updateProgress(place) {
  let job;
  try {
    const response = await fetch(place.dataset.job ?? "", { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    job = await response.json();
  } catch {
    return; // the next try may succeed
  }
  const bar = place.querySelector("progress");
  const state = place.querySelector("[data-part='state']");
  if (bar) bar.max = job.total ?? 1;
  if (bar) bar.value = job.done;
  if (state) state.textContent = states[job.state] ?? job.state;
  const count = place.querySelector("[data-part='count']");
  if (count instanceof HTMLElement && job.total) {
    const written = (/** @type {number} */ number) => number.toLocaleString(document.documentElement.lang || undefined);
    const pattern = count.dataset.pattern ?? "{done} / {total}";
    count.textContent = pattern.replace("{done}", written(job.done)).replace("{total}", written(job.total));
    count.hidden = false;
  }
  if (FINAL_STATES.has(job.state)) {
    window.clearInterval(timer);
    window.location.reload();
  }
}

const timer = window.setInterval(() => root instanceof HTMLElement && updateProgress(root), INTERVAL);
