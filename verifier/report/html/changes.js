// What only one of two products has: filtered, each with its place and proof.

const CHANGES_SHOWN = 50;

const changes = once(() => decoded(report.changes.rows, ["#weight", "#gained", "kind", "kindTitle", "value", "detail",
  "path", "oldPath", "oldSha256", "newSha256", "=evidence"]));

const wayOf = (change) => (change.gained === 1 ? "gained" : "lost");
const productOf = (change) => strings[change.gained === 1 ? report.now : report.before];

function toneOfWeight(weight) {
  const steps = [[10, "critical"], [8, "high"], [5, "medium"], [4, "low"]];
  const found = steps.find(([least]) => weight >= least);
  return found === undefined ? "info" : found[1];
}

// The file in both, by digest.
function fileFacts(change) {
  const facts = make("dl");
  const put = (name, value) => {
    if (value !== "") {
      facts.append(make("dt", {}, name), make("dd", {}, code(value)));
    }
  };
  put("Was at", change.oldPath === change.path ? "" : change.oldPath);
  put("SHA-256 now", change.newSha256);
  put("SHA-256 before", change.oldSha256 === change.newSha256 ? "" : change.oldSha256);
  return facts;
}

function changeBody(change) {
  const where = change.gained === 1 || change.oldPath === "" ? change.path : change.oldPath;
  return make("div", {class: "body"},
    change.detail === "" ? "" : make("p", {}, foreign(change.detail)),
    decoded(change.evidence, EVIDENCE).map((evidence) => proof(evidence, productOf(change))),
    change.path === "" ? "" : fileFacts(change),
    where === "" ? "" : make("p", {class: "small"}, "Look at it: ", code(`assay cat ${quoted(productOf(change))} ${quoted(where)}`)));
}

function changeItem(change) {
  const item = make("details", {
    class: change.weight > 1 ? "finding" : "finding aside",
    toggle: () => {
      if (item.open && item.children.length === 1) {
        item.append(changeBody(change));
      }
    },
  }, make("summary", {}, badge(`${wayOf(change)}, ${change.weight}`, toneOfWeight(change.weight)),
    make("b", {}, `${change.kindTitle}: `, foreign(change.value)),
    change.path === "" ? make("span", {class: "place"}, "the product as a whole")
      : make("span", {class: "place"}, code(change.path))));
  return item;
}

function matchesChange(change, filter) {
  return (filter.kind === "" || change.kind === filter.kind) &&
    (filter.way === "" || wayOf(change) === filter.way) &&
    change.weight >= filter.weight &&
    [change.kindTitle, change.kind, change.value, change.path].join("\n").toLowerCase().includes(filter.text);
}

function changesView(into) {
  const all = changes();
  if (all.length === 0) {
    into.replaceChildren(make("p", {}, "Nothing but bytes changed."));
    return;
  }
  const filter = {text: "", kind: "", way: "", weight: 0};
  const box = make("div");
  const list = growingList(box, CHANGES_SHOWN, changeItem);
  const status = make("p", {class: "status", role: "status"});
  const set = (name) => (value) => {
    filter[name] = name === "weight" ? Number(value) : value;
    const shown = all.filter((change) => matchesChange(change, filter));
    list.show(shown);
    status.textContent = `${count(shown.length, "change")} of ${whole.format(all.length)}, ` +
      `${whole.format(shown.filter((change) => change.gained === 1).length)} of them gained`;
  };
  const kinds = [...new Map(all.map((change) => [change.kind, change.kindTitle]))]
    .sort((a, b) => (a[1] < b[1] ? -1 : 1));
  const controls = [
    choice("Kind", [["", "all"], ...kinds], set("kind")),
    choice("Gained or lost", [["", "both"], ["gained", "gained"], ["lost", "lost"]], set("way")),
    choice("Weight", [[0, "all"], [4, "from 4"], [7, "from 7"], [9, "from 9"]], set("weight")),
  ];
  into.replaceChildren(make("div", {class: "controls"}, searchField("Search changes", set("text")).field,
    controls.map((one) => one.field)), status, box, list.more);
  set("text")("");
}

function changedFilesView(into) {
  const rows = decoded(report.files.rows, ["path", "change", "#weight", "oldPath", "oldSha256", "newSha256"]);
  into.replaceChildren(rows.length === 0 ? make("p", {}, "No file differs.")
    : sortableTable("Files of the two", [
      {words: "File", key: (row) => row.path, cell: (row) => code(row.path)},
      {words: "Change", key: (row) => row.change},
      {words: "Weight", key: (row) => row.weight, number: true},
      {words: "SHA-256 before", key: (row) => row.oldSha256, cell: (row) => code(row.oldSha256)},
      {words: "SHA-256 now", key: (row) => row.newSha256, cell: (row) => code(row.newSha256)},
    ], rows, {search: "Search files", sorted: {column: 2, down: true}}));
}

const VIEWS = {
  changes: changesView,
  files: changedFilesView,
};
