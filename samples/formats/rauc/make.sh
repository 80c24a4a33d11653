#!/bin/sh
# Makes the samples in the current folder (rauc 1.8, squashfs-tools, openssl).
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -days 36500 -subj '/CN=inert' -keyout "$work/key.pem" \
  -out "$work/cert.pem" 2>/dev/null
for format in plain verity; do
  mkdir "$work/$format"
  # RAUC refuses a payload of one block, so this does not compress.
  head -c 5000 /dev/zero | openssl enc -aes-128-ctr \
    -K 00112233445566778899aabbccddeeff -iv 0 2>/dev/null \
    >"$work/$format/rootfs.img"
  cat >"$work/$format/manifest.raucm" <<END
[update]
compatible=inert
version=1
[bundle]
format=$format
[image.rootfs]
filename=rootfs.img
END
  rauc bundle --cert="$work/cert.pem" --key="$work/key.pem" \
    "$work/$format" "$work/$format.raucb" >/dev/null 2>&1
  { echo "# make.sh: a $format bundle"; xxd -p -c 38 "$work/$format.raucb"; } \
    >"$format.hex"
done
