#!/bin/bash
# tests/oracle/yara.sh ASSAY: random small rules over random files: which rule
# matches which file must be what Debian's yara says. Left out, because yara
# 4.2.3 fails there or knows it only later: "#a in (..)", "for none of", "~".
# shellcheck source=tests/oracle/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
needs yara python3 jq

for seed in 11 12 13; do
  make=$(dirname "$known")/yara_rules.py
  rm -rf set && mkdir set
  python3 "$make" set "$seed" 120 40
  mkdir set/rules && mv set/rules.yar set/rules/r.yar
  (cd set/files && yara -w -r ../rules/r.yar . 2>../../errors |
    sed 's, \./, ,') | LC_ALL=C sort >truth
  { "$assay" verify --rules set/rules -o json set/files || true; } |
    jq -r '.findings[] | select(.rule | startswith("YARA:"))
      | (.rule | split(":")[2]) + " " + (.subject | split("!/")[-1])' |
    LC_ALL=C sort -u >ours
  # Not compared: what assay does not import, and files that yara gives up on.
  "$assay" rules list --rules set/rules |
    sed -n 's/^.* YARA:r\.yar:\(r[0-9]*\) not imported: .*/^\1 /p' >skipped
  sed -n 's,^error scanning \./\([^:]*\):.*, \1$,p' errors >>skipped
  for list in truth ours; do
    { grep -v -f skipped "$list" || true; } >kept && mv kept "$list"
  done
  agree "yara-$seed" truth ours
done
finish
