#!/bin/bash
# Files in pieces, as 7z, zip and split cut them: what is inside is what went
# in, and the pieces are known as such.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

mkdir in
seq 1 60000 >in/numbers
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 -in in/numbers -out in/noise
printf 'x' >in/small
truth in "type sha256" >expected

check() {  # NAME WHOLE
  ours "$1" "type sha256" "/$2" >found
  agree "volumes-$1" expected found
  accounted "$1"
}
# The artifacts of a folder have no container's "!/" in front.
ours() {
  "$assay" ls --json "$1" | jq -r --arg prefix "${3#/}!/" '
    .artifacts[] | select(.path | startswith($prefix))
    | select(.path | ltrimstr($prefix) | contains("!/") | not)
    | [(.path | ltrimstr($prefix)), .type // "file", "", "", "", "", "", "",
       .digests.sha256] | @tsv' | _pick "$2"
}

mkdir seven zipped segments parts letters
(cd in && 7zz a -v100k ../seven/fw.7z . >/dev/null &&
  7zz a -tzip -v100k ../zipped/fw.zip . >/dev/null &&
  zip -q -s 100k ../segments/fw.zip ./* &&
  zip -q ../fw.zip ./*)
split -b 100k -d -a 1 --numeric-suffixes=1 fw.zip parts/fw.zip.part
split -b 100k fw.zip letters/x
split -b 100k fw.zip letters/fw.zip.
check seven fw.7z
check zipped fw.zip
check segments fw.split.zip
check parts fw.zip
check letters x
check letters fw.zip
finish
