#!/bin/bash
# Encrypted zip archives of three programs, opened with their password, against
# the tree that went in; closed, nothing of the content may come out.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
rm -rf root/dev
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
fields="type mode link sha256"
truth root "$fields" >truth
printf 'wrong\nsecret\n' >passwords
program=$assay
opened() { "$program" "$@" --password-file passwords; }

check() {  # NAME [TRUTH]
  assay=opened
  ours "$1.zip" "$fields" >ours
  agree "zip-$1" "${2:-truth}" ours
  assay=$program
  accounted "$1.zip"
  "$assay" ls --json "$1.zip" |
    jq -r '.artifacts[1:][] | select(.size > 0) | .path' >leaked
  echo none >>leaked
  echo none >nothing
  agree "zip-$1-closed" nothing leaked
}

(cd root && zip -q -r -y -P secret ../traditional.zip .)
check traditional
(cd root && zip -q -r -y -0 -P secret ../stored.zip .)
check stored
# zip refuses to store a link behind a descriptor.
cp -a root linkless
find linkless -type l -delete
find linkless -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
truth linkless "$fields" >linkless.truth
(cd linkless && zip -q -r -y -fd -P secret ../descriptor.zip .)
check descriptor linkless.truth
for bits in 128 192 256; do
  (cd root && 7zz a -tzip -snl -bso0 -bsp0 -mem=AES$bits -psecret "../aes$bits.zip" .)
  check aes$bits
done
(cd root && 7zz a -tzip -snl -bso0 -bsp0 -mm=BZip2 -mem=AES256 -psecret ../bzip2.zip .)
check bzip2
(cd root && 7zz a -tzip -snl -bso0 -bsp0 -mem=ZipCrypto -psecret ../zipcrypto.zip .)
check zipcrypto
for how in aes128 aes256 traditional; do
  (cd root && bsdtar -cf "../libarchive-$how.zip" --format zip \
    --passphrase secret --options "zip:encryption=$how" -- *)
  check "libarchive-$how"
done
finish
