// Makes elements. Text becomes text nodes and nothing else: no part of the
// program reads markup, and none writes an attribute that holds a script.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
  return element;
}

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// A name from the product: isolated, so that it reorders nothing around it.
const foreign = (text) => make("bdi", {}, text);

// A path, a digest or a command.
const code = (text) => make("code", {}, make("bdi", {dir: "ltr"}, text));

const whole = new Intl.NumberFormat("en");
const count = (number, one) =>
  `${whole.format(number)} ${one}${number === 1 ? "" : "s"}`;

// 1234567 -> "1.2 MB", cut and not rounded.
function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let at = 0;
  let tenths = bytes * 10;
  while (tenths >= 10000 && at + 1 < units.length) {
    tenths = Math.floor(tenths / 1000);
    ++at;
  }
  return at === 0 ? `${bytes} B` : `${(tenths / 10).toFixed(1)} ${units[at]}`;
}

// Never rounded up to all nor down to nothing.
function shareText(part, all) {
  if (all <= 0 || part <= 0) {
    return "0%";
  }
  if (part >= all) {
    return "100%";
  }
  const share = (100 * part) / all;
  return share < 0.1 ? "<0.1%" : `${Math.min(share, 99.9).toFixed(1)}%`;
}

// The last steps of a path, for narrow places.
function shortened(text, most) {
  return text.length <= most ? text : "\u2026" + text.slice(text.length - most + 1);
}

// A control under its label, which names it alone: a select inside its label
// would have its options in its name.
let fields = 0;
function labelled(words, control) {
  control.id = `field-${++fields}`;
  return make("div", {class: "field"}, make("label", {for: control.id}, words), control);
}

// A select with a label; `options` are pairs of value and words.
function choice(words, options, changed) {
  const select = make("select", {change: () => changed(select.value)},
    options.map(([value, label]) => make("option", {value}, label)));
  return {field: labelled(words, select), select};
}

function searchField(words, changed) {
  let waiting = 0;
  const input = make("input", {
    type: "search",
    autocomplete: "off",
    input: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => changed(input.value.toLowerCase()), 120);
    },
  });
  return {field: labelled(words, input), input};
}

const badge = (words, tone) => make("span", {class: `badge ${tone}`}, words);
