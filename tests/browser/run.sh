#!/bin/bash
# Opens HTML reports in Debian's Chromium and uses them as a reader does:
#   run.sh PAGES_PROGRAM
# Exit status 77 (skipped) without chromium or node, or when the two packages
# below cannot be had. They are kept in build/browser.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
modules=$root/build/browser/node_modules

# package version SHA-512 (base64)
packages=(
  "playwright-core 1.65.1 hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw=="
  "axe-core 4.14.1 FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)

skip() { echo "skipped: $*" >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch NAME VERSION SUM: into the folder of modules, once.
fetch() {
  local target=$modules/$1 archive found
  [[ ! -e $target/.sum || $(<"$target/.sum") != "$3" ]] || return 0
  archive=$work/$(cd "$work" && npm pack --silent "$1@$2" | tail -n 1) || return
  found=$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)
  [[ $found == "$3" ]] || { echo "$1 $2 has SHA-512 $found" >&2; exit 1; }
  rm -rf "$target"
  mkdir -p "$target"
  tar -xzf "$archive" -C "$target" --strip-components 1
  echo "$3" >"$target/.sum"
}

chromium=$(command -v chromium) || skip "no chromium"
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
for package in "${packages[@]}"; do
  read -r name version sum <<<"$package"
  fetch "$name" "$version" "$sum" || skip "$name cannot be had"
done
"$1" "$work"
NODE_PATH=$modules CHROMIUM=$chromium node "$here/report_test.cjs" "$work"
