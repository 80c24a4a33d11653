#!/bin/bash
# Makes the samples of apk_v2 and apk_v3 with Debian's apksigner (0.9) and
# throw-away keys. Members are no Android content; apksigner does not ask.
# make.sh FOLDER: where keys and APKs go.
set -euo pipefail
cd "$1"
mkdir in
printf 'inert' >in/classes.dex
printf 'asset one\n' >in/one.txt
printf 'not a manifest' >in/AndroidManifest.xml
(cd in
 TZ=UTC touch -d '2024-05-06 07:08:10 UTC' ./*
 TZ=UTC zip -X -q ../plain.apk AndroidManifest.xml classes.dex one.txt)

certificate() {  # NAME OPTIONS of openssl req
  openssl req -x509 -days 10000 -subj "/CN=inert $1" -out "$1.crt.pem" \
    -nodes "${@:2}" 2>/dev/null
  openssl pkcs8 -topk8 -nocrypt -in "$1.key.pem" -outform DER -out "$1.pk8"
}
certificate rsa -newkey rsa:2048 -keyout rsa.key.pem
for name in old ec; do
  certificate "$name" -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -keyout "$name.key.pem"
done
openssl dsaparam -genkey -out dsa.key.pem 2048 2>/dev/null
certificate dsa -key dsa.key.pem

sign() {  # V3 OUT OPTIONS
  apksigner sign --min-sdk-version 24 --v1-signing-enabled false \
    --v2-signing-enabled true --v3-signing-enabled "$1" \
    --v4-signing-enabled false --out "$2" "${@:3}" plain.apk
}
sign false rsa.apk --key rsa.pk8 --cert rsa.crt.pem
sign false dsa.apk --key dsa.pk8 --cert dsa.crt.pem
sign false two.apk --key rsa.pk8 --cert rsa.crt.pem \
  --next-signer --key ec.pk8 --cert ec.crt.pem
sign true ec.apk --key ec.pk8 --cert ec.crt.pem
sign true verity.apk --key rsa.pk8 --cert rsa.crt.pem --verity-enabled
apksigner rotate --out lineage --old-signer --key old.pk8 --cert old.crt.pem \
  --new-signer --key ec.pk8 --cert ec.crt.pem
sign true rotated.apk --key old.pk8 --cert old.crt.pem \
  --next-signer --key ec.pk8 --cert ec.crt.pem --lineage lineage
