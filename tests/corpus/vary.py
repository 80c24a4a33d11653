#!/usr/bin/env python3
"""vary.py ASSAY OUT [NAME...]: do names and disguises change what is found?

Makes every seeded product again, changed in ways that leave its function as it
is, and verifies it. After a change of names, makers or languages the same rules
must speak, with the same severity (neutrality). After a disguise a finding of
the seed's family must still be there, if there was one before (evasion). Prints
a line per change; exit status 1 when anything differs.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import sys

from make import make, seeds
from products import File
from run import families_of, verify

COMMENT = re.compile(rb"^(\s*(?:#|//|--)) (?!include|define|if|end).*$", re.M)


def text_of(file):
    """Whether it is text; programs and pictures stay as they are."""
    try:
        return bool(file.content) and file.content.decode() is not None
    except UnicodeDecodeError:
        return False


def each_text(change):
    """Changes the content of every text of the tree."""
    def on_tree(tree, _of_seed):
        return {path: File(change(file.content), file.mode, file.link,
                           file.device, file.owner) if text_of(file) else file
                for path, file in tree.items()}
    return on_tree


def another_maker(content):
    return content.replace(b"example device", b"nordwind box").replace(
        b"Example", b"Nordwind")


def another_language(content):
    return COMMENT.sub("\\1 Настройки 設定 réglages".encode(), content)


def renamed(ending):
    """Programs and scripts that nothing else names get another ending."""
    def on_tree(tree, of_seed):
        texts = b"".join(file.content for file in tree.values())
        out = {}
        for path, file in tree.items():
            lone = (path in of_seed and file.mode & 0o111 and
                    pathlib.PurePosixPath(path).name.encode() not in texts and
                    "etc/init.d" not in path)
            out[path + ending if lone else path] = file
        return out
    return on_tree


def padded(tree, of_seed):
    """2 MiB of nothing behind what the seed brings."""
    return {path: File(file.content + b"\n" * (2 << 20), file.mode, file.link,
                       file.device, file.owner)
            if path in of_seed and text_of(file) else file
            for path, file in tree.items()}


def told_to_look_away(tree, _of_seed):
    """Files and words with which other tools are told to look away."""
    out = dict(tree)
    for name in (".assayignore", ".gitignore", ".semgrepignore", ".trivyignore",
                 ".yaraignore", ".npmignore"):
        out[name] = File(b"*\n**\n")
    return each_text(lambda content: content if content[:1] in b"{<[" else
                     content + b"\n# nosemgrep noqa nosec assay:ignore "
                     b"SUDO_EDITOR NOLINT\n")(out, set())


def in_test_folder(tree, _of_seed):
    return {f"usr/share/tests/fixtures/{path}": file
            for path, file in tree.items()}


FIRMWARE = {"squashfs", "flash", "cpio", "jffs2", "ext4", "rootfs"}
# change: (what it does to the tree, to which products, whether all must stay)
CHANGES = {
    "maker": (each_text(another_maker), None, True),
    "language": (each_text(another_language), None, True),
    "padded": (padded, None, False),
    "ignored": (told_to_look_away, None, False),
    "renamed": (renamed(".png"), FIRMWARE, False),
    "test folder": (in_test_folder, FIRMWARE, False),
}


def rules_of(findings):
    return collections.Counter((f["rule"], f["severity"]) for f in findings)


def compare(assay, out, family, seed):
    """(change, what differs) of every change that fits the seed."""
    plain = out / "as-it-is" / family / seed["name"]
    make(seed, plain)
    before, _ = verify(assay, plain, "seeded")
    expected = families_of(plain)
    found = any(f["family"] in expected for f in before)
    results = []
    for name, (change, products, all_stay) in CHANGES.items():
        if products and seed["product"] not in products:
            continue
        folder = out / name.replace(" ", "-") / family / seed["name"]
        make(seed, folder, change)
        after, _ = verify(assay, folder, "seeded")
        wrong = ""
        if all_stay and rules_of(after) != rules_of(before):
            wrong = (f"gone {dict(rules_of(before) - rules_of(after))}, "
                     f"new {dict(rules_of(after) - rules_of(before))}")
        elif found and not any(f["family"] in expected for f in after):
            wrong = f"no longer found; was {dict(rules_of(before))}"
        results.append((name, wrong))
    return results


def main():
    assay, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    chosen = list(seeds(sys.argv[3:]))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(
            lambda one: compare(assay, out.resolve(), *one), chosen))
    counts = collections.defaultdict(lambda: [0, 0])
    for (family, seed), changes in zip(chosen, results):
        for name, wrong in changes:
            counts[name][0] += 1
            counts[name][1] += not wrong
            if wrong:
                print(f"{family} {seed['name']}, {name}: {wrong}")
    for name, (total, same) in counts.items():
        print(f"{name:12} {total:4} products, {same:4} without a difference")
    return int(any(total != same for total, same in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
