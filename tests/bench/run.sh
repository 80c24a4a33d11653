#!/bin/bash
# tests/bench/run.sh INPUT...: CPU seconds of Assay beside the floor and beside
# what people do in pieces today, on the same inputs, in one run. The least of
# $RUNS runs (3) counts. Tools that are not installed show as "-".
#
#   floor    decode, SHA-256 and one search for 100 literals (floor.cc)
#   assay    assay verify, without a policy, report as JSON
#   ratio    assay / floor. Assay also opens what the floor takes as a leaf
#            (squashfs, kernels, devicetrees), so compare `leaf MB` too
#   extract  dpkg-deb -x or bsdtar -x: one layer
#   pieces   the same, then sha256sum and yara over the files
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release
runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cpu COMMAND...: user and system seconds of it and its children, the least of
# some runs. $work/out is empty before each.
cpu() {
  local TIMEFORMAT='%U %S' run
  for ((run = 0; run < runs; ++run)); do
    rm -rf "$work/out" && mkdir "$work/out"
    { time "$@" >/dev/null 2>&1 || true; } 2>&1
  done | sort -n -k1,1 | head -n 1 |
    while read -r user system; do
      # Thousandths as whole numbers, for bash has no others.
      printf '%d\n' $((10#${user/./} + 10#${system/./}))
    done
}

seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

has() { command -v "$1" >/dev/null; }

extract() {
  case $1 in
    *.deb | *.udeb) dpkg-deb -x "$1" "$work/out" ;;
    *) bsdtar -x -f "$1" -C "$work/out" ;;
  esac
}

pieces() {
  extract "$1"
  find "$work/out" -type f -exec sha256sum {} +
  yara -p 1 -r "$work/rules.yar" "$work/out"
}

# cell TOOL COMMAND...: its seconds, or "-" without the tool.
cell() {
  if has "$1"; then seconds "$(cpu "${@:2}")"; else printf -- -; fi
}

(($#)) || { echo "usage: tests/bench/run.sh INPUT..." >&2; exit 64; }
[[ -x $build/verifier/cli/assay ]] || "$root/run" --version
cmake --build "$build" --target floor >&2
"$build/tests/floor" --yara >"$work/rules.yar"
row='%9s %9s %9s %6s %9s %9s  %s\n'
# shellcheck disable=SC2059  # the format is ours
printf "$row" 'leaf MB' floor assay ratio extract pieces input
for input in "$@"; do
  read -r _ leaf _ < <("$build/tests/floor" "$input")
  floor=$(cpu "$build/tests/floor" "$input")
  assay=$(cpu "$build/verifier/cli/assay" verify "$input" --jobs 1 \
    -o "json=$work/out/report.json")
  tenths=$((10 * assay / (floor > 0 ? floor : 1)))
  # shellcheck disable=SC2059
  printf "$row" $((leaf / 1000000)) "$(seconds "$floor")" \
    "$(seconds "$assay")" "$((tenths / 10)).$((tenths % 10))" \
    "$(cell bsdtar extract "$input")" \
    "$(cell yara pieces "$input")" "${input##*/}"
done
