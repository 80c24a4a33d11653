#!/bin/bash
# Boot images that mkimage and fiptool make, against the programs that went in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

seq 1 3000 >one
seq 4000 9000 >two
padded() {  # FILE SIZE: its digest once it is filled up with zeros
  { cat "$1"; head -c $(($2 - $(stat -c %s "$1"))) /dev/zero; } |
    sha256sum | cut -d' ' -f1
}
plain() { sha256sum <"$1" | cut -d' ' -f1; }
up() { echo $((($1 + $2 - 1) / $2 * $2)); }
check() {  # NAME: what is in the file `truth`, sorted
  LC_ALL=C sort -o truth truth
  ours "$1" sha256 | grep -v -E '^(dcd|certificate|key)\b' >ours
  agree "$1" truth ours
  accounted "$1"
  if [[ $("$assay" ls --json "$1" | jq '[.artifacts[0].anomalies // [] | .[]] | length') != 0 ]]; then
    echo "FAILED: $1 has anomalies"
    failed=$((failed + 1))
  fi
}
ones=$(stat -c %s one) twos=$(stat -c %s two)

mkimage -T sunxi_egon -d one egon >/dev/null
size=$(stat -c %s egon)
printf 'payload\t%s\n' "$(padded one $((size - 96)))" >truth
check egon

openssl genrsa -out root_key.pem 2048 2>/dev/null
mkimage -T sunxi_toc0 -n . -k . -d one toc0 >/dev/null 2>&1
printf 'firmware\t%s\n' "$(plain one)" >truth
check toc0

mkimage -T rksd -n rk3399 -d one:two rksd >/dev/null
{ printf 'RK33'; tail -c +5 one; } >named
{ printf 'init\t%s\n' "$(padded named "$(up "$ones" 2048)")"
  printf 'boot\t%s\n' "$(padded two "$(up "$twos" 2048)")"; } >truth
check rksd

mkimage -T rksd -n rk3066 -d one:two scrambled >/dev/null
{ printf 'RK30'; tail -c +5 one; } >named
{ printf 'init\t%s\n' "$(padded named "$(up "$ones" 2048)")"
  printf 'boot\t%s\n' "$(padded two "$(up "$twos" 2048)")"; } >truth
check scrambled

mkimage -T omapimage -a 0x402f0400 -d one mlo >/dev/null
printf 'payload\t%s\n' "$(plain one)" >truth
check mlo

for from in spi uart; do
  printf 'BOOT_FROM %s\nDATA 0xFFD100E0 0x1B1B1B9B\nDATA 0x0 0x0\n' $from >kwb.cfg
  mkimage -T kwbimage -n kwb.cfg -a 0x600000 -e 0x600000 -d one "kwb-$from" >/dev/null
  printf 'payload\t%s\n' "$(padded one "$(up "$ones" 4)")" >truth
  check "kwb-$from"
done
for from in spi sata sdio; do
  printf 'VERSION 1\nBOOT_FROM %s\n' $from >kwb.cfg
  mkimage -T kwbimage -n kwb.cfg -a 0x600000 -e 0x600000 -d one "kwb1-$from" >/dev/null
  printf 'payload\t%s\n' "$(padded one "$(up "$ones" 4)")" >truth
  check "kwb1-$from"
done

fiptool create --tb-fw one --soc-fw two --nt-fw one fip
mkdir unpacked
fiptool unpack --out unpacked fip >/dev/null
sha256sum unpacked/* | cut -d' ' -f1 | LC_ALL=C sort >truth
ours fip sha256 | cut -f2 | LC_ALL=C sort >ours
agree fip truth ours
accounted fip
finish
