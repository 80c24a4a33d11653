#!/bin/bash
# Intel HEX and S-records that srec_cat makes, in every address size, against
# the stretches of memory that went in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

seq 1 20000 >low
head -c 70000 /dev/zero | openssl enc -aes-128-ctr -iv 0 \
  -K 00112233445566778899aabbccddeeff 2>/dev/null >high
printf 'x' >one
inputs() {  # LOW HIGH ONE: where each goes
  local where
  for where in "$@"; do printf '0x%08x\n' "$where"; done | paste - <(
    for file in low high one; do sha256sum <"$file" | cut -d' ' -f1; done) |
    LC_ALL=C sort >truth
}
check() {  # NAME LOW HIGH ONE OPTION...
  local name=$1
  inputs "$2" "$3" "$4"
  srec_cat low -binary -offset "$2" high -binary -offset "$3" \
    one -binary -offset "$4" -o "$name" "${@:5}"
  ours "$name" sha256 >ours
  agree "$name" truth ours
  accounted "$name"
}
check ihex-linear 0x1000 0x08000000 0xfffffff0 -intel
check ihex-short 0x1001 0x00100000 0x00400003 -intel -line-length=30
check ihex-segmented 0x10 0x40000 0xffff0 -intel -address-length=3
check srec-s3 0x1000 0x08000000 0xfffffff0 -motorola
check srec-s2 0x1000 0x00800000 0x00fffff0 -motorola -address-length=3
check srec-short 0x1001 0x00100000 0x00400003 -motorola -line-length=40
check srec-bare 0x1000 0x08000000 0xfffffff0 -motorola -disable=header
finish
