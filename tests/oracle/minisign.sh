#!/bin/bash
# minisign and signify signatures against the tools that made them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs minisign signify-openbsd

mkdir good
seq 1 2000 >good/firmware.bin
minisign -G -W -p good.pub -s good.key >/dev/null
minisign -G -W -p other.pub -s other.key >/dev/null
minisign -S -H -s good.key -m good/firmware.bin -t 'a trusted comment' >/dev/null
size=$(stat -c %s good/firmware.bin.minisig)

tampered() {  # NAME COMMAND...: a copy of good/, changed by a command in it
  cp -r "${from:-good}" "$1"
  (cd "$1" && "${@:2}")
}
tampered content poke firmware.bin 77
tampered empty truncate -s 0 firmware.bin
tampered longer bash -c 'echo x >>firmware.bin'
tampered value poke firmware.bin.minisig 90
tampered comment sed -i 's/a trusted/a truster/' firmware.bin.minisig
tampered global poke firmware.bin.minisig $((size - 20))
tampered untrusted sed -i '1s/.*/untrusted comment: by somebody else/' firmware.bin.minisig
tampered algorithm sed -i '2s/^RUT/RWT/' firmware.bin.minisig
tampered cut truncate -s $((size - 10)) firmware.bin.minisig
tampered twice bash -c 'cat firmware.bin.minisig >x && cat x >>firmware.bin.minisig && rm x'
mkdir other old
cp good/firmware.bin other
minisign -S -H -s other.key -m other/firmware.bin >/dev/null
cp good/firmware.bin old
minisign -S -l -s good.key -m old/firmware.bin >/dev/null

trust minisign-key good.pub
for case in good content empty longer value comment global untrusted \
  algorithm cut other; do
  both "minisign-$case" \
    "$(says minisign -V -p good.pub -m $case/firmware.bin)" \
    "$(verdict minisign $case)"
done
apart minisign-legacy "$(says minisign -V -p good.pub -m old/firmware.bin)" \
  "$(verdict minisign old)"
both minisign-legacy-refused "$(says minisign -V -H -p good.pub -m old/firmware.bin)" \
  "$(verdict minisign old)"
apart minisign-twice "$(says minisign -V -p good.pub -m twice/firmware.bin)" \
  "$(verdict minisign twice)"

signify-openbsd -G -n -p good2.pub -s good2.sec
signify-openbsd -G -n -p other2.pub -s other2.sec
mkdir s-good
cp good/firmware.bin s-good
signify-openbsd -S -s good2.sec -m s-good/firmware.bin
from=s-good
tampered s-content poke firmware.bin 77
tampered s-empty truncate -s 0 firmware.bin
tampered s-value poke firmware.bin.sig 90
tampered s-number poke firmware.bin.sig 50
tampered s-comment sed -i '1s/.*/untrusted comment: x/' firmware.bin.sig
tampered s-cut truncate -s 100 firmware.bin.sig
mkdir s-other
cp good/firmware.bin s-other
signify-openbsd -S -s other2.sec -m s-other/firmware.bin
trust signify-key good2.pub
for case in s-good s-content s-empty s-value s-number s-comment s-cut s-other; do
  both "signify-$case" \
    "$(says signify-openbsd -V -p good2.pub -m $case/firmware.bin)" \
    "$(verdict signify $case)"
done
finish
