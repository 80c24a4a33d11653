#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by
# mender-artifact.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
openssl genrsa -traditional -out rsa.key 2048 2>/dev/null
openssl ecparam -genkey -name prime256v1 -noout -out p256.key
printf 'inert payload\n' >payload.bin
for name in rsa p256; do
  openssl pkey -in $name.key -pubout -out "$here/$name.pub.pem"
  SOURCE_DATE_EPOCH=1700000000 mender-artifact write module-image -T inert \
    -n inert-1 -t board -f payload.bin -k $name.key -o $name.mender >/dev/null
  mkdir $name
  tar -C $name -xf $name.mender
  cp $name/manifest "$here/$name.manifest"
  cp $name/manifest.sig "$here/$name.manifest.sig"
done
cp rsa/version "$here/version"
openssl ecparam -genkey -name prime256v1 -noout | openssl pkey -pubout -out "$here/other.pub.pem"
