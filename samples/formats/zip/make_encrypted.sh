#!/bin/sh
# Makes the encrypted samples in the current folder: Info-ZIP zip 3.0, 7zz
# 26.02, bsdtar 3.6.2 (which writes AE-1). The password is "secret".
set -e
mkdir tree
yes 'seq ' | head -n 200 >tree/r.txt
printf 'abc' >tree/f
ln -s f tree/l
touch -h -d @1700000000 tree/*
hex() {
  { echo "# make_encrypted.sh: $2"; xxd -p -c 38 "$1.zip"; } >"$1.hex"
}
rm -f -- *.zip
(cd tree && zip -q -y -X -P secret ../traditional.zip r.txt f l)
hex traditional "zip -y -X -P secret"
(cd tree && zip -q -fd -X -P secret ../traditional-descriptor.zip r.txt f)
hex traditional-descriptor "zip -fd -X -P secret"
for bits in 128 192 256; do
  (cd tree && 7zz a -bso0 -bsp0 -mem=AES$bits -psecret ../aes$bits.zip r.txt f)
  hex aes$bits "7zz a -mem=AES$bits -psecret"
done
(cd tree && bsdtar -cf ../ae1.zip --format zip --passphrase secret \
  --options zip:encryption=aes256 r.txt f)
hex ae1 "bsdtar --format zip --options zip:encryption=aes256"
rm -r tree ./*.zip
