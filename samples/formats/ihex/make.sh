#!/bin/sh
# Makes the samples of ihex and srec in the current folder and in ../srec
# (srec_cat of srecord 1.64).
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seq 1 60 >"$work/low"
seq 1000 1020 >"$work/high"
dump() {
  { echo "# make.sh: $2"; xxd -p -c 38 "$work/out"; } >"$1.hex"
}
srec_cat "$work/low" -binary -offset 0x8000 \
  "$work/high" -binary -offset 0x20000 -execution-start-address=0x8004 \
  -o "$work/out" -intel -line-length=44
dump linear "two stretches and a linear start"
srec_cat "$work/low" -binary -offset 0x8000 \
  "$work/high" -binary -offset 0x20000 \
  -o "$work/out" -intel -address-length=3 -line-length=44
dump segmented "the same with segment addresses"
for bytes in 2 3 4; do
  srec_cat "$work/low" -binary -offset 0x1000 \
    "$work/high" -binary -offset 0x8000 -execution-start-address=0x1004 \
    -o "$work/out" -motorola -address-length=$bytes -header=inert
  dump ../srec/s$((bytes - 1)) "addresses of $bytes bytes"
done
