#!/bin/bash
# FIT images that mkimage signs, against the check that U-Boot makes of them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs mkimage openssl python3
checker=$known/../fit_check_sign.py
python3 -c 'import cryptography' 2>/dev/null || needs python3-cryptography

mkdir keys strangers
for bits in 2048 4096; do
  openssl genrsa -out keys/rsa$bits.key $bits 2>/dev/null
done
openssl genrsa -out strangers/rsa2048.key 2048 2>/dev/null
for folder in keys strangers; do
  for key in "$folder"/*.key; do  # mkimage reads the public half from these
    openssl req -x509 -new -key "$key" -subj /CN=inert -days 90 -out "${key%key}crt"
    openssl pkey -in "$key" -pubout -out "${key%key}pub"
  done
done
openssl ecparam -genkey -name prime256v1 -noout -out keys/ecdsa256.pem
openssl pkey -in keys/ecdsa256.pem -pubout -out keys/ecdsa256.pub
seq 1 5000 >kernel.bin
seq 1 300 >board.dtb

image() {  # NAME FILE TYPE HASH
  printf '%s { data = /incbin/("%s"); type = "%s"; arch = "arm"; os = "linux";
    compression = "none"; load = <0x8000>; entry = <0x8000>;
    hash-1 { algo = "%s"; }; };' "$@"
}
fit() {  # NAME KEY ALGO [HASH [OPTION...]]: signs the default configuration
  local hash=${4:-sha256} padding=
  [[ $1 != pss ]] || padding='padding = "pss";'
  cat >"$1.its" <<END
/dts-v1/;
/ { description = "inert";
  images { $(image kernel-1 kernel.bin kernel "$hash") $(image fdt-1 board.dtb flat_dt "$hash") };
  configurations { default = "conf-1";
    conf-1 { kernel = "kernel-1"; fdt = "fdt-1";
      signature-1 { algo = "$3"; key-name-hint = "$2"; $padding
        sign-images = "kernel", "fdt"; }; }; }; };
END
  mkimage -f "$1.its" -k keys "${@:5}" "$1.itb" >log 2>&1 || { cat log; exit 1; }
}
fit rsa rsa2048 sha256,rsa2048
fit pss rsa2048 sha256,rsa2048
fit large rsa4096 sha512,rsa4096 sha512
fit ecdsa ecdsa256 sha256,ecdsa256
fit external rsa2048 sha256,rsa2048 sha256 -E
cp rsa.itb again.itb  # another's signature in its place
mkimage -F -k strangers -r again.itb >log 2>&1
sed 's/signature-1 {.*//;/sign-images/s/.*}; }; }; };/}; }; };/' rsa.its >unsigned.its
mkimage -f unsigned.its unsigned.itb >log 2>&1 || { cat log; exit 1; }

at() {  # FILE TEXT [N]: where the Nth place of a text is
  grep -obUaF -- "$2" "$1" | sed -n "${3:-1}p" | cut -d: -f1
}
size=$(stat -c %s rsa.itb)
change() {  # NAME OFFSET [FROM]
  cp "${3:-rsa}.itb" "$1.itb"
  poke "$1.itb" "$2"
}
change kernel $(($(at rsa.itb 4321) + 2))
change board $(($(at rsa.itb $'\n200\n') + 2))
change data $(($(at external.itb 4321) + 2)) external
change description "$(at rsa.itb inert)"
change type "$(at rsa.itb flat_dt)"
change reference $(($(at rsa.itb kernel-1 2) + 7))
change hint "$(at rsa.itb rsa2048 2)"
cp rsa.itb behind.itb
printf 'behind' >>behind.itb
cp rsa.itb short.itb
truncate -s $((size / 2)) short.itb
# The value of the signature is 256 bytes that begin behind its property's head.
value=$(python3 - rsa.itb <<'END'
import re, sys
fit = open(sys.argv[1], "rb").read()
print(re.search(rb"\0\0\0\x03\0\0\x01\0", fit).start() + 12)
END
)
change value $((value + 20))

check() { says python3 "$checker" "$1.itb" "keys/$2.pub"; }
compare() {  # KEY CASE...
  local case
  trust raw-key "keys/$1.pub"
  for case in "${@:2}"; do
    both "fit-$case" "$(check "$case" "$1")" "$(verdict fit "$case.itb")"
  done
}
compare rsa2048 rsa pss external again unsigned kernel board data description \
  type reference hint value behind short large
compare rsa4096 large rsa
compare ecdsa256 ecdsa

# Stricter: hashes that bind nothing, and nodes that a list in the file itself
# leaves out or names in the place of others.
for weak in crc32 md5 sha1; do
  fit $weak rsa2048 sha256,rsa2048 $weak
done
fit sha1-signature rsa2048 sha1,rsa2048
trust raw-key keys/rsa2048.pub
for case in crc32 md5 sha1 sha1-signature; do
  apart "fit-$case" "$(check $case rsa2048)" "$(verdict fit $case.itb)"
done
samples=$known/../../../samples/signatures/fit
cp "$samples"/{rsa.pub.pem,left_out.itb} .
cp rsa.pub.pem keys/sample.pub
trust raw-key keys/sample.pub
apart fit-left-out "$(check left_out sample)" "$(verdict fit left_out.itb)"
finish
