#!/bin/bash
# tests/bench/sbom.sh ROOT [CDXGEN]: an SBOM of a root file system by assay and,
# beside it in the same run, by cdxgen (npm install @cyclonedx/cdxgen; CDXGEN is
# its bin/cdxgen.js, run by node). Seconds of wall clock, MiB of the largest
# process, and what the SBOM has: components that are no mere files, those of
# them with a version, and files.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assay=$root/build/release/verifier/cli/assay
(($# == 1 || $# == 2)) || { echo "usage: $0 ROOT [CDXGEN]" >&2; exit 64; }
input=$1
cdxgen=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

printf '%-34s %8s %6s %11s %9s %6s\n' tool seconds MiB components versions files
# measure NAME FILE COMMAND...
measure() {
  python3 - "$@" <<'EOF'
import json, resource, subprocess, sys, time
name, output, *command = sys.argv[1:]
begin = time.monotonic()
done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
seconds = time.monotonic() - begin
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
try:
    parts = json.load(open(output)).get("components", [])
except (OSError, ValueError):
    parts = []
packages = [c for c in parts if c.get("type") != "file"]
versions = sum(c.get("version", "") not in ("", "NOASSERTION", "latest") for c in packages)
shown = f"{len(packages):11} {versions:9} {len(parts) - len(packages):6}" if parts else "          -"
print(f"{name:34} {seconds:8.1f} {memory:6} {shown}"
      + ("" if done.returncode == 0 else f"  exit {done.returncode}"))
EOF
}
find "$input" -type f -exec cat {} + >/dev/null  # both find a warm cache
measure 'assay, CycloneDX and SPDX 3' "$work/assay.json" \
  "$assay" sbom make "$input" -o "cyclonedx-json=$work/assay.json" \
  -o "spdx-json@3.0.1=$work/assay.spdx3.json"
[[ -z $cdxgen ]] || measure 'cdxgen -t rootfs, CycloneDX' "$work/cdxgen.json" \
  node "$cdxgen" -t rootfs -o "$work/cdxgen.json" "$input"
