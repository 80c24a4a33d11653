#!/bin/bash
# Signed Android packages against apksigner.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs apksigner

samples=$known/../../../samples/signatures
trust x509-pin "$samples/apk_v2/rsa.crt.pem"
cp "$samples/apk_v2/rsa.apk" "$samples/apk_v2/dsa.apk" .
check() {  # holds, and is by the pinned certificate
  local said
  said=$(apksigner verify --min-sdk-version 24 --print-certs "$1") || return 1
  grep -q "$(openssl x509 -in "$samples/apk_v2/rsa.crt.pem" -outform DER |
    sha256sum | cut -d' ' -f1)" <<<"$said"
}
size=$(stat -c %s rsa.apk)
block=$(grep -obUaF 'APK Sig Block 42' rsa.apk | head -n 1 | cut -d: -f1)
change() {  # NAME OFFSET
  cp rsa.apk "$1.apk"
  poke "$1.apk" "$2"
}
change entry 40
change directory $((block + 16 + 12))
change end $((size - 4))
change magic "$block"
change signed $((block - 4200))
cp rsa.apk longer.apk
printf 'x' >>longer.apk
for case in rsa dsa entry directory end magic signed longer; do
  both "apk-$case" "$(says check $case.apk)" "$(verdict apk_v2 $case.apk)"
done
finish
