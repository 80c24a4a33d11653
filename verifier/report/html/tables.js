// SBOM against content, this release against the one before, what was not
// examined.

function discrepanciesView(into) {
  const rows = decoded(report.discrepancies.rows, ["kind", "code", "#weight", "component", "claimed", "found",
    "path", "document", "pointer", "recheck"]);
  into.replaceChildren(sortableTable("SBOM against content", [
    {words: "Difference", key: (row) => row.kind, cell: (row) => make("span", {}, row.kind, make("span", {class: "small"}, ` ${row.code}`))},
    {words: "Component or file", key: (row) => row.component},
    {words: "Claimed", key: (row) => row.claimed},
    {words: "Found", key: (row) => row.found},
    {words: "Where", key: (row) => row.path || `${row.document} ${row.pointer}`, cell: (row) => code(row.path || `${row.document} ${row.pointer}`)},
    {words: "Weight", key: (row) => row.weight, number: true},
  ], rows, {search: "Search differences", sorted: {column: 5, down: true}}));
}

function traitsView(into) {
  const rows = decoded(report.traits.rows, ["#weight", "kind", "value", "path", "elsewhere"]);
  into.replaceChildren(rows.length === 0 ? make("p", {}, "Nothing that leads to control or data.")
    : sortableTable("New in this release", [
      {words: "What", key: (row) => row.kind},
      {words: "Value", key: (row) => row.value},
      {words: "Where", key: (row) => row.path, cell: (row) => code(row.path)},
      {words: "New or moved", key: (row) => row.elsewhere},
      {words: "Weight", key: (row) => row.weight, number: true},
    ], rows, {search: "Search what is new", sorted: {column: 4, down: true}}));
}

function filesView(into) {
  const rows = decoded(report.files.rows, ["change", "path"]);
  into.replaceChildren(rows.length === 0 ? make("p", {}, "No file differs.")
    : sortableTable("Files against the release before", [
      {words: "File", key: (row) => row.path, cell: (row) => code(row.path)},
      {words: "Change", key: (row) => row.change},
    ], rows, {search: "Search files", sorted: {column: 1, down: false}}));
}

function unseenView(into) {
  const rows = decoded(report.not_examined.rows, ["path", "#offset", "#length", "reason"]);
  into.replaceChildren(sortableTable("Not examined", [
    {words: "Part", key: (row) => row.path, cell: (row) => code(row.path)},
    {words: "Why", key: (row) => row.reason},
    {words: "From byte", key: (row) => row.offset, number: true},
    {words: "Bytes", key: (row) => row.length, number: true},
  ], rows, {search: "Search parts", sorted: {column: 3, down: true}}));
}

const VIEWS = {
  findings: findingsView,
  content: contentView,
  unseen: unseenView,
  signatures: signaturesView,
  discrepancies: discrepanciesView,
  traits: traitsView,
  files: filesView,
};
