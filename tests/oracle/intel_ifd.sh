#!/bin/bash
# A flash image with a descriptor against the regions that ifdtool cuts out.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

python3 -c 'import sys
for line in open(sys.argv[1]):
    if line[0] != "#":
        sys.stdout.buffer.write(bytes.fromhex(line))' \
  "$known/../../../samples/formats/intel_ifd/three.hex" >image
seq 1 2000 >noise
dd if=noise of=image bs=1 seek=4096 count=4096 conv=notrunc 2>/dev/null
ifdtool -x image >/dev/null 2>&1
for region in bios gbe; do
  file=$(echo flashregion_?_$region.bin)
  printf '%s\tfile\t%s\n' $region "$(sha256sum <"$file" | cut -d' ' -f1)"
done >truth
ours image "type sha256" >ours
agree intel_ifd truth ours
accounted image
finish
