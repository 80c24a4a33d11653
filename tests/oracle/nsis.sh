#!/bin/bash
# NSIS installers of every packing, width and processor that makensis writes,
# against the files that went in; 7-Zip finds the same.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
find root ! -type f ! -type d -delete
rm -rf root/dev
find root/etc/deep -name 'file1*' -delete
# Programs, whose calls are filtered, and blocks that do not get smaller.
cp "$(command -v openssl)" root/big/program.exe
cat root/big/noise root/big/noise root/big/program.exe >root/big/blocks
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +

script() {  # PACKING TARGET [COMPRESS]
  printf 'SetCompress %s\nSetCompressor %s\nTarget %s\n' "${3:-auto}" "$1" "$2"
  printf 'Name n\nOutFile n.exe\nSection\n'
  (cd root && find . -type f | LC_ALL=C sort) | while read -r path; do
    path=${path#./}
    folder=$(dirname "$path")
    printf 'SetOutPath "$INSTDIR\\%s"\nFile "root/%s"\n' "${folder//\//\\}" \
      "$path"
  done
  printf 'WriteUninstaller "$INSTDIR\\un.exe"\nSectionEnd\n'
  printf 'Section Uninstall\nDelete "$INSTDIR\\x"\nSectionEnd\n'
}
truth root "type mtime sha256" | grep -P '\tfile\t' >truth
# 7-Zip puts the uninstaller together; here it is what it is made of.
cut -f1,2,4 truth >content

check() {  # NAME PACKING TARGET [COMPRESS]
  script "${@:2}" >script.nsi
  makensis -V1 script.nsi >/dev/null
  local inner
  inner=$("$assay" ls --json n.exe | jq -r '[.artifacts[]
    | select(.format == "nsis")][0].path | ltrimstr("n.exe")')
  ours n.exe "type mtime sha256" "$inner" |
    grep -v -P '^un.exe(.icons)?\t' >found
  agree "nsis-$1" truth found
  accounted n.exe
  rm -rf out
  7zz x -oout n.exe >/dev/null 2>&1 || true
  truth out "type sha256" | grep -P '\tfile\t' | grep -v -P '^un.exe\t' >listed
  agree "nsis-$1-7z" content listed
}

check zlib zlib x86-unicode
check zlib-solid '/SOLID zlib' x86-unicode
check zlib-ansi zlib x86-ansi
check zlib-64 '/SOLID zlib' amd64-unicode
check lzma lzma x86-unicode
check lzma-solid '/SOLID lzma' amd64-unicode
check bzip2 bzip2 x86-unicode
check bzip2-solid '/SOLID bzip2' x86-ansi
check stored zlib x86-unicode off
finish
