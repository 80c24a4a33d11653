// Who vouches for what: a graph of the chains, and each of them in words.

const TONES = {"holds": "pass", "does not hold": "fail"};
const GRAPH_MOST = 24;  // chains drawn; all are listed
const NODE = {w: 210, h: 46, gap: 14, across: 68, top: 26};

const toneOfOutcome = (outcome) => TONES[outcome] || "inconclusive";

const checks = once(() => decoded(report.checks.rows, ["scheme", "holder", "target", "outcome", "indication",
  "signer", "key", "anchor", "algorithm", "signedAt", "provenAt", "*steps", "*skipped", "detail", "reproduce"]));

// Signatures that say the same of different files are one chain.
const chains = once(() => {
  const alike = new Map();
  for (const check of checks()) {
    const kind = JSON.stringify([check.scheme, check.indication, check.signer, check.key, check.anchor, check.steps, check.detail]);
    alike.has(kind) ? alike.get(kind).push(check) : alike.set(kind, [check]);
  }
  return [...alike.values()];
});

const lastStep = (path) => path.slice(path.includes("!/") ? path.lastIndexOf("!/") + 2 : 0);

// The four stations of a chain: {key, title, sub, kind}. Equal keys are one node.
function stationsOf(members, at) {
  const [check] = members;
  const more = members.length - 1;
  return [
    {key: check.anchor, title: check.anchor || "nobody trusted", sub: check.anchor ? "anchor of the policy" : "no anchor",
      kind: check.anchor ? "trusted" : ""},
    {key: `${check.anchor}|${check.key}|${check.signer}`, title: check.signer || check.key || "key unknown",
      sub: check.signer && check.key ? check.key : check.algorithm || "key", kind: ""},
    {key: `chain ${at}`, title: check.scheme, sub: check.outcome, kind: "", outcome: toneOfOutcome(check.outcome)},
    {key: `target ${at}`, title: lastStep(check.target) || "nothing",
      sub: more > 0 ? `and ${whole.format(more)} more` : "what it signs", kind: ""},
  ];
}

// One edge between two nodes, which holds when any chain along it does.
function join(edges, from, to, tone) {
  const known = edges.find((edge) => edge.from === from && edge.to === to);
  if (known === undefined) {
    edges.push({from, to, tone});
  } else if (tone === "pass") {
    known.tone = tone;
  }
}

// Where every node lies: chains below each other, a shared node in the middle
// of those that share it.
function graphLayout(drawn) {
  const nodes = new Map();
  const edges = [];
  drawn.forEach((members, row) => {
    let before = null;
    stationsOf(members, row).forEach((station, column) => {
      const id = `${column} ${station.key}`;
      const node = nodes.get(id) || {...station, column, rows: []};
      node.rows.push(row);
      nodes.set(id, node);
      if (before !== null) {
        join(edges, before, node, toneOfOutcome(members[0].outcome));
      }
      before = node;
    });
  });
  for (const node of nodes.values()) {
    const middle = (node.rows[0] + node.rows[node.rows.length - 1]) / 2;
    node.x = node.column * (NODE.w + NODE.across);
    node.y = NODE.top + middle * (NODE.h + NODE.gap);
  }
  return {nodes: [...nodes.values()], edges};
}

function nodeShape(node) {
  const text = (y, words, cls, most) => draw("text", {x: node.x + 12, y: node.y + y, class: cls}, shortened(words, most));
  return draw("g", {class: `node ${node.kind} ${node.outcome || ""}`},
    draw("title", {}, `${node.title}, ${node.sub}`),
    draw("rect", {x: node.x, y: node.y, width: NODE.w, height: NODE.h}),
    text(19, node.title, "", 27),
    text(36, node.sub, node.outcome ? "sub outcome" : "sub", 31));
}

function edgeShape({from, to, tone}) {
  const [x1, y1] = [from.x + NODE.w, from.y + NODE.h / 2];
  const [x2, y2] = [to.x, to.y + NODE.h / 2];
  const middle = (x1 + x2) / 2;
  return draw("path", {class: `edge ${tone}`, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`});
}

function graph(drawn) {
  const {nodes, edges} = graphLayout(drawn);
  const width = 4 * NODE.w + 3 * NODE.across + 2;
  const height = NODE.top + drawn.length * (NODE.h + NODE.gap);
  const columns = ["Who is trusted", "Who signed", "Signature", "What it reaches"];
  return make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Graph of the chains"},
    draw("svg", {class: "graph", viewBox: `-1 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `${count(drawn.length, "chain")} of signatures; the list below says the same`},
    columns.map((words, at) => draw("text", {class: "column", x: at * (NODE.w + NODE.across), y: 13}, words)),
    edges.map(edgeShape), nodes.map(nodeShape)));
}

function chainBody(members) {
  const [check] = members;
  const facts = make("dl");
  const put = (name, value) => {
    if (value !== "") {
      facts.append(make("dt", {}, name), make("dd", {}, foreign(value)));
    }
  };
  put("Outcome", check.indication);
  put("Signer", check.signer);
  put("Key", check.key);
  put("Anchor", check.anchor);
  put("Algorithm", check.algorithm);
  put("Claims to be of", check.signedAt);
  put("Proven to be of", check.provenAt);
  put("In detail", check.detail);
  check.skipped.forEach((what) => put("Not checked", what));
  return make("div", {class: "body"}, facts,
    check.steps.length > 0 ? make("h3", {}, "Step by step") : "",
    make("ol", {}, check.steps.map((step) => make("li", {}, foreign(step)))),
    check.reproduce === "" ? "" : make("h3", {}, "Repeat it with stock tools"),
    check.reproduce === "" ? "" : make("pre", {tabindex: 0, "aria-label": "Commands"}, make("bdi", {dir: "ltr"}, check.reproduce)),
    members.length > 1 ? sortableTable("Files of this chain", [
      {words: "Signs", key: (one) => one.target, cell: (one) => code(one.target)},
      {words: "Signature in", key: (one) => one.holder, cell: (one) => code(one.holder)},
    ], members) : make("p", {class: "small"}, "The signature is in ", code(check.holder)));
}

function chainItem(members) {
  const [check] = members;
  const item = make("details", {
    class: "finding",
    toggle: () => {
      if (item.open && item.children.length === 1) {
        item.append(chainBody(members));
      }
    },
  }, make("summary", {}, badge(check.outcome, toneOfOutcome(check.outcome)),
    make("b", {}, foreign(check.scheme), " on ", foreign(lastStep(check.target) || "nothing"),
      members.length > 1 ? ` and ${whole.format(members.length - 1)} more` : ""),
    make("span", {class: "place"}, code(check.target))));
  return item;
}

function signaturesView(into) {
  const order = {"fail": 0, "inconclusive": 1, "pass": 2};
  const all = chains().slice().sort((a, b) =>
    order[toneOfOutcome(a[0].outcome)] - order[toneOfOutcome(b[0].outcome)]);
  const box = make("div");
  const list = growingList(box, 50, chainItem);
  list.show(all);
  into.replaceChildren(graph(all.slice(0, GRAPH_MOST)),
    all.length > GRAPH_MOST ? make("p", {class: "small"}, `${all.length - GRAPH_MOST} further chains are only listed.`) : "",
    make("h3", {}, "Each chain in words"), box, list.more);
}
