// Follows links into the parts that the program draws.

// A link to a finding opens it, however far down it is.
function follow() {
  const id = location.hash.slice(1);
  if (FINDING_ID.test(id)) {
    document.querySelectorAll("[data-view=findings]").forEach((frame) => {
      if (waiting.has(frame)) {
        drawNow(frame);
      }
    });
    revealFinding(id);
  }
}
addEventListener("hashchange", follow);
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (link !== null && link.getAttribute("href") === location.hash) {
    follow();  // the same place again
  }
});
follow();

// "Show where it is" needs the map.
const mapFrame = document.querySelector("[data-view=content]");
showPart = (path) => {
  if (waiting.has(mapFrame)) {
    drawNow(mapFrame);
    showPart(path);
  }
};
