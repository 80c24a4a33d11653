// What shows that something is so, and how to see it again.

const BYTES_A_LINE = 16;

const EVIDENCE = ["kind", "path", "#offset", "#length", "digest", "field", "value", "excerpt", "hex"];

// offset, bytes in hexadecimal, bytes as ASCII.
function hexDump(hex, offset) {
  const lines = [];
  for (let at = 0; at < hex.length; at += 2 * BYTES_A_LINE) {
    const pairs = hex.slice(at, at + 2 * BYTES_A_LINE).match(/../g);
    const letters = pairs.map((pair) => {
      const byte = parseInt(pair, 16);
      return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    });
    lines.push(`${(offset + at / 2).toString(16).padStart(8, "0")}  ` +
      `${pairs.join(" ").padEnd(3 * BYTES_A_LINE - 1)}  ${letters.join("")}`);
  }
  return lines.join("\n");
}

// For a shell: nothing inside is special.
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function bytesProof(evidence, within) {
  if (evidence.hex !== "") {
    return make("pre", {tabindex: 0, "aria-label": "Bytes in hexadecimal"},
      make("bdi", {dir: "ltr"}, hexDump(evidence.hex, evidence.offset)));
  }
  if (evidence.offset < 0) {
    return "";
  }
  const command = `assay cat ${quoted(within)} ${quoted(evidence.path)} | ` +
    `tail -c +${evidence.offset + 1} | head -c ${evidence.length} | xxd`;
  return make("p", {class: "small"}, "The bytes: ", code(command));
}

function proofWords(evidence) {
  switch (evidence.kind) {
    case "bytes":
      return evidence.offset < 0 ? ["the whole of it"]
        : [`offset ${whole.format(evidence.offset)} (0x${evidence.offset.toString(16)}), ${count(evidence.length, "byte")}`];
    case "metadata":
      return [foreign(evidence.field), " is ", foreign(evidence.value)];
    case "absence":
      return ["is not there"];
    default:
      return [foreign(evidence.value)];
  }
}

// `within` is the product that has it.
function proof(evidence, within) {
  return make("div", {class: "proof"},
    evidence.path === "" ? "" : make("p", {}, code(evidence.path)),
    make("p", {}, proofWords(evidence)),
    evidence.excerpt === "" ? "" : make("p", {}, code(evidence.excerpt)),
    evidence.kind === "bytes" ? bytesProof(evidence, within) : "",
    evidence.digest === "" ? "" : make("p", {class: "small"}, "sha256 of these bytes ", code(evidence.digest)));
}
