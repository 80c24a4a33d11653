#!/usr/bin/env bash
# How often the version of a native package is known when the package database
# is gone: native.sh ASSAY FOLDER [UNPACKED]
#
# FOLDER holds Debian packages (*.deb) of any architectures. Those of one
# architecture are unpacked into one root file system, which has everything but
# var/lib/dpkg, and `assay sbom make` describes it: once as it is, once without
# usr/share/doc, as images are that firmware makers strip. UNPACKED keeps the
# trees for the next time. The truth is the packages' own control data, and
# upstream's version is Debian's without epoch, revision and repacking marks.
# Only packages with an ELF object count.
#
#   right    a component that was seen in the package's files, or has its name,
#            has the upstream version
#   wrong    such a component that bears the name of the package or its source has
#            another version
#   odd      the same, but it bears only the name of the file: a library's or a
#            tool's version that is its own
# A package may be several of these at once. Nothing is asserted.
set -euo pipefail
export LC_ALL=C
[ $# -eq 2 ] || [ $# -eq 3 ] || {
  echo "usage: $0 ASSAY FOLDER [UNPACKED]" >&2
  exit 64
}
assay=$1
folder=$2
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
work=${3:-$made/unpacked}

if [ ! -e "$work/truth" ]; then
  for package in "$folder"/*.deb; do
    arch=$(dpkg-deb -f "$package" Architecture)
    mkdir -p "$work/$arch"
    dpkg-deb -x "$package" "$work/$arch" 2>/dev/null || true
    dpkg-deb -f "$package" Package Source Version Architecture
    dpkg-deb --fsys-tarfile "$package" | tar -t | sed 's/^/File: /'
    echo
  done > "$made/truth"
  mv "$made/truth" "$work/truth"
fi

for kind in with-doc without-doc; do
  for root in "$work"/*/; do
    arch=$(basename "$root")
    doc=$root/usr/share/doc
    [ $kind = with-doc ] || mv "$doc" "$made/doc"
    "$assay" sbom make "$root" --at 2026-11-30T00:00:00Z \
      -o "cyclonedx-json=$made/$kind.$arch.json" 2>/dev/null || [ $? -le 2 ]
    [ $kind = with-doc ] || mv "$made/doc" "$doc"
  done
  python3 - "$work" "$made" $kind <<'EOF'
import collections, glob, json, os, re, sys
work, made, kind = sys.argv[1:]

def upstream(version):  # 1:1.35.0+dfsg-4+b1 -> 1.35.0
    version = re.sub(r"-[^-]*$", "", re.sub(r"^\d+:", "", version))
    version = re.sub(r"[+.~-]?(really|dfsg|ds|repack|debian|deb|git|hg|svn|bzr"
                     r"|cvs|snapshot|gh|nmu|stable|orig).*$", "", version)
    return re.sub(r"\+.*$", "", version)

def plain(version):
    version = re.sub(r"^v", "", re.sub(r"[~_-]", "", version.lower()))
    return re.sub(r"(\.0)+$", "", version)

def bare(name):
    name = re.sub(r"\.so.*$", "", name.lower().split("/")[-1])
    return re.sub(r"[-_.0-9]+$", "", re.sub(r"^lib", "", name))

def steps(path):  # "x/changelog.gz!y" and "./x/changelog.gz" are one file
    return os.path.normpath(path.split("!")[0].lstrip("/"))

packages, owner = [], {}
for stanza in open(f"{work}/truth", errors="replace").read().split("\n\n"):
    fields, files = {}, []
    for line in stanza.splitlines():
        key, _, value = line.partition(": ")
        files.append(steps(value)) if key == "File" else fields.update({key: value})
    if not fields:
        continue
    arch = fields["Architecture"]
    root = f"{work}/{arch}/"
    def is_elf(path):
        path = root + path
        return (os.path.isfile(path) and not os.path.islink(path)
                and open(path, "rb").read(4) == b"\x7fELF")
    if not any(is_elf(path) for path in files):
        continue
    package = {"name": fields["Package"], "arch": arch, "right": False,
               "wrong": set(), "odd": set(),
               "source": fields.get("Source", fields["Package"]).split()[0],
               "version": plain(upstream(fields["Version"]))}
    packages.append(package)
    for path in files:
        owner.setdefault((arch, path), package)
named = {(p["arch"], p["name"]): p for p in packages}

def judge(component, arch):
    places = [steps(o["location"])
              for o in component.get("evidence", {}).get("occurrences", [])]
    version = component.get("version", "")
    if component.get("purl", "").startswith("pkg:deb/"):
        version = upstream(version)  # others have no revision: CRAN's 4.10-8
    version = plain(version)
    of = {id(p): (p, path) for path in places
          if (p := owner.get((arch, path))) is not None}
    if (p := named.get((arch, component["name"]))) is not None:
        of[id(p)] = (p, component["name"])
    for package, path in of.values():
        if version == package["version"]:
            package["right"] = True
            continue
        name = bare(component["name"])
        kind = ("wrong" if name in (bare(package["name"]), bare(package["source"])) else
                "odd" if name == bare(path) else "")
        if kind:
            package[kind].add(f'{component["name"]} {component["version"]}')

for path in glob.glob(f"{made}/{kind}.*.json"):
    for component in json.load(open(path)).get("components", []):
        if component["type"] != "file":
            judge(component, path.split(".")[-2])
for arch in sorted({p["arch"] for p in packages}) + [""]:
    some = [p for p in packages if arch in ("", p["arch"])]
    share = lambda what: 100 * sum(bool(p[what]) for p in some) / len(some)
    print(f"{kind:12} {arch or 'all':9} {len(some):4} packages  right {share('right'):5.1f} %"
          f"  wrong {share('wrong'):4.1f} %  odd {share('odd'):4.1f} %")
if "ASSAY_BENCH_NAMES" in os.environ:  # never for packages held out
    for p in packages:
        if p["wrong"] or p["odd"] or not p["right"]:
            print(" ", p["name"], p["arch"], p["version"], "right" if p["right"] else "-",
                  *sorted(p["wrong"] | p["odd"]))
EOF
done
