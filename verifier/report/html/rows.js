// The report's data: rows whose texts are references into one table.

const loaded = JSON.parse(document.getElementById("data").textContent);
const strings = loaded.strings;
const report = loaded.data;

// Rows as objects. `fields` names them in order: "title" is a text, "#size" a
// number, "*steps" several texts, "=evidence" what is decoded later.
function decoded(rows, fields) {
  const readers = fields.map((field) => {
    switch (field[0]) {
      case "#":
      case "=":
        return [field.slice(1), (value) => value];
      case "*":
        return [field.slice(1), (value) => value.map((at) => strings[at])];
      default:
        return [field, (value) => strings[value]];
    }
  });
  return rows.map((row) => {
    const object = {};
    readers.forEach(([name, read], at) => { object[name] = read(row[at]); });
    return object;
  });
}

// Calls `make` once, when somebody asks.
function once(produce) {
  let value;
  return () => (value === undefined ? (value = produce()) : value);
}
