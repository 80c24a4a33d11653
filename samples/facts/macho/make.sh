#!/bin/bash
# Makes the samples with llvm-mc and ld64.lld (llvm-14, lld-14) and python3.
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

# Inert: nothing runs it, and the calls have no arguments.
cat >demo.s <<'S'
        .section __TEXT,__text,regular,pure_instructions
        .globl  _main, _demo
_main:  callq   _system
        callq   _listen
        retq
_demo:  retq
        .section __DATA,__mod_init_func,mod_init_funcs
        .quad   _demo, _main
        .section __DATA,__data
        .quad   _task_for_pid, ___stack_chk_fail
S
stub() {  # FILE NAME SYMBOLS
  cat >"$1" <<S
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos ]
install-name: '$2'
exports:
  - targets: [ x86_64-macos ]
    symbols: [ $3 ]
...
S
}
stub system.tbd /usr/lib/libSystem.B.dylib \
  "_system, _listen, ___stack_chk_fail, dyld_stub_binder"
stub other.tbd @rpath/libother.dylib "_task_for_pid"
llvm-mc-14 -triple x86_64-apple-macos11 -filetype=obj demo.s -o demo.o
ld64.lld-14 -arch x86_64 -platform_version macos 11.0 11.0 -adhoc_codesign \
  -e _main -rpath /tmp/lib demo.o system.tbd -weak_library other.tbd -o demo

# The linker signs without rights: a signature with some, in the same place.
cat >sign.py <<'P'
import struct
image = bytearray(open("demo", "rb").read())
at, signature, linkedit = 32, None, None
for _ in range(struct.unpack_from("<I", image, 16)[0]):
    kind, size = struct.unpack_from("<II", image, at)
    if kind == 0x1d:
        signature = at
    if kind == 0x19 and image[at + 8:at + 18] == b"__LINKEDIT":
        linkedit = at
    at += size
rights = b"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>com.apple.security.cs.allow-jit</key><true/>
<key>com.apple.security.cs.debugger</key><false/>
<key>application-identifier</key><string>ABCDE.demo</string>
</dict></plist>
"""
name = b"org.example.demo\0"
directory = struct.pack(">11I", 0xfade0c02, 44 + len(name), 0x20001, 2, 0, 44,
                        0, 0, 0, 0, 0) + name
blobs = [(0, directory),
         (5, struct.pack(">II", 0xfade7171, 8 + len(rights)) + rights)]
offset = 12 + 8 * len(blobs)
index = content = b""
for kind, blob in blobs:
    index += struct.pack(">II", kind, offset + len(content))
    content += blob
data = struct.pack(">III", 0xfade0cc0, offset + len(content), len(blobs))
data += index + content
start = struct.unpack_from("<I", image, signature + 8)[0]
struct.pack_into("<I", image, signature + 12, len(data))
first = struct.unpack_from("<Q", image, linkedit + 40)[0]
struct.pack_into("<Q", image, linkedit + 32, 4096)
struct.pack_into("<Q", image, linkedit + 48, start + len(data) - first)
open("signed", "wb").write(image[:start] + data)
P
/usr/bin/python3 sign.py
hex signed signed "x86-64 program: ld64.lld; its signature: sign.py of make.sh"

# What dyld binds in the newer form, without any symbol table; encrypted; the
# last segment may be written and run.
cat >chained.py <<'P'
import struct
names = b"\0_connect\0_dlopen\0"
fixups = struct.pack("<7I", 0, 28, 28, 28 + 8, 2, 1, 0)
fixups += struct.pack("<2I", 1 | 1 << 9, 1 | 10 << 9) + names
def segment(name, address, offset, size, rights):
    return struct.pack("<2I16s4Q4I", 0x19, 72, name, address, 4096, offset,
                       size, rights, rights, 0, 0)
def command(kind, *words):
    return struct.pack("<%dI" % (2 + len(words)), kind, 8 + 4 * len(words),
                       *words)
def library(kind, name):
    text = name + b"\0" * (8 - len(name) % 8)
    return struct.pack("<6I", kind, 24 + len(text), 24, 0, 0, 0) + text
size = 1024
commands = [
    segment(b"__TEXT", 0, 0, 512, 5), segment(b"__WX", 4096, 512, 128, 7),
    segment(b"__LINKEDIT", 8192, 640, size - 640, 1),
    library(0xd, b"@rpath/libchained.dylib"), library(0xc, b"lib/relative.dylib"),
    library(0x8000001f, b"/usr/lib/libother.dylib"),
    command(0x80000034, 640, len(fixups)), command(0x2c, 256, 64, 1, 0),
    struct.pack("<2I2Q", 0x80000028, 24, 520, 0)]
body = b"".join(commands)
header = struct.pack("<8I", 0xfeedfacf, 0x01000007, 3, 6, len(commands),
                     len(body), 0, 0)
image = (header + body).ljust(640, b"\0") + fixups
assert len(header + body) <= 512
open("chained", "wb").write(image.ljust(size, b"\0"))
P
/usr/bin/python3 chained.py
hex chained chained "x86-64 library: chained.py of make.sh"
