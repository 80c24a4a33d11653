#!/usr/bin/env python3
"""yara_rules.py DIR SEED RULES FILES: rules.yar with that many small random
rules in DIR, and as many files below DIR/files. The same for the same seed."""
import base64
import os
import random
import sys

folder, seed, rule_count, file_count = sys.argv[1], *map(int, sys.argv[2:5])
rng = random.Random(seed)
WORDS = ["foo", "bar", "Admin", "pass", "exec", "x1", "/bin/sh", "a.b", "0x7f",
         "root", "key=", "tmp", "_id", "MZ", "abcabc"]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text_string():
    word = rng.choice(WORDS) + rng.choice(["", "", rng.choice(WORDS)])
    modifiers = rng.choice([
        [], [], ["nocase"], ["wide"], ["ascii", "wide"], ["fullword"],
        ["fullword", "nocase"], ["wide", "fullword"], ["xor"],
        ["xor(1-32)", "wide", "ascii"], ["base64"], ["base64wide"],
        ["wide", "nocase"], ["ascii", "wide", "fullword"], ["private"],
        ["fullword", "xor(0-3)"]])
    if len(word) < 3 and any(m.startswith("base64") for m in modifiers):
        modifiers = []
    return quoted(word) + " " + " ".join(modifiers)


def hex_string():
    raw = rng.choice(WORDS).encode() + rng.choice(WORDS).encode()
    items = []
    for place, byte in enumerate(raw):
        kind = rng.random()
        inner = 0 < place < len(raw) - 1
        if inner and kind < 0.08:
            items.append("??")
        elif inner and kind < 0.14:
            items.append("%X?" % (byte >> 4))
        elif inner and kind < 0.2:
            items.append("?%x" % (byte & 15))
        elif inner and kind < 0.32:
            items.append("( %02X | %02x %02x | %02x )" % (byte, byte, byte, byte ^ 1))
        else:
            items.append("%02x" % byte)
        if place < len(raw) - 1 and rng.random() < 0.12:
            items.append(rng.choice(["[0-4]", "[2]", "[1-]", "[-]", "[0-300]", "[3-9]"]))
    return "{ " + " ".join(items) + " }"


def regex_atom(depth):
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(WORDS).replace("/", "\\/").replace(".", "\\.")
    if kind < 0.55:
        return rng.choice(["[a-f]", "[^a-z ]", "[0-9x]", "[A-Za-z_]", "[^\\n]", "[\\w-]"])
    if kind < 0.65:
        return rng.choice(["\\d", "\\w", "\\s", ".", "\\x6f", "\\S", "\\W"])
    if kind < 0.7:
        return rng.choice(["\\b", "\\B", "^", "$"])
    if kind < 0.8 and depth < 2:
        return "(" + "|".join(regex(depth + 1) for _ in range(rng.randint(1, 3))) + ")"
    return rng.choice("abxr")


def regex(depth=0):
    lazy = rng.random() < 0.15
    out = ""
    for _ in range(rng.randint(1, 4)):
        atom = regex_atom(depth)
        if len(atom) > 2 and atom[0] not in "[(\\":
            out += atom
            continue
        out += atom
        if atom not in ("\\b", "\\B", "^", "$") and rng.random() < 0.35:
            out += rng.choice(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"])
            if lazy:
                out += "?"
    return out


def regex_string():
    body = rng.choice(WORDS).replace("/", "\\/").replace(".", "\\.") + regex()
    if rng.random() < 0.3:
        body = regex() + body
    lazy = any(q in body for q in ("*?", "+?", "??", "}?"))
    if lazy:  # greedy and lazy do not mix
        for quantifier in ("*", "+", "?", "}"):
            body = body.replace(quantifier + "?", quantifier)
    return "/" + body + "/" + rng.choice(["", "", "i", "s", "is"]) + " " + rng.choice(
        ["", "", "", "nocase", "wide", "ascii wide", "fullword", "wide nocase"])


def number():
    return str(rng.choice([0, 1, 2, 3, 5, 10, 64, 100, 300, "1KB", "0x20", "filesize",
                           "filesize \\ 2", "(filesize - 4)"]))


def condition(names, earlier, depth=0):
    name = rng.choice(names)
    choice = rng.randrange(29 if depth < 2 else 21)
    bare = name[1:]
    return [
        lambda: name, lambda: name, lambda: name,
        lambda: f"{name} at {number()}",
        lambda: f"{name} in ({number()}..{number()})",
        lambda: f"#{bare} {rng.choice(['>', '==', '<', '>=', '!='])} {rng.randint(0, 4)}",
        lambda: f"@{bare}[{rng.randint(1, 3)}] < {number()}",
        lambda: f"!{bare}[{rng.randint(1, 2)}] {rng.choice(['>', '=='])} {rng.randint(2, 8)}",
        lambda: rng.choice(["any", "all", "none", "1", "2"]) + " of them",
        lambda: f"any of ({name}, {rng.choice(names)})",
        lambda: f"{rng.choice(['30', '50', '100'])}% of them",
        lambda: f"filesize {rng.choice(['<', '>'])} {number()}",
        lambda: f"uint{rng.choice(['8', '16', '32'])}{rng.choice(['', 'be'])}({number()}) "
                f"{rng.choice(['==', '>', '&', '!='])} {rng.choice(['0x5a4d', '0x66', '300'])}",
        lambda: f"for any i in (1..#{bare}) : ( @{bare}[i] > {number()} )",
        lambda: f"for {rng.choice(['any', 'all', '2'])} of them : "
                f"( # > {rng.randint(0, 2)} )",
        lambda: f"for all i in (1..{rng.randint(0, 3)}) : ( uint8(i) > 0x{rng.randint(10, 70)} )",
        lambda: f"for any i in (0,2,{number()}) : ( {name} at i )",
        lambda: f"any of them in ({number()}..{number()})",
        lambda: f"math.entropy(0, filesize) > {rng.choice(['3.0', '4.5', '5.2'])}",
        lambda: f"math.in_range(math.mean(0, filesize), 60.0, {rng.choice(['90.0', '110.5'])})",
        lambda: rng.choice(earlier) if earlier else "true",
        lambda: f"not {condition(names, earlier, depth + 1)}",
        lambda: f"({condition(names, earlier, depth + 1)} and {condition(names, earlier, depth + 1)})",
        lambda: f"({condition(names, earlier, depth + 1)} or {condition(names, earlier, depth + 1)})",
        lambda: f"({condition(names, earlier, depth + 1)} or {condition(names, earlier, depth + 1)})",
        lambda: f"defined @{bare}[{rng.randint(1, 3)}]",
        lambda: f"({condition(names, earlier, depth + 1)} and {condition(names, earlier, depth + 1)})",
        lambda: f"for any of them : ( $ in ({number()}..{number()}) )",
        lambda: f"not ({condition(names, earlier, depth + 1)} and @{bare}[{rng.randint(1, 3)}] > 2)",
    ][choice]()


def rules():
    out = ['import "math"\n']
    earlier = []
    for number_of_rule in range(rule_count):
        count = rng.randint(1, 4)
        names = [f"$_s{i}" for i in range(count)]
        body = "".join(
            f"    {name} = {rng.choice([text_string, text_string, hex_string, regex_string])()}\n"
            for name in names)
        rule = f"r{number_of_rule}"
        private = "private " if rng.random() < 0.05 else ""
        out.append(f"{private}rule {rule} {{\n  strings:\n{body}  condition:\n"
                   f"    {condition(names, earlier[-5:])} or (filesize < 0 and any of them)\n}}\n")
        earlier.append(rule)
    return "".join(out)


def content():
    out = b""
    for _ in range(rng.randint(1, 60)):
        word = rng.choice(WORDS).encode()
        kind = rng.random()
        if kind < 0.1:
            word = bytes(b for pair in zip(word, bytes(len(word))) for b in pair)
        elif kind < 0.2:
            word = bytes(b ^ rng.choice([1, 2, 32, 0x41]) for b in word[:1]) + word[1:]
        elif kind < 0.3:
            key = rng.randrange(256)
            word = bytes(b ^ key for b in word)
        elif kind < 0.4:
            word = base64.b64encode(bytes(rng.randrange(3)) + word + b"zz")
        elif kind < 0.5:
            word = word.upper()
        elif kind < 0.55:
            word = bytes(rng.randrange(256) for _ in range(rng.randint(1, 40)))
        out += word + rng.choice([b"", b"", b" ", b"\n", b"_", b"\0", b"ooo", b"1", b"b"])
    return out


os.makedirs(os.path.join(folder, "files"), exist_ok=True)
with open(os.path.join(folder, "rules.yar"), "w", encoding="latin-1") as file:
    file.write(rules())
for index in range(file_count):
    with open(os.path.join(folder, "files", f"f{index:03}"), "wb") as file:
        file.write(content())
