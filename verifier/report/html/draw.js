// Draws each part of the page when it comes near, and all of them for paper.
// VIEWS names them: functions that fill an element.

const waiting = new Map();
for (const frame of document.querySelectorAll("[data-view]")) {
  waiting.set(frame, VIEWS[frame.dataset.view]);
}

function drawNow(frame) {
  const view = waiting.get(frame);
  waiting.delete(frame);
  nearby.unobserve(frame);
  if (view !== undefined) {
    view(frame);
  }
}

const nearby = new IntersectionObserver((seen) => {
  seen.filter((entry) => entry.isIntersecting).forEach((entry) => drawNow(entry.target));
}, {rootMargin: "800px"});
[...waiting.keys()].forEach((frame) => nearby.observe(frame));

// The rest a piece at a time, when the browser has nothing else to do.
const idle = window.requestIdleCallback || ((run) => setTimeout(run, 50));
function drawRest() {
  const [next] = waiting.keys();
  if (next !== undefined) {
    drawNow(next);
    idle(drawRest);
  }
}
idle(drawRest);

const drawAll = () => [...waiting.keys()].forEach(drawNow);

const opened = [];
addEventListener("beforeprint", () => {
  drawAll();
  growing.forEach((list) => { if (!list.print()) { growing.delete(list); } });
  document.querySelectorAll("details:not([open])").forEach((item) => {
    item.open = true;
    item.dispatchEvent(new Event("toggle"));
    opened.push(item);
  });
});
addEventListener("afterprint", () => {
  opened.splice(0).forEach((item) => { item.open = false; });
});
