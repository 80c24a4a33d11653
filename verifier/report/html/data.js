// What a report's data says: findings, and the product as a tree.

const product = strings[report.product];

const SEVERITIES = ["info", "low", "medium", "high", "critical"];

const findings = once(() => decoded(report.findings.rows, ["id", "rule", "family", "familyTitle",
  "#severity", "confidence", "title", "explanation", "fix", "subject", "#aside", "noted",
  "references", "#pieces", "=evidence"]));

const evidenceOf = (finding) => decoded(finding.evidence, EVIDENCE);

// Whether it has no weight on the verdict; "noted" says why.
const isAside = (finding) => finding.aside === 1;

// The artifacts, as columns. A parent has a smaller index than its children.
const tree = once(() => {
  const {parent, name, format, size, opaque, component} = report.artifacts;
  const parents = parent.map((above, at) => (above < at ? above : -1));
  const children = new Map();
  const roots = [];
  parents.forEach((above, at) => {
    if (above < 0) {
      roots.push(at);
    } else if (children.has(above)) {
      children.get(above).push(at);
    } else {
      children.set(above, [at]);
    }
  });
  const handedOn = bytesHandedOn();
  const total = size.map((bytes, at) =>
    Math.max(0, bytes) - (children.has(at) ? Math.min(handedOn(at), Math.max(0, bytes)) : 0));
  const own = total.slice();
  for (let at = total.length - 1; at > 0; --at) {
    if (parents[at] >= 0) {
      total[parents[at]] += total[at];
    }
  }
  return {
    roots, parents, own, total,
    count: name.length,
    stepOf: (at) => strings[name[at]],
    // The folder of a delivery has no name of its own in any path.
    nameOf: (at) => (strings[name[at]] === "." ? product : strings[name[at]]),
    formatOf: (at) => strings[format[at]],
    opaqueOf: (at) => strings[opaque[at]],
    componentOf: (at) => strings[component[at]],
    sizeOf: (at) => size[at],
    childrenOf: (at) => children.get(at) || [],
  };
});

// Of an artifact: how many of its bytes are its members', by the ledger.
function bytesHandedOn() {
  const structure = report.axes.find((axis) => strings[axis.name] === "structure");
  const member = structure === undefined ? -1 : structure.categories.findIndex(
    (category) => strings[category[0]] === "member");
  return (at) => {
    const account = member < 0 ? -1 : structure.of[at];
    if (!Array.isArray(account)) {
      return account === member && member >= 0 ? Infinity : 0;
    }
    for (let i = 0; i < account.length; i += 2) {
      if (account[i] === member) {
        return account[i + 1];
      }
    }
    return 0;
  };
}

// The addresses of all artifacts, as the rest of the report has them.
const paths = once(() => {
  const wholePaths = new Set(report.artifacts.whole);
  const all = [];
  for (let at = 0; at < tree().count; ++at) {
    const step = tree().stepOf(at);
    const above = tree().parents[at];
    all.push(above < 0 || wholePaths.has(at) ? step : `${all[above]}!/${step}`);
  }
  return all;
});

const pathOf = (at) => paths()[at];

const artifactAt = once(() => new Map(paths().map((path, at) => [path, at])));

// The account of an artifact on an axis: [{words, tone, bytes}], largest first.
function accountOf(axis, at) {
  const account = axis.of[at];
  const entry = (category, bytes) => ({
    words: strings[axis.categories[category][1]],
    tone: strings[axis.categories[category][2]],
    member: strings[axis.categories[category][0]] === "member",
    bytes,
  });
  if (!Array.isArray(account)) {
    return account < 0 ? [] : [entry(account, tree().sizeOf(at))];
  }
  const entries = [];
  for (let i = 0; i < account.length; i += 2) {
    entries.push(entry(account[i], account[i + 1]));
  }
  return entries.sort((a, b) => b.bytes - a.bytes);
}

const DIGEST = 43;  // characters of base64
function digestOf(at) {
  const text = document.getElementById("digests").textContent.substr(at * DIGEST, DIGEST);
  if (text.length < DIGEST || text[0] === "-") {
    return "";
  }
  return Array.from(atob(text + "="), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
