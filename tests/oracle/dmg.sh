#!/bin/bash
# Apple disk images by samples/formats/dmg/make.py, in every kind of chunk:
# dmg2img and 7-Zip read the disk that went in, and so do we. (dmg2img knows no
# LZMA.)
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/dmg/make.py

tree root
rm -rf root/dev
mkdir disks
genisoimage -quiet -R -o disks/disk root
truth disks "type sha256" >expected
truth root "type mode link sha256" >inside

for kind in raw zlib bzip2 lzma adc; do
  python3 "$make" disks/disk "$kind.dmg" 512 "$kind"
  ours "$kind.dmg" "type sha256" >found
  agree "dmg-$kind" expected found
  accounted "$kind.dmg"
  ours "$kind.dmg" "type mode link sha256" '!/disk' >found
  agree "dmg-$kind-inside" inside found
  mkdir -p theirs
  if [[ $kind == lzma ]]; then
    7zz x -y -otheirs -tdmg "$kind.dmg" >/dev/null
    cat theirs/0* theirs/1* >theirs/whole
    mv theirs/whole theirs/disk && find theirs -not -name disk -type f -delete
  else
    dmg2img -s -i "$kind.dmg" -o theirs/disk
  fi
  truth theirs "type sha256" >found
  agree "dmg-$kind-theirs" expected found
  rm -r theirs
done
finish
