#!/bin/bash
# clean.sh ASSAY [PACKAGES_DIR]: how often the rules for hidden functions speak
# on software that nobody tampered with: Debian's packages of clean_packages.txt
# (downloaded into PACKAGES_DIR when it is not there), without an anchor and with
# the distribution's originals as one. Files with a finding of each severity,
# and which rules they are of. Nothing is asserted.
set -euo pipefail
export LC_ALL=C
assay=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${2:-$work/packages}
if [[ ! -d $packages ]]; then
	mkdir -p "$packages"
	for name in $(<"$here/clean_packages.txt"); do
		(cd "$packages" && apt-get download -q "$name" >/dev/null) ||
			echo "not to be had: $name" >&2
	done
fi
"$assay" reference build --unsigned -o "$work/originals" "$packages"/*.deb \
	2>/dev/null || true

# tell NAME OPTION...: verifies every package and counts.
tell() {
	local name=$1 package
	shift
	rm -rf "$work/reports" && mkdir "$work/reports"
	for package in "$packages"/*.deb; do
		"$assay" verify "$package" --at 2026-11-29 "$@" \
			-o "json=$work/reports/$(basename "$package").json" || true
	done
	python3 - "$name" "$work"/reports/*.json <<'EOF'
import collections, json, sys
files, flagged, rules = 0, collections.defaultdict(set), collections.Counter()
for path in sys.argv[2:]:
    report = json.load(open(path))
    files += sum(1 for a in report["artifacts"] if "digests" in a)
    for finding in report["findings"]:
        if not finding["family"].startswith("HF-"):
            continue
        flagged[finding["severity"]].add((path, finding["subject"]))
        if finding["severity"] in ("critical", "high", "medium"):
            rules[finding["severity"], finding["rule"], finding["title"]] += 1
print(f"{sys.argv[1]}: {len(sys.argv) - 2} packages, {files} files")
for severity in ("critical", "high", "medium", "low"):
    count = len(flagged[severity])
    print(f"  {severity:8} {count:6} files, {100 * count / files:.3f} %")
for (severity, rule, title), count in sorted(rules.items()):
    print(f"    {severity:8} {rule} {count:4} {title[:90]}")
EOF
}
tell "no anchor"
tell "originals" --reference "$work/originals"
