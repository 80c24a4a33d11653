// A squarified treemap (Bruls, Huizing and van Wijk, "Squarified Treemaps",
// 2000): areas are bytes, and rectangles are as near to squares as can be.

// The worst ratio of sides in a row of areas along a side.
function worstRatio(areas, sum, side) {
  const square = (side * side) / (sum * sum);
  return Math.max(areas[0] * square, 1 / (areas[areas.length - 1] * square));
}

// Places `items` (with `weight` > 0, largest first) in a box: calls
// place(item, {x, y, w, h}) for each.
function squarify(items, box, place) {
  const sum = items.reduce((all, item) => all + item.weight, 0);
  const scale = (box.w * box.h) / sum;
  let {x, y, w, h} = box;
  let at = 0;
  while (at < items.length && w > 0 && h > 0) {
    const side = Math.min(w, h);
    const row = [items[at].weight * scale];
    let area = row[0];
    let end = at + 1;
    while (end < items.length) {
      const next = items[end].weight * scale;
      if (worstRatio([...row, next], area + next, side) > worstRatio(row, area, side)) {
        break;
      }
      row.push(next);
      area += next;
      ++end;
    }
    const depth = area / side;
    let along = 0;
    row.forEach((one, i) => {
      const length = one / depth;
      place(items[at + i], w >= h ? {x, y: y + along, w: depth, h: length} : {x: x + along, y, w: length, h: depth});
      along += length;
    });
    if (w >= h) {
      x += depth;
      w -= depth;
    } else {
      y += depth;
      h -= depth;
    }
    at = end;
  }
}

const MAP_DEPTH = 4;       // levels drawn inside each other
const MAP_SIBLINGS = 300;  // parts of one level; the rest is one rectangle
const MAP_LEAST = 40;      // square pixels
const HEADER = 16;         // of a part that holds others

// What fills a part: its children, and its own bytes where it has both.
function partsOf(at) {
  const parts = tree().childrenOf(at).filter((child) => tree().total[child] > 0)
    .map((child) => ({at: child, weight: tree().total[child]}))
    .sort((a, b) => b.weight - a.weight);
  const rest = parts.splice(MAP_SIBLINGS);
  if (rest.length > 0) {
    parts.push({at: -1, rest: rest.length, weight: rest.reduce((all, part) => all + part.weight, 0)});
  }
  if (tree().own[at] > 0) {
    parts.push({at, own: true, weight: tree().own[at]});
  }
  return parts.sort((a, b) => b.weight - a.weight);
}

// The category of most of a part's own bytes, on an axis.
function toneOf(axis, part) {
  if (part.at < 0 || axis === undefined) {
    return {words: "", tone: "quiet"};
  }
  const entries = accountOf(axis, part.at).filter((entry) => !entry.member || !part.own);
  return entries.length > 0 ? entries[0] : {words: "", tone: "quiet"};
}

function partName(part) {
  if (part.at < 0) {
    return count(part.rest, "smaller part");
  }
  return part.own ? `bytes of ${tree().nameOf(part.at)} itself` : tree().nameOf(part.at);
}

function label(text, box) {
  const most = Math.floor((box.w - 8) / 6.3);
  return most < 4 || box.h < 14 ? "" : draw("text", {x: box.x + 5, y: box.y + 12}, shortened(text, most));
}

// Draws what is inside `at`; `open(at)` follows a click, `tell(words)` the
// pointer. The table beside it says the same to those without a pointer.
function treemap(at, axis, box, open, tell) {
  const map = draw("svg", {class: "map", viewBox: `0 0 ${box.w} ${box.h}`, role: "img",
    "aria-label": `Map of ${tree().nameOf(at)}; the table below says the same`});
  function put(part, place, depth) {
    if (place.w * place.h < MAP_LEAST) {
      return;
    }
    const nested = part.at >= 0 && !part.own && tree().childrenOf(part.at).length > 0 &&
      depth < MAP_DEPTH && place.w > 46 && place.h > 40;
    const shade = toneOf(axis, part);
    const rectangle = {x: place.x.toFixed(1), y: place.y.toFixed(1), width: place.w.toFixed(1), height: place.h.toFixed(1)};
    const name = partName(part);
    map.append(draw("g", {
      class: part.at >= 0 && !part.own ? `way ${shade.tone}` : shade.tone,
      click: () => { if (part.at >= 0 && !part.own) { open(part.at); } },
      pointerenter: () => tell(`${name}: ${sizeText(part.weight)}${nested || shade.words === "" ? "" : `, ${shade.words}`}`),
    }, draw("rect", nested ? {...rectangle, class: "frame"} : rectangle), label(name, place)));
    if (nested) {
      squarify(partsOf(part.at), {x: place.x + 2, y: place.y + HEADER, w: place.w - 4, h: place.h - HEADER - 2},
        (inner, where) => put(inner, where, depth + 1));
    }
  }
  squarify(partsOf(at), {x: 0, y: 0, w: box.w, h: box.h}, (part, place) => put(part, place, 0));
  return map;
}
