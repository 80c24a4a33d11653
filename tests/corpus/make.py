#!/usr/bin/env python3
"""make.py OUT [--unseen] [NAME...]: the seeded products and their clean twins.

Every seed of seeds/*.yml (README.md says how they are written) becomes
OUT/FAMILY/NAME/seeded/PRODUCT and OUT/FAMILY/NAME/clean/PRODUCT. NAME limits
them to families, to files of seeds or to seeds; --unseen takes those of unseen/
instead.
Nothing of what is made is run.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

import yaml

from products import File, PRODUCTS, run

HERE = pathlib.Path(__file__).resolve().parent
SEED_KEYS = {"name", "says", "product", "both", "seeded", "clean", "before",
             "beside", "options", "sbom", "record"}


def content_of(text, value, scratch):
    """The bytes that a file of a seed stands for."""
    if "sh" in value:
        return run(["bash", "-euo", "pipefail", "-c", value["sh"]], cwd=scratch)
    if "c" in value:
        (scratch / "source.c").write_text(value["c"])
        run(["gcc", "-O2", "-s", "-w", "-o", "program", "source.c",
             *value.get("flags", "").split()], cwd=scratch)
        return (scratch / "program").read_bytes()
    return text.encode()


def file_of(path, value, below, scratch):
    if isinstance(value, str):
        value = {"text": value}
    text = value.get("text", "")
    if "link" in value:
        return File(link=value["link"], mode=0o777)
    if "device" in value:
        kind, major, minor = value["device"].split()
        return File(device=(kind, int(major), int(minor)),
                    mode=value.get("mode", 0o600))
    before = below[path].content if "append" in value else b""
    content = before + (value["append"].encode() if "append" in value
                        else content_of(text, value, scratch))
    program = content[:2] == b"#!" or content[:4] == b"\x7fELF"
    mode = value.get("mode", 0o755 if program else 0o644)
    return File(content, mode, owner=value.get("owner", 0))


def base(name):
    """The files that every product of a kind has."""
    tree = {}
    root = HERE / "base" / name
    for path in sorted(root.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            tree[str(path.relative_to(root))] = File(
                content, 0o755 if content[:2] == b"#!" else 0o644)
    if name == "firmware":
        tree["bin/busybox"] = File(pathlib.Path("/bin/busybox").read_bytes(),
                                   0o755)
        for applet in ("sh", "login", "mount", "ls", "cat"):
            tree[f"bin/{applet}"] = File(link="busybox", mode=0o777)
    return tree


def add(tree, files, scratch):
    for path, value in (files or {}).items():
        if value is None:
            tree.pop(path, None)
        else:
            tree[path] = file_of(path, value, tree, scratch)


def sbom_of(tree, more):
    """CycloneDX that claims every file of the tree by its digest, and more."""
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "firmware", "name": "example",
                                   "version": "1.0", "bom-ref": "example"}},
        "components": more + [
            {"type": "file", "name": path, "bom-ref": path,
             "hashes": [{"alg": "SHA-256",
                         "content": hashlib.sha256(file.content).hexdigest()}]}
            for path, file in sorted(tree.items())
            if not file.link and not file.device]}, indent=1).encode()


def busybox_version():
    banner = re.search(rb"BusyBox v([0-9.]+)",
                       pathlib.Path("/bin/busybox").read_bytes())
    return banner[1].decode()


def record(tree, below, system):
    """Adds what every product has to its database of packages."""
    shell = {path for path, file in below.items()
             if path == "bin/busybox" or file.link == "busybox"}
    for name, version, paths in (
            ("busybox", busybox_version(), shell),
            ("base-files", "1.0", set(below) - shell)):
        if system == "dpkg":
            append(tree, "var/lib/dpkg/status",
                   f"\nPackage: {name}\nStatus: install ok installed\n"
                   f"Architecture: amd64\nVersion: {version}\n"
                   f"Maintainer: Example <support@example.org>\n"
                   f"Description: {name}\n")
            append(tree, f"var/lib/dpkg/info/{name}.list",
                   "".join(f"/{path}\n" for path in sorted(paths)))
        else:
            append(tree, "lib/apk/db/installed",
                   f"P:{name}\nV:{version}-r0\nA:x86_64\nL:MIT\n" + "".join(
                       f"F:{os.path.dirname(path)}\nR:{os.path.basename(path)}\n"
                       for path in sorted(paths)) + "\n")


def append(tree, path, text):
    before = tree.get(path, File())
    tree[path] = File(before.content + text.encode(), before.mode)


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def make(seed, folder, change=lambda tree, of_seed: tree):
    """The seed's products: folder/seeded, folder/clean and, if there is one,
    the release before them; beside them what they are verified with. `change`
    gets the tree and the names of the files that the seed brings."""
    unknown = set(seed) - SEED_KEYS
    if unknown:
        raise RuntimeError(f"unknown keys: {', '.join(sorted(unknown))}")
    shutil.rmtree(folder, ignore_errors=True)
    build, ending, below = PRODUCTS[seed["product"]]
    options = [str(option) for option in seed.get("options", [])]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for variant in ("clean", "seeded", "before"):
            if variant == "before" and variant not in seed:
                continue
            tree = base(below)
            add(tree, seed.get("both"), scratch)
            add(tree, seed.get(variant), scratch)
            if "record" in seed:
                record(tree, base(below), seed["record"])
            of_seed = {*seed.get("both", {}), *seed.get(variant, {})}
            tree = change(tree, of_seed & set(tree))
            with tempfile.TemporaryDirectory() as work:
                write(folder / variant / f"example{ending}",
                      build(tree, "example", pathlib.Path(work)))
            if variant == "clean" and seed.get("sbom"):
                write(folder / "beside/sbom.cdx.json", sbom_of(
                    tree, seed["sbom"] if seed["sbom"] is not True else []))
                options += ["--sbom", "beside/sbom.cdx.json"]
        beside = {}
        add(beside, seed.get("beside"), scratch)
    for path, file in beside.items():
        write(folder / "beside" / path, file.content)
    if "before" in seed:
        options += ["--previous", f"before/example{ending}"]
    write(folder / "options", "".join(f"{o}\n" for o in options).encode())


def family_of(stem):
    """hf01 and hf01b, a second file of its seeds -> hf01."""
    return re.sub(r"^(hf\d\d).*", r"\1", stem)


def seeds(names):
    """(family, seed) of all that are asked for."""
    folder = "unseen" if "--unseen" in names else "seeds"
    names = [name for name in names if name != "--unseen"]
    for path in sorted((HERE / folder).glob("*.yml")):
        family = family_of(path.stem)
        for seed in yaml.safe_load(path.read_text()) or []:
            if not names or {path.stem, family, seed["name"]} & set(names):
                yield family, seed


def main():
    out = pathlib.Path(sys.argv[1])
    failed = 0
    for family, seed in seeds(sys.argv[2:]):
        try:
            make(seed, out / family / seed["name"])
        except (RuntimeError, KeyError, AttributeError, OSError) as error:
            print(f"{family} {seed.get('name')}: {error!r}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
