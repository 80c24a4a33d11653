#!/bin/bash
# Makes the samples with llvm-mc, ld64.lld and yaml2obj (llvm-14, lld-14).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME FILE COMMENT: lines of zeros stand for themselves
  { echo "# $3"
    xxd -p -c 32 "$2" | awk -v size="$(stat -c %s "$2")" '
      { at = NR * 32 - 32 }
      /^0*$/ { skipped = 1; next }
      { if (skipped) printf "@%x\n", at; skipped = 0; print }
      END { if (skipped) printf "@%x\n", size }'
  } >"$here/$1.hex"
}

# Inert: nothing runs it, and the function has no argument.
cat >program.s <<'S'
        .section __TEXT,__text,regular,pure_instructions
        .globl  _main
_main:  bl      _system
        ret
S
cat >system.tbd <<'S'
--- !tapi-tbd
tbd-version: 4
targets: [ arm64-macos ]
install-name: '/usr/lib/libSystem.B.dylib'
exports:
  - targets: [ arm64-macos ]
    symbols: [ _system, dyld_stub_binder ]
...
S
llvm-mc-14 -triple arm64-apple-macos11 -filetype=obj program.s -o program.o
ld64.lld-14 -arch arm64 -platform_version macos 11.0 11.0 -adhoc_codesign \
  -e _main program.o system.tbd -o program
hex object program.o "arm64 object: llvm-mc"
hex program program "arm64 program with a signature: ld64.lld"

# Big-endian, 32 bits.
cat >old.yaml <<'Y'
--- !mach-o
IsLittleEndian: false
FileHeader: { magic: 0xFEEDFACE, cputype: 18, cpusubtype: 0, filetype: 2,
              ncmds: 2, sizeofcmds: 148, flags: 0 }
LoadCommands:
  - { cmd: LC_SEGMENT, cmdsize: 124, segname: __TEXT, vmaddr: 4096, vmsize: 4096,
      fileoff: 0, filesize: 192, maxprot: 7, initprot: 5, nsects: 1, flags: 0,
      Sections: [ { sectname: __text, segname: __TEXT, addr: 0x10B0, size: 16,
        offset: 0xB0, align: 2, reloff: 0, nreloc: 0, flags: 0x80000400,
        reserved1: 0, reserved2: 0,
        content: 4E8000204E8000204E8000204E800020 } ] }
  - { cmd: LC_UUID, cmdsize: 24, uuid: 00112233-4455-6677-8899-AABBCCDDEEFF }
...
Y
yaml2obj-14 old.yaml -o old
hex old old "PowerPC program, big-endian: yaml2obj"
