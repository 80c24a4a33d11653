#!/bin/bash
# Full updates by samples/formats/android_payload/make.py, in which the pieces
# of real images are stored, bzip2 or xz as is smallest: every partition is the
# image that went in. No tool of Debian reads payloads.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/android_payload/make.py

tree root
mkdir images
mke2fs -q -t ext4 -d root images/system 24M
mksquashfs root images/vendor -comp xz -noappend -quiet -no-progress
mkfs.erofs --quiet images/product root >/dev/null
head -c 5242880 /dev/zero >images/zero
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 -in images/zero -out images/modem
for image in images/*; do  # whole blocks
  size=$(stat -c %s "$image")
  truncate -s $(((size + 4095) / 4096 * 4096)) "$image"
done

arguments=()
for image in images/*; do
  arguments+=("$(basename "$image")=$image")
done
python3 "$make" images payload.bin "${arguments[@]}"
truth images "type sha256" >expected
ours payload.bin "type sha256" >found
agree payload expected found
accounted payload.bin
truth root "type mode uid gid link device sha256" >expected
for inner in system product; do
  ours payload.bin "type mode uid gid link device sha256" "!/$inner" |
    grep -v '^lost+found' >found
  agree "payload-$inner" expected found
done

# As an update is delivered: stored in a zip.
mkdir update && cp payload.bin update/
(cd update && 7zz a -mx0 -tzip ../update.zip payload.bin >/dev/null)
truth images "type sha256" >expected
ours update.zip "type sha256" '!/payload.bin' >found
agree payload-zip expected found
finish
