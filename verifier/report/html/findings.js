// Findings: filtered, sorted, grouped, each with its proof.

const FINDINGS_SHOWN = 50;
const FINDING_ID = /^f-[0-9a-f]{16}$/;  // nothing else becomes an id of the page

function findingBody(finding) {
  const pieces = evidenceOf(finding);
  return make("div", {class: "body"},
    isAside(finding) ? make("p", {}, foreign(finding.noted)) : "",
    finding.explanation === "" ? "" : make("p", {}, foreign(finding.explanation)),
    finding.fix === "" ? "" : make("p", {}, make("strong", {}, "What settles it: "), foreign(finding.fix)),
    make("h3", {}, `Evidence: ${count(finding.pieces, "piece")}`),
    pieces.map((evidence) => proof(evidence, product)),
    finding.pieces > pieces.length
      ? make("p", {class: "small"}, `and ${finding.pieces - pieces.length} more, in the JSON report`) : "",
    make("p", {class: "small"}, "Rule ", foreign(finding.rule), `, ${finding.confidence} confidence, `,
      code(finding.id), finding.references === "" ? "" : ["; ", foreign(finding.references)]),
    artifactAt().has(finding.subject)
      ? make("p", {}, make("button", {type: "button", class: "open", click: () => showPart(finding.subject)}, "Show where it is"))
      : "");
}

function findingItem(finding) {
  const severity = SEVERITIES[finding.severity] || "info";
  const item = make("details", {
    id: FINDING_ID.test(finding.id) && finding.id,
    class: isAside(finding) ? "finding aside" : "finding",
    toggle: () => {
      if (item.open && item.children.length === 1) {
        item.append(findingBody(finding));
      }
    },
  }, make("summary", {}, badge(severity, severity), make("b", {}, foreign(finding.title)),
    finding.subject === "" ? "" : make("span", {class: "place"}, code(finding.subject),
      isAside(finding) ? [" \u2013 ", foreign(finding.noted)] : "")));
  return item;
}

function componentName(finding) {
  const at = artifactAt().get(finding.subject);
  return (at === undefined ? "" : tree().componentOf(at)) || "No component claims the file";
}

const GROUPS = {
  none: null,
  family: (finding) => finding.familyTitle,
  component: componentName,
  place: (finding) => finding.subject || "The product as a whole",
};

const ORDERS = {
  severity: (a, b) => Number(isAside(a)) - Number(isAside(b)) || b.severity - a.severity,
  family: (a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0),
  place: (a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0),
};

function matchesFilter(finding, filter) {
  const text = [finding.title, finding.subject, finding.rule, finding.id, finding.explanation, finding.familyTitle]
    .join("\n").toLowerCase();
  return finding.severity >= filter.severity &&
    (filter.family === "" || finding.family === filter.family) &&
    (filter.weight === "" || isAside(finding) === (filter.weight === "aside")) &&
    text.includes(filter.text);
}

function grouped(kept, nameOf) {
  const groups = new Map();
  for (const finding of kept) {
    const name = nameOf(finding);
    groups.has(name) ? groups.get(name).push(finding) : groups.set(name, [finding]);
  }
  return groups;
}

function groupItem([name, members]) {
  const inner = make("div");
  const list = growingList(inner, FINDINGS_SHOWN, findingItem);
  list.show(members);
  const worst = SEVERITIES[Math.max(...members.map((finding) => finding.severity))];
  return make("details", {class: "group", open: true},
    make("summary", {}, foreign(name), " ", make("small", {}, `${count(members.length, "finding")}, the heaviest ${worst}`)),
    inner, list.more);
}

function findingsView(into) {
  const all = findings();
  const filter = {text: "", severity: 0, family: "", weight: "", group: "none", order: "severity"};
  const box = make("div");
  const list = growingList(box, FINDINGS_SHOWN, (item) => (Array.isArray(item) ? groupItem(item) : findingItem(item)));
  const status = make("p", {class: "status", role: "status"});
  let shown = [];
  function show() {
    shown = all.filter((finding) => matchesFilter(finding, filter)).sort(ORDERS[filter.order]);
    const nameOf = GROUPS[filter.group];
    list.show(nameOf === null ? shown : [...grouped(shown, nameOf)]);
    status.textContent = `${count(shown.length, "finding")} of ${whole.format(all.length)}, ` +
      `${whole.format(shown.filter((finding) => !isAside(finding)).length)} of them with weight on the verdict`;
  }
  const set = (name) => (value) => { filter[name] = name === "severity" ? Number(value) : value; show(); };
  const families = [...new Map(all.map((finding) => [finding.family, finding.familyTitle]))].sort();
  const search = searchField("Search findings", set("text"));
  const controls = [
    choice("Severity", [[0, "all"], [1, "from low"], [2, "from medium"], [3, "from high"], [4, "critical"]], set("severity")),
    choice("Family", [["", "all"], ...families], set("family")),
    choice("Weight", [["", "all"], ["loud", "weighs"], ["aside", "only noted"]], set("weight")),
    choice("Group by", [["none", "nothing"], ["family", "family"], ["component", "component"], ["place", "place"]], set("group")),
    choice("Sort by", [["severity", "severity"], ["family", "family"], ["place", "place"]], set("order")),
  ];
  into.replaceChildren(...(all.length === 0 ? [make("p", {}, "No finding.")]
    : [make("div", {class: "controls"}, search.field, controls.map((one) => one.field)), status, box, list.more]));
  show();
  revealFinding = (id) => {
    if (!all.some((finding) => finding.id === id)) {
      return;
    }
    if (document.getElementById(id) === null) {
      Object.assign(filter, {text: "", severity: 0, family: "", weight: "", group: "none"});
      search.input.value = "";
      controls.forEach((one) => { if (one.select.value !== filter.order) { one.select.selectedIndex = 0; } });
      show();
      list.reach(shown.findIndex((finding) => finding.id === id));
    }
    const item = document.getElementById(id);
    item.open = true;
    item.scrollIntoView({block: "start"});
    item.querySelector("summary").focus({preventScroll: true});
  };
}

// Opens a finding by its id; set once the findings are there.
let revealFinding = () => {};
