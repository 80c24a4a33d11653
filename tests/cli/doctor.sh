#!/bin/bash
# tests/cli/doctor.sh ASSAY: what doctor says is what is in force.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

expect 0 "Products are examined in a confined process." "$assay" doctor
expect 0 '"confines": true' "$assay" doctor --json
cp out doctor.json
# state LIST NAME
state() {
  jq -r --arg list "$1" --arg name "$2" '.[$list][] | select(.name == $name) | .state' doctor.json
}
check "every line has a name and a state" jq -e \
  '[.system, .confined, .libraries, .contents] | flatten
   | length > 20 and all(.name != "" and .state != "")' doctor.json >/dev/null
check "walls are tried" jq -e '.confined | length >= 5 and all(.works)' doctor.json

# Rules: the number and digest of `rules list`, and of a report.
check "rules as listed" test "$(state contents 'built-in rules' | sed 's/,/ rules,/')" = \
  "$("$assay" rules list | tail -n 1)"
echo x >product
"$assay" verify product -o json=report.json
check "the digest of a report" grep -qF "$(jq -r .rules.sha256 report.json)" doctor.json
check "patterns are part of the program" grep -qE '[1-9] of them compiled with the program' doctor.json
check "formats as listed" test \
  $(($(state contents formats | grep -oE '[0-9]+' | paste -sd+))) = "$("$assay" formats | wc -l)"
check "schemas" grep -q 'CycloneDX JSON .*1\.6.*; XML .*1\.6' doctor.json

# Versions: those of the installed packages.
while read -r name package; do
  version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || continue
  version=${version#*:}
  said=$(state libraries "$name" | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
  check "$name: $said is $version" bash -c "[[ -n '$said' && '$version' == '$said'* ]]"
done <<'EOF'
libarchive libarchive13
liblzma liblzma5
libseccomp libseccomp2
brotli libbrotli1
bzip2 libbz2-1.0
lz4 liblz4-1
lzo liblzo2-2
OpenSSL libssl3
zlib zlib1g
zstd libzstd1
EOF

# Where a process cannot be confined, it says so.
for descriptors in {4..12}; do
  timeout 60 prlimit --nofile="$descriptors" "$assay" doctor --json >out 2>err
  code=$?
  [[ $code != 0 ]] || check "$descriptors descriptors: 0 is confined" jq -e .confines out
  seen+=("$code")
done
check "71 where it is not: ${seen[*]}" bash -c "[[ ' ${seen[*]} ' == *' 71 '* ]]"

finish
