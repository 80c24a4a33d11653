#!/bin/bash
# tests/bench/unpack.sh INPUT...: seconds of wall clock beside the unpackers
# that people use, on the same inputs, in one run. The least of $RUNS runs (3)
# counts; "-" where a tool is missing or refuses the input.
#
#   assay      everything, all the way down, with SHA-256 of every artifact
#   one core   the same, held to one core
#   MB anon    the most anonymous memory that the walk took, in MiB
#   bsdtar, 7z, unsquashfs  one layer to disk, then sha256sum of every file
#   binwalk    a scan for signatures, nothing unpacked
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assay=$root/build/release/verifier/cli/assay
runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# wall COMMAND...: the least of some runs in milliseconds; nothing if it fails.
wall() {
  local TIMEFORMAT=%R run
  for ((run = 0; run < runs; ++run)); do
    rm -rf "$work/out" && mkdir "$work/out"
    { time "$@" >/dev/null 2>&1 && echo ok; } 2>&1 | tr '\n' ' '
    echo
  done | awk '/ok/ { sub(/ok/, ""); print $1 * 1000 }' | sort -n | head -n 1
}

hash_out() { find "$work/out" -type f -exec sha256sum {} +; }
with_bsdtar() { bsdtar -x -f "$1" -C "$work/out" && hash_out; }
with_7z() { 7zz x -y -o"$work/out" "$1" && hash_out; }
with_unsquashfs() { unsquashfs -no-progress -f -d "$work/out" "$1" && hash_out; }

cell() {  # TOOL COMMAND...
  local ms=''
  ! command -v "$1" >/dev/null || ms=$(wall "${@:2}")
  if [[ -n $ms ]]; then printf '%d.%03d' $((ms / 1000)) $((ms % 1000)); else printf -- -; fi
}

# The highest RssAnon of the confined child, looked at while it runs.
anonymous() {
  "$assay" ls "$1" >/dev/null 2>&1 &
  local pid=$! most=0 child now
  while kill -0 "$pid" 2>/dev/null; do
    for child in $(pgrep -P "$pid") "$pid"; do
      now=$(awk '/^RssAnon/ { print $2 }' "/proc/$child/status" 2>/dev/null || true)
      ((${now:-0} <= most)) || most=$now
    done
    sleep 0.02
  done
  echo $((most / 1024))
}

(($#)) || { echo "usage: tests/bench/unpack.sh INPUT..." >&2; exit 64; }
[[ -x $assay ]] || "$root/run" --version >/dev/null
row='%8s %9s %8s %8s %8s %10s %9s  %s\n'
# shellcheck disable=SC2059  # the format is ours
printf "$row" assay 'one core' 'MB anon' bsdtar 7z unsquashfs binwalk input
for input in "$@"; do
  # shellcheck disable=SC2059
  printf "$row" "$(cell "$assay" "$assay" ls --json "$input")" \
    "$(cell "$assay" taskset -c 0 "$assay" ls --json "$input")" \
    "$(anonymous "$input")" "$(cell bsdtar with_bsdtar "$input")" \
    "$(cell 7z with_7z "$input")" "$(cell unsquashfs with_unsquashfs "$input")" \
    "$(cell binwalk binwalk "$input")" "${input##*/}"
done
