#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by mkimage and
# fdtput (packages u-boot-tools, device-tree-compiler).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in rsa other; do
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $name.key 2>/dev/null
  openssl req -x509 -new -key $name.key -subj /CN=inert -days 3650 -out $name.crt
  openssl pkey -in $name.key -pubout -out "$here/$name.pub.pem"
done
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
openssl pkey -in ec.pem -pubout -out "$here/ec.pub.pem"
printf 'inert kernel\n' >kernel.bin
printf 'inert devicetree\n' >fdt.bin
printf 'inert ramdisk\n' >ramdisk.bin

image() {  # NAME TYPE HASH [MORE]
  printf '%s { data = /incbin/("%s.bin"); type = "%s"; arch = "arm"; ' "$1" "${1%-*}" "$2"
  printf 'os = "linux"; compression = "none"; load = <0>; entry = <0>; '
  printf 'hash-1 { algo = "%s"; }; %s };\n' "$3" "${4-}"
}
conf() {  # NAME IMAGES SIGNATURE
  printf '%s { %s %s };\n' "$1" "$2" "$3"
}
sign() {  # NUMBER ALGO KEY MORE
  printf 'signature-%s { algo = "%s"; key-name-hint = "%s"; %s };' "$1" "$2" "$3" "${4-}"
}
fit() {  # FILE IMAGES CONFIGURATIONS
  printf '/dts-v1/; / { description = "inert"; images { %s }; configurations { default = "conf-1"; %s }; };' \
    "$2" "$3" >fit.its
  SOURCE_DATE_EPOCH=1700000000 mkimage -f fit.its -k . ${4-} "$here/$1" >log 2>&1 || { cat log; exit 1; }
}
both='kernel = "kernel-1"; fdt = "fdt-1";'
all='sign-images = "kernel", "fdt";'
pair="$(image kernel-1 kernel sha256) $(image fdt-1 flat_dt sha512)"
# Two configurations, the first with two signatures; the third is unsigned.
fit configurations.itb "$pair" "
  $(conf conf-1 "$both" "$(sign 1 sha256,rsa2048 rsa "$all") $(sign 2 sha256,rsa2048 other "$all")")
  $(conf conf-2 "$both" "$(sign 1 sha512,rsa2048 rsa "$all padding = \"pss\";")")
  $(conf conf-3 "$both" '')"
fit ecdsa.itb "$pair" "$(conf conf-1 "$both" "$(sign 1 sha256,ecdsa256 ec "$all")")"
fit external.itb "$pair" "$(conf conf-1 "$both" "$(sign 1 sha256,rsa2048 rsa "$all")")" -E
# Only the images are signed: nothing says which belong together.
fit images.itb "$(image kernel-1 kernel sha256 "$(sign 1 sha256,rsa2048 rsa)")
  $(image fdt-1 flat_dt sha256 "$(sign 1 sha256,rsa2048 rsa)")" "$(conf conf-1 "$both" '')"
# hashed-nodes leaves out the ramdisk, as sign-images says.
fit left_out.itb "$pair $(image ramdisk-1 ramdisk sha256)" \
  "$(conf conf-1 "$both ramdisk = \"ramdisk-1\";" "$(sign 1 sha256,rsa2048 rsa "$all")")"
for weak in crc32 md5 sha1; do
  fit $weak.itb "$(image kernel-1 kernel $weak)" \
    "$(conf conf-1 'kernel = "kernel-1";' "$(sign 1 sha256,rsa2048 rsa 'sign-images = "kernel";')")"
done
fit sha1_signature.itb "$(image kernel-1 kernel sha256)" \
  "$(conf conf-1 'kernel = "kernel-1";' "$(sign 1 sha1,rsa2048 rsa 'sign-images = "kernel";')")"
# CVE-2026-46728: a configuration of the attacker's, whose signature is copied
# and whose hashed-nodes name what was signed.
cp "$here/ecdsa.itb" evil.itb
put() { fdtput -p -t "$1" evil.itb "$2" "$3" "${@:4}"; }
from=/configurations/conf-1/signature-1
to=/configurations/conf-9/signature-1
put s /images/kernel-9 type kernel
put s /images/kernel-9 data evil
put s /images/kernel-9/hash-1 algo sha256
# shellcheck disable=SC2046
put bx /images/kernel-9/hash-1 value $(printf 'evil\0' | sha256sum | cut -d' ' -f1 | sed 's/../& /g')
put s /configurations/conf-9 kernel kernel-9
put s /configurations/conf-9 fdt fdt-1
for property in algo key-name-hint hashed-nodes; do
  mapfile -t values < <(fdtget -t s evil.itb $from $property | tr ' ' '\n')
  put s $to $property "${values[@]}"
done
for property in value hashed-strings; do
  # shellcheck disable=SC2046
  put x $to $property $(fdtget -t x evil.itb $from $property)
done
cp evil.itb "$here/hashed_nodes.itb"
