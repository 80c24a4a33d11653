#!/bin/bash
# What openssl enc encrypts, against what went in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

printf 'wrong\nsecret\n' >passwords
seq 1 200000 >numbers
printf 'x' >short
: >empty
head -c 65520 numbers >piece  # ends with a piece of the reader
tar -cf archive.tar numbers short
gzip -nk numbers

for cipher in aes-256-cbc aes-128-cbc; do
  for derivation in -pbkdf2 "-pbkdf2 -iter 10000 -md sha256" "-md sha256" "-md md5"; do
    for file in numbers piece empty archive.tar numbers.gz; do
      # shellcheck disable=SC2086
      openssl enc -$cipher $derivation -pass pass:secret -in $file -out image 2>/dev/null
      sha256sum <$file | cut -d' ' -f1 >truth
      "$assay" ls --json --password-file passwords image |
        jq -r '.artifacts[] | select(.path == "image!/payload") | .digests.sha256' >ours
      agree "openssl_salted-$cipher-$file" truth ours
      accounted image
    done
  done
done
finish
