#!/bin/bash
# Makes the samples with binutils for Windows (as, ld, dlltool, windres) and
# python3 of Debian 12.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME FILE COMMENT...
  { printf '# %s\n' "${@:3}"; xxd -p -c 32 "$2"; } >"$here/$1.hex"
}

# ld makes no entries in the data directory for these.
directory() {  # FILE INDEX SECTION SIZE
  /usr/bin/python3 - "$@" <<'P'
import pefile, sys
name, index, section, size = sys.argv[1:]
image = pefile.PE(name)
directory = image.OPTIONAL_HEADER.DATA_DIRECTORY[int(index)]
directory.VirtualAddress = next(s for s in image.sections
                                if s.Name.startswith(section.encode())).VirtualAddress
directory.Size = int(size)
image.OPTIONAL_HEADER.CheckSum = image.generate_checksum()
image.write(name)
P
}

# Libraries to link against: names and numbers alone.
library() {  # NAME OPTION...
  printf 'LIBRARY %s.dll\nEXPORTS\n%s\n' "$1" "$(cat)" >"$1.def"
  x86_64-w64-mingw32-dlltool -k -d "$1.def" "${@:2}"
}
printf 'CreateProcessW\nSleep\n' | library kernel32 -l kernel32.a
printf 'listen @13 NONAME\n' | library ws2_32 -l ws2_32.a

# Inert: it is never entered, and the calls have no arguments.
cat >demo.s <<'S'
        .section .text
        .globl  entry
entry:  call    CreateProcessW
        call    Sleep
        call    listen
        call    *addresses(%rip)
callback:
        ret
        .globl  demo, hidden
demo:   ret
hidden: ret
        .section .patch, "wx"
        .ascii  "code that may be written"
        .section .tls, "dw"
        .globl  _tls_used
_tls_used:
        .quad   0, 0, index, callbacks
        .long   0, 0
index:  .quad   0
callbacks:
        .quad   callback, callback, 0
# A library that is loaded at the first call.
        .section .didat, "dw"
        .long   1
        .rva    name, module, addresses, names
        .long   0, 0, 0
        .space  32
names:  .rva    function
        .long   0, 0, 0
addresses:
        .quad   callback, 0
module: .quad   0
name:   .asciz  "advapi32.dll"
function:
        .word   0
        .asciz  "RegSetValueExA"
S
x86_64-w64-mingw32-as demo.s -o demo.o
cat >inner.s <<'S'
        .section .text
        .globl  entry
entry:  ret
S
x86_64-w64-mingw32-as inner.s -o inner.o
link=(--file-alignment 32 --section-alignment 4096 --no-insert-timestamp -s)
x86_64-w64-mingw32-ld "${link[@]}" --subsystem console --entry entry \
  --disable-dynamicbase inner.o -o inner.exe
cat >demo.rc <<'S'
1 VERSIONINFO
FILEVERSION 1,2,3,4
{
  BLOCK "StringFileInfo" { BLOCK "040904b0" {
    VALUE "OriginalFilename", "other.dll"
    VALUE "ProductName", "Sample" } }
  BLOCK "VarFileInfo" { VALUE "Translation", 0x409, 1200 }
}
PAYLOAD RCDATA "inner.exe"
S
x86_64-w64-mingw32-windres --preprocessor cat demo.rc -O coff -o rc.o
cat >demo.def <<'S'
LIBRARY demo.dll
EXPORTS
  demo
  hidden @7 NONAME
  beep = kernel32.Beep
S
x86_64-w64-mingw32-ld "${link[@]}" -shared --subsystem windows --entry entry \
  --enable-auto-image-base --dynamicbase --nxcompat --high-entropy-va \
  --build-id --pdb=demo.pdb demo.def demo.o rc.o kernel32.a ws2_32.a \
  -o demo.dll
directory demo.dll 13 .didat 64
hex demo demo.dll "PE32+ library with one of each thing: as, dlltool, windres, ld"

# A header of .NET.
cat >clr.s <<'S'
        .section .text
        .globl  _entry
_entry: ret
        .section .rdata, "dr"
header: .long   72
        .word   2, 5
        .rva    root
        .long   32, 1, 0
        .space  48
root:   .ascii  "BSJB"
        .word   1, 1
        .long   0, 12
        .asciz  "v4.0.30319"
        .byte   0
        .long   0
S
i686-w64-mingw32-as clr.s -o clr.o
i686-w64-mingw32-ld "${link[@]}" --subsystem console \
  --entry _entry clr.o -o clr.exe
directory clr.exe 14 .rdata 72
hex clr clr.exe "PE32 program with a header of .NET: as, ld, pefile"
