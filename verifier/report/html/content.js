// What the product unpacks to: a map, and the same as a table.

const PARTS_SHOWN = 50;
const FOUND_MOST = 1000;

// Shows a part by its path; set once the view is there.
let showPart = () => {};

const findingsByPlace = once(() => {
  const places = new Map();
  for (const finding of findings()) {
    if (!isAside(finding)) {
      places.set(finding.subject, (places.get(finding.subject) || 0) + 1);
    }
  }
  return places;
});

function category(axis, at) {
  const entries = accountOf(axis, at);
  if (entries.length === 0) {
    return "";
  }
  const [first] = entries;
  const share = entries.length === 1 ? "" : ` ${shareText(first.bytes, tree().sizeOf(at))}`;
  return make("span", {}, make("span", {class: `swatch ${first.tone}`}), first.words + share);
}

function accountWords(axis, at) {
  return accountOf(axis, at).map((entry) => `${entry.words} ${shareText(entry.bytes, tree().sizeOf(at))}`).join(", ");
}

// Everything about one part.
function partFacts(at) {
  const list = make("dl");
  const put = (name, value) => list.append(make("dt", {}, name), make("dd", {}, value));
  put("Path", code(pathOf(at)));
  put("What it is", foreign(tree().formatOf(at)));
  if (tree().sizeOf(at) >= 0) {
    put("Size", `${sizeText(tree().sizeOf(at))} (${whole.format(tree().sizeOf(at))} bytes)`);
  }
  if (digestOf(at) !== "") {
    put("SHA-256", code(digestOf(at)));
  }
  if (tree().opaqueOf(at) !== "") {
    put("Not examined", foreign(tree().opaqueOf(at)));
  }
  if (tree().componentOf(at) !== "") {
    put("Component", foreign(tree().componentOf(at)));
  }
  for (const axis of report.axes) {
    const words = accountWords(axis, at);
    if (words !== "") {
      put(strings[axis.name], words);
    }
  }
  const path = pathOf(at);
  for (const finding of findings()) {
    if (finding.subject === path) {
      put(`Finding, ${SEVERITIES[finding.severity]}`, make("a", {href: `#${finding.id}`}, foreign(finding.title)));
    }
  }
  return list;
}

function partRow(at, axis, open, byPath) {
  const inside = tree().childrenOf(at).length;
  const found = findingsByPlace().get(pathOf(at)) || 0;
  const notes = [inside > 0 ? `${count(inside, "part")} inside` : "", found > 0 ? count(found, "finding") : ""]
    .filter((words) => words !== "");
  return make("tr", {},
    make("th", {scope: "row"},
      make("button", {type: "button", class: "open", click: () => open(at)}, foreign(byPath ? pathOf(at) : tree().nameOf(at))),
      make("span", {class: "small"}, notes.length > 0 ? ` ${notes.join(", ")}` : "")),
    make("td", {}, foreign(tree().formatOf(at))),
    make("td", {class: "number"}, tree().sizeOf(at) < 0 ? "" : sizeText(tree().sizeOf(at))),
    make("td", {}, category(axis, at)));
}

function contentView(into) {
  if (tree().count === 0) {
    into.replaceChildren(make("p", {}, "No part is known."));
    return;
  }
  const state = {at: tree().roots[0], axis: report.axes[0], words: ""};
  const crumbs = make("ol", {class: "crumbs", "aria-label": "Where you are"});
  const map = make("div");
  const hint = make("p", {class: "small hint", "aria-hidden": "true"});
  const legend = make("ul", {class: "legend"});
  const title = make("h3", {tabindex: -1});
  const facts = make("div");
  const status = make("p", {class: "status", role: "status"});
  const body = make("tbody");
  const list = growingList(body, PARTS_SHOWN, (at) => partRow(at, state.axis, open, state.words !== ""));

  function showCrumbs() {
    const steps = [];
    for (let at = state.at; at >= 0; at = tree().parents[at]) {
      steps.unshift(at);
    }
    crumbs.replaceChildren(...steps.map((at) => make("li", {}, at === state.at ? foreign(tree().nameOf(at))
      : make("button", {type: "button", class: "open", click: () => open(at)}, foreign(tree().nameOf(at))))));
  }
  function showMap() {
    const width = Math.max(300, Math.round(into.clientWidth || 1000));
    const height = width < 600 ? Math.round(width * 0.95) : Math.round(width * 0.46);
    map.replaceChildren(tree().total[state.at] > 0
      ? treemap(state.at, state.axis, {w: width, h: height}, open, (words) => { hint.textContent = words; }) : "");
    legend.replaceChildren(...(state.axis === undefined ? [] : state.axis.categories.map(([, words, tone]) =>
      make("li", {}, make("i", {class: strings[tone]}), strings[words]))));
  }
  function partsFound() {
    const found = [];
    for (let at = 0; at < tree().count && found.length < FOUND_MOST; ++at) {
      if (tree().nameOf(at).toLowerCase().includes(state.words)) {
        found.push(at);
      }
    }
    return found;
  }
  function showTable() {
    const parts = state.words === "" ? tree().childrenOf(state.at).slice() : partsFound();
    parts.sort((a, b) => tree().total[b] - tree().total[a]);
    status.textContent = state.words === "" ? `${count(parts.length, "part")} inside`
      : `${count(parts.length, "part")} ${parts.length < FOUND_MOST ? "" : "or more "}with that name, anywhere in the product`;
    list.show(parts);
    table.hidden = parts.length === 0;
  }
  function open(at) {
    select(at);
    title.focus({preventScroll: true});  // what had it may be gone
  }
  function select(at) {
    // A part without parts is shown where it lies.
    const above = tree().parents[at];
    const leaf = tree().childrenOf(at).length === 0 && above >= 0;
    state.at = leaf ? above : at;
    state.words = "";
    search.input.value = "";
    show();
    title.replaceChildren(foreign(tree().nameOf(at)));
    facts.replaceChildren(partFacts(at));
  }
  function show() {
    showCrumbs();
    showMap();
    showTable();
  }
  const search = searchField("Find a part by name", (text) => { state.words = text; showTable(); });
  const axes = choice("Colour by", report.axes.map((axis, at) => [at, strings[axis.name]]),
    (value) => { state.axis = report.axes[value]; show(); });
  const table = make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Parts"}, make("table", {},
    make("thead", {}, make("tr", {}, ["Part", "What it is", "Size", "Mostly"].map((words) =>
      make("th", {scope: "col", class: words === "Size" ? "number" : false}, words)))), body));
  into.replaceChildren(make("div", {class: "controls"}, report.axes.length > 0 ? axes.field : "", search.field),
    crumbs, map, legend, hint, title, facts, status, table, list.more);
  select(state.at);
  showPart = (path) => {
    const at = artifactAt().get(path);
    if (at !== undefined) {
      select(at);
      title.scrollIntoView({block: "start"});
      title.focus({preventScroll: true});
    }
  };
  let width = into.clientWidth;
  new ResizeObserver(() => {
    if (width !== into.clientWidth) {
      width = into.clientWidth;
      showMap();
    }
  }).observe(into);
}
