// Lists that grow when asked to, and tables that sort.

const PRINTED = 300;  // entries of a list on paper
const growing = new Set();

// Moves the keyboard's place to what was added.
function focusOn(entry) {
  const target = entry.querySelector("summary, button") || entry;
  if (target === entry) {
    entry.tabIndex = -1;
  }
  target.focus();
}

// Shows the first `step` of `items` in `into`, and a button for more.
function growingList(into, step, produce) {
  let items = [];
  let shown = 0;
  function grow(by) {
    into.append(...items.slice(shown, shown + by).map(produce));
    shown = Math.min(items.length, shown + by);
    const left = items.length - shown;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(step, left)} more of ${whole.format(left)}`;
  }
  const more = make("button", {type: "button", class: "wider", click: () => {
    const at = shown;
    grow(step);
    focusOn(into.children[at]);
  }});
  const list = {
    more,
    show(next) {
      items = next;
      shown = 0;
      into.replaceChildren();
      grow(step);
    },
    // So that the entry at this place is there.
    reach(at) { grow(Math.max(0, at + 1 - shown)); },
    // For paper; false when the list is gone.
    print() {
      if (into.isConnected) {
        grow(Math.max(0, Math.min(PRINTED, items.length) - shown));
      }
      return into.isConnected;
    },
  };
  growing.add(list);
  return list;
}

// A table over `rows` (objects). Columns: {words, key, cell, number}. `key`
// gives what is compared and searched, `cell` what is shown.
function sortableTable(caption, columns, rows, options = {}) {
  const status = make("p", {class: "status", role: "status"});
  const body = make("tbody");
  const list = growingList(body, options.step || 50, (row) => make("tr", {}, columns.map((column, at) => {
    const cell = column.cell ? column.cell(row) : foreign(String(column.key(row)));
    return at === 0 ? make("th", {scope: "row"}, cell) : make("td", column.number ? {class: "number"} : {}, cell);
  })));
  let words = "";
  let sorted = options.sorted || {column: 0, down: false};
  const heads = columns.map((column, at) => make("th", {scope: "col", class: column.number ? "number" : false},
    make("button", {type: "button", click: () => {
      sorted = {column: at, down: sorted.column === at ? !sorted.down : column.number === true};
      show();
    }}, column.words)));
  function show() {
    const kept = words === "" ? rows.slice() : rows.filter((row) =>
      columns.some((column) => String(column.key(row)).toLowerCase().includes(words)));
    const key = columns[sorted.column].key;
    const sign = sorted.down ? -1 : 1;
    kept.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x < y ? -sign : x > y ? sign : 0;
    });
    heads.forEach((head, at) => head.setAttribute("aria-sort",
      at !== sorted.column ? "none" : sorted.down ? "descending" : "ascending"));
    status.textContent = kept.length === rows.length ? `${whole.format(rows.length)} in all`
      : `${whole.format(kept.length)} of ${whole.format(rows.length)}`;
    list.show(kept);
  }
  const search = searchField(options.search || "Search", (text) => { words = text; show(); });
  show();
  return make("div", {},
    rows.length > 8 ? make("div", {class: "controls"}, search.field) : "",
    status,
    make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
      make("table", {}, make("thead", {}, make("tr", {}, heads)), body)),
    list.more);
}
