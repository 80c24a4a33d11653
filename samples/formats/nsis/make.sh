#!/bin/bash
# Makes the samples in the current folder (makensis of nsis 3.08): what
# installers have behind their program, one a packing.
set -e
here=$(dirname "$(realpath "$0")")
export SOURCE_DATE_EPOCH=1000000000
seq 1 200 > numbers.txt
printf 'inert: not a program\n' > tool.exe
touch -d '2001-09-09 01:46:40 UTC' numbers.txt tool.exe
make() {  # NAME PACKING TARGET [COMPRESS]
  cat > script.nsi << EOF
SetCompress ${4:-auto}
SetCompressor $2
Target $3
Name sample
OutFile $1.exe
InstallDir "\$PROGRAMFILES\\sample"
Section
SetOutPath \$INSTDIR
File tool.exe
SetOutPath \$INSTDIR\\data
File numbers.txt
SetOutPath \$TEMP
File /oname=copy.txt numbers.txt
WriteUninstaller \$INSTDIR\\remove.exe
SectionEnd
Section Uninstall
Delete \$INSTDIR\\tool.exe
SectionEnd
EOF
  makensis -V1 script.nsi
  at=$(grep -abo NullsoftInst "$1.exe" | head -n 1 | cut -d: -f1)
  tail -c +$((at - 8 + 1)) "$1.exe" > "$1.img"
  { echo "# makensis: SetCompressor $2, Target $3 ${4:-}; behind the program"
    "$here/../../sparse_hex.sh" "$1.img"; } > "$1.hex"
}
make zlib zlib x86-unicode
make zlib-solid '/SOLID zlib' x86-unicode
make lzma lzma amd64-unicode
make lzma-solid '/SOLID lzma' x86-unicode
make bzip2 bzip2 x86-ansi
make bzip2-solid '/SOLID bzip2' x86-unicode
make stored zlib x86-ansi off
