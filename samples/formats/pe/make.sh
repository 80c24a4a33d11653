#!/bin/bash
# Makes the samples with binutils for Windows (as, ld, windres, objcopy) and
# osslsigncode of Debian 12. Signatures differ from run to run.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME FILE COMMENT...
  { printf '# %s\n' "${@:3}"; xxd -p -c 32 "$2"; } >"$here/$1.hex"
}

cat >program.s <<'S'
        .section .text
        .globl  efi_main
efi_main:
        xorl    %eax, %eax
        ret
        .section .data
        .ascii  "greeting"
        .section .sbat, "dr"
        .ascii  "sbat,1,SBAT Version,sbat,1,https://example.org/sbat.md\n"
S
x86_64-w64-mingw32-as program.s -o program.o
link=(--file-alignment 32 --section-alignment 4096)
efi=("${link[@]}" --subsystem 10 --entry efi_main)
x86_64-w64-mingw32-ld "${efi[@]}" -s program.o -o plain.efi
x86_64-w64-mingw32-ld "${efi[@]}" program.o -o symbols.efi

# An icon, a manifest, a version, packed data; numbers and names.
printf 'II*\0 packed' >packed
printf '<assembly/>' >manifest
cat >all.rc <<'S'
1 24 "manifest"
SETUP RCDATA "packed"
7 RCDATA { "seven" }
STUFF EXTRA { "more" }
1 VERSIONINFO
FILEVERSION 1,2,3,4
{ BLOCK "StringFileInfo" { BLOCK "040904b0" { VALUE "ProductName", "Sample" } } }
S
i686-w64-mingw32-windres --preprocessor cat all.rc -O coff -o all.o
i686-w64-mingw32-as program.s -o program32.o
i686-w64-mingw32-ld "${link[@]}" --subsystem console --entry efi_main \
  -s program32.o all.o -o resources.exe

# A unified kernel image is an EFI program with sections added.
printf 'kernel' >linux
printf 'root=/dev/sda quiet' >cmdline
printf 'ID=sample\n' >osrel
echo hello >file && bsdtar --format newc -cf initrd file
x86_64-w64-mingw32-objcopy \
  --add-section .osrel=osrel --change-section-vma .osrel=0x140010000 \
  --add-section .cmdline=cmdline --change-section-vma .cmdline=0x140020000 \
  --add-section .linux=linux --change-section-vma .linux=0x140030000 \
  --add-section .initrd=initrd --change-section-vma .initrd=0x140040000 \
  plain.efi uki.efi

# An installer: files behind the program, then a signature.
openssl req -x509 -newkey rsa:1024 -nodes -keyout key.pem -out cert.pem \
  -subj /CN=Sample -days 36500 2>/dev/null
{ cat plain.efi; printf 'files of the installer, 40 bytes in all.'; } >overlay.efi
osslsigncode sign -h sha256 -certs cert.pem -key key.pem -in overlay.efi \
  -out signed.efi >/dev/null

hex plain plain.efi "PE32+: ld -s --subsystem 10 (EFI application)"
hex symbols symbols.efi "The same, with its COFF symbols"
hex resources resources.exe "PE32 with resources: windres, ld"
hex uki uki.efi "The first, with sections of a unified kernel image: objcopy"
hex signed signed.efi "The first, with 40 bytes behind it: osslsigncode sign"
