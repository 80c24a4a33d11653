#!/bin/bash
# SPIFFS images of a folder, written by samples/formats/spiffs/make.py from the
# layout, in many geometries, against the folder. Debian has no program that
# reads or writes them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/spiffs/make.py

mkdir root
seq 1 40000 >root/numbers
head -c 100000 /dev/zero >root/zeros
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 -in root/zeros -out root/noise
for ((i = 0; i < 60; i++)); do seq 1 "$i" >"root/file$i"; done
: >root/empty
truth root "type sha256" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  python3 "$make" --tree root "$name.img" "$@"
  ours "$name.img" "type sha256" >ours
  agree "spiffs-$name" truth ours
  accounted "$name.img"
}
for magic in length plain; do
  check "esp32-$magic" page=256 block=4096 blocks=150 meta=4 magic=$magic
  check "esp8266-$magic" page=256 block=8192 blocks=70 meta=0 align=4 magic=$magic
  check "large-$magic" page=512 block=65536 blocks=10 meta=0 magic=$magic
  check "small-$magic" page=128 block=4096 blocks=180 meta=8 magic=$magic
  check "names-$magic" page=1024 block=32768 blocks=24 name=64 meta=64 magic=$magic
done
finish
