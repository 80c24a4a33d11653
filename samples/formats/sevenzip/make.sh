#!/bin/sh
# Makes the samples in the current folder (7zz 26.02).
set -e
mkdir -p tree/bin tree/etc/empty
printf 'inert: not a program\n' >tree/bin/su
chmod 4755 tree/bin/su
ln -sf ../bin/su tree/etc/link
: >tree/etc/zero
seq 1 1100 >tree/etc/numbers
# Calls and jumps for the filters of code.
for i in 1 2 3 4 5 6 7; do
  printf "abcd\\350\\0$i\\0$i\\0\\0ef\\017\\204\\0$i\\001\\0\\0gh\\351\\377\\37$i\\377\\377"
done >tree/bin/code
find tree -exec touch -h -d @1000000000 {} +
make() {
  name=$1
  shift
  rm -f "$name.7z"
  (cd tree && 7zz a -snl -mtr+ "$@" "../$name.7z" . >/dev/null)
  { echo "# make.sh: 7zz a $*"; xxd -p -c 38 "$name.7z"; } >"$name.hex"
}
make solid -ms=on
make plain -ms=off -mhc=off -m0=Copy
make deflate -ms=on -m0=Deflate
make bzip2 -ms=off -m0=BZip2
make lzma -ms=on -m0=BCJ -m1=LZMA:d=64k
make delta -ms=on -m0=Delta:4 -m1=LZMA2
make bcj2 -ms=on -m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3
make ppmd -ms=on -m0=PPMd
make secret -ms=on -pverysecret
make secret-names -ms=on -pverysecret -mhe=on
