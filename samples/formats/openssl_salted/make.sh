#!/bin/sh
# Makes the samples in the current folder (OpenSSL 3.0.19). The password is
# "secret"; the content is the output of `seq 1 200`, plain or as gzip.
set -e
make() {
  name=$1
  shift
  openssl enc "$@" -S 0123456789abcdef -pass pass:secret 2>/dev/null >body
  # With -S the salt is no longer written in front (OpenSSL 3.0).
  { echo "# make.sh: openssl enc $*"
    { printf 'Salted__\001\043\105\147\211\253\315\357'; cat body; } | xxd -p -c 38
  } >"$name.hex"
  rm body
}
seq 1 200 | make pbkdf2 -aes-256-cbc -pbkdf2
seq 1 200 | make sha256 -aes-256-cbc
seq 1 200 | make md5 -aes-256-cbc -md md5
seq 1 200 | make aes128 -aes-128-cbc -pbkdf2
seq 1 200 | gzip -n | make gzip -aes-256-cbc -pbkdf2
make empty -aes-256-cbc -pbkdf2 </dev/null
seq 1 200 | make ctr -aes-256-ctr -pbkdf2
seq 1 200 | make iterations -aes-256-cbc -pbkdf2 -iter 5000
head -c 600 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null |
  make noise -aes-256-cbc -pbkdf2
