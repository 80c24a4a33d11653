#!/bin/bash
# tests/bench/unknown.sh PRODUCT...: who owns the bytes of each product. Of the
# leaf bytes (those with nothing below them) the share of which no format knows
# what they are, the share that lies inside a container and is read by nobody,
# and the share that stays opaque; where one percent or more is unknown, the
# artifacts that it lies in.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assay=$root/build/release/verifier/cli/assay
(($#)) || { echo "usage: tests/bench/unknown.sh PRODUCT..." >&2; exit 64; }
[[ -x $assay ]] || "$root/run" --version >/dev/null
report=$(mktemp)
trap 'rm -f "$report"' EXIT
printf '%12s %9s %9s %9s  %s\n' 'leaf bytes' 'unknown %' 'slack %' 'opaque %' product
for product in "$@"; do
  "$assay" verify "$product" -o "json=$report" >/dev/null || (($? <= 2))
  jq -r '.ledger
    | def share(axis; name): 100 * (.axes[axis][name] // 0) / ([.leaf_bytes, 1] | max);
      [.leaf_bytes, share("structure"; "unknown"), share("structure"; "slack"),
       share("examination"; "opaque")] | map(tostring) | join(" ")' "$report" |
    while read -r bytes unknown slack opaque; do
      printf '%12d %9.3f %9.3f %9.3f  %s\n' "$bytes" "$unknown" "$slack" \
        "$opaque" "$(basename "$product")"
    done
  jq -r '(.artifacts | map({key: (.id | tostring), value: .path}) | from_entries) as $path
    | .ledger.leaf_bytes as $leaf
    | select((.ledger.axes.structure.unknown // 0) * 100 >= $leaf)
    | [.ledger.accounts[] | select(.axes.structure.unknown)
       | {artifact, unknown: .axes.structure.unknown}]
    | sort_by(-.unknown) | .[:5][]
    | "\(.unknown) in \($path[.artifact | tostring])"' "$report" |
    sed 's/^/              /'
done
