#!/bin/bash
# Makes the JARs with OpenJDK 17's jarsigner and throw-away keys.
# make.sh FOLDER: where keys and JARs go. all.apk is made like the samples of
# apk_v2 (see its make.sh), with --min-sdk-version 21 and v1, v2 and v3.
set -euo pipefail
cd "$1"
long=two-with-a-name-so-long-that-the-manifest-has-to-break-its-line-in-two.txt
mkdir -p in/sub
printf 'inert one\n' >in/one.txt
printf 'inert two\n' >"in/sub/$long"
TZ=UTC find in -exec touch -d '2024-05-06 07:08:10 UTC' {} +
(cd in && TZ=UTC zip -X -q -r ../plain.jar .)

openssl req -x509 -nodes -newkey rsa:2048 -days 10000 -subj '/CN=inert CA' \
  -keyout ca.key.pem -out ca.crt.pem -addext keyUsage=critical,keyCertSign
certificate() {  # NAME OPTIONS of openssl req
  openssl req -new -nodes "${@:2}" -subj "/CN=inert $1" \
    -keyout "$1.key.pem" -out "$1.csr"
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n' \
    >extensions
  openssl x509 -req -in "$1.csr" -CA ca.crt.pem -CAkey ca.key.pem -days 9000 \
    -extfile extensions -out "$1.crt.pem"
  openssl pkcs12 -export -in "$1.crt.pem" -inkey "$1.key.pem" -name "$1" \
    -certfile ca.crt.pem -passout pass:inert1 -out "$1.p12"
}
certificate rsa -newkey rsa:2048
certificate ec -newkey ec -pkeyopt ec_paramgen_curve:P-256

sign() {  # SIGNER IN OUT OPTIONS
  jarsigner -keystore "$1.p12" -storepass inert1 -signedjar "$3" "${@:4}" \
    "$2" "$1"
}
sign rsa plain.jar rsa.jar
sign ec rsa.jar both.jar
sign rsa plain.jar sha1.jar -digestalg SHA-1
sign rsa plain.jar sections.jar -sectionsonly -sigfile X
sign rsa plain.jar internal.jar -internalsf
