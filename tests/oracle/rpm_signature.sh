#!/bin/bash
# Signed RPM packages against rpmkeys.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs rpmkeys

samples=$known/../../../samples/signatures/rpm_signature
cp "$samples"/*.rpm .
rpmkeys --dbpath "$folder/db" --import "$samples/key.asc"
trust openpgp-cert "$samples/key.asc"
# "Signature": the tool has to say that one holds, for it passes without too.
check() {
  local said
  said=$(LC_ALL=C rpmkeys --dbpath "$folder/db" -Kv "$1") || return 1
  grep -q 'Signature.*: OK' <<<"$said"
}
size=$(stat -c %s signed.rpm)
change() {  # NAME COMMAND...
  cp signed.rpm "$1.rpm"
  "${@:2}" "$1.rpm"
}
poke_at() { poke "$2" "$1"; }
change payload poke_at $((size - 9))
change header poke_at $((size - 700))
change value poke_at 300
change magic poke_at 96
change cut truncate -s $((size - 8))
cp signed.rpm longer.rpm
printf 'tail' >>longer.rpm
change lead poke_at 20
change reserved poke_at 2000
for case in signed both other plain payload header value magic cut longer lead \
  reserved; do
  both "rpm-$case" "$(says check $case.rpm)" "$(verdict rpm_signature $case.rpm)"
done
# Without a signature, rpmkeys is content; assay says that anybody can compute
# digests.
apart rpm-unsigned "$(says rpmkeys --dbpath "$folder/db" -K plain.rpm)" \
  "$(verdict rpm_signature plain.rpm)"
finish
