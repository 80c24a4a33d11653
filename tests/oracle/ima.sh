#!/bin/bash
# File signatures of the kernel's integrity measurement against evmctl.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs evmctl mke2fs debugfs

samples=$known/../../../samples/signatures/ima
openssl x509 -in "$samples/cert.pem" -outform DER -out cert.der
trust x509-pin "$samples/cert.pem"
case_() {  # NAME: a folder with the file and its signature
  mkdir "$1"
  cp "$samples/file" "$samples/file.sig" "$1"
}
check() {
  (cd "$1" && evmctl ima_verify --key "$folder/cert.der" --sigfile file)
}
case_ good
case_ content
poke content/file 1
case_ value
poke value/file.sig 100
case_ key
poke key/file.sig 4
case_ algorithm
poke algorithm/file.sig 2
case_ cut
truncate -s -3 cut/file.sig
# The kernel keeps the signature in an extended attribute.
image() {
  truncate -s 200K "$1.img"
  mke2fs -q -t ext4 -O ^has_journal "$1.img"
  debugfs -w -f - "$1.img" >/dev/null 2>&1 <<D
write $1/file file
ea_set -f $1/file.sig file security.ima
D
}
for case in good content value algorithm cut; do
  image $case
  both "ima-$case" "$(says check $case)" "$(verdict ima $case.img)"
done
# The key id is not signed: a hint to assay, a search term to the tool.
image key
echo "the tool fails, assay passes" >truth
echo "the tool $(says check key), assay $(verdict ima key.img)" >ours
agree ima-key truth ours
finish
