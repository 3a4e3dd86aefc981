// Keeps the page of a job up to date, and loads it again when the job is over.

const EVERY = 2000;
const OVER = new Set(["done", "failed"]);
const states = JSON.parse(document.getElementById("job-states").textContent);
const place = document.querySelector("[data-job]");

async function look() {
  let job;
  try {
    const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    job = await answer.json();
  } catch {
    return; // the next look may succeed
  }
  const bar = place.querySelector("progress");
  bar.max = job.total ?? 1;
  bar.value = job.done;
  place.querySelector("[data-part='state']").textContent = states[job.state] ?? job.state;
  if (OVER.has(job.state)) {
    window.clearInterval(timer);
    window.location.reload();
  }
}

const timer = window.setInterval(look, EVERY);
