#!/usr/bin/env python3
"""Makes the samples in the current folder, from apk-tools' doc/apk-v3.5.scd.

Debian has no tool that writes packages of version 3. Needs zstd(1).
"""
import hashlib
import struct
import subprocess
import zlib

INT, INT32, BLOB8, BLOB16 = 0x10000000, 0x20000000, 0x80000000, 0x90000000
ARRAY, OBJECT = 0xD0000000, 0xE0000000


class Adb:
    def __init__(self):
        self.data = bytearray(8)  # the header, filled in at the end

    def put(self, kind, content, alignment):
        while len(self.data) % alignment:
            self.data.append(0)
        at = len(self.data)
        self.data += content
        return kind | at

    def blob(self, content):
        if isinstance(content, str):
            content = content.encode()
        if len(content) > 255:
            return self.put(BLOB16, struct.pack("<H", len(content)) + content, 2)
        return self.put(BLOB8, bytes([len(content)]) + content, 1)

    def number(self, value):
        if value < 1 << 28:
            return INT | value
        return self.put(INT32, struct.pack("<I", value), 4)

    def slots(self, kind, values):
        return self.put(kind, struct.pack(f"<{len(values) + 1}I",
                                          len(values) + 1, *values), 4)

    def finish(self, root):
        self.data[0:8] = struct.pack("<BBHI", 0, 0, 0, root)
        return bytes(self.data)


def block(kind, payload, extended=False):
    if extended:
        size = 16 + len(payload)
        out = struct.pack("<IIQ", 3 << 30 | kind, 0, size) + payload
    else:
        out = struct.pack("<I", kind << 30 | (4 + len(payload))) + payload
    return out + bytes(-len(out) % 8)


def acl(adb, mode, user, group, xattrs=()):
    values = [adb.number(mode), adb.blob(user), adb.blob(group)]
    if xattrs:
        values.append(adb.slots(ARRAY, [adb.blob(x) for x in xattrs]))
    return adb.slots(OBJECT, values)


def file(adb, name, entry_acl, content=b"", target=None):
    values = [adb.blob(name), entry_acl, adb.number(len(content)),
              adb.number(1000000000),
              adb.blob(hashlib.sha256(content).digest()) if target is None else 0]
    if target is not None:
        values.append(adb.blob(target))
    return adb.slots(OBJECT, values)


def package():
    adb = Adb()
    tool = b"inert: not a program\n"
    numbers = "".join(f"{i}\n" for i in range(1, 201)).encode()
    root = acl(adb, 0o755, "root", "root")
    usr_bin = [
        file(adb, "link", root, target=struct.pack("<H", 0o120000) + b"tool"),
        file(adb, "tool", acl(adb, 0o4755, "root", "root",
                              [b"security.capability\0\x01\x00\x00\x02"]), tool),
    ]
    etc = [
        file(adb, "empty", root),
        file(adb, "numbers", acl(adb, 0o640, "daemon", "adm"), numbers),
        file(adb, "null", root, target=struct.pack("<HQ", 0o020000, 0x103)),
    ]
    paths = adb.slots(ARRAY, [
        adb.slots(OBJECT, [adb.blob(""), root]),
        adb.slots(OBJECT, [adb.blob("etc"), acl(adb, 0o1777, "root", "root"),
                           adb.slots(ARRAY, etc)]),
        adb.slots(OBJECT, [adb.blob("usr/bin"), root,
                           adb.slots(ARRAY, usr_bin)]),
    ])
    info = adb.slots(OBJECT, [adb.blob("sample"), adb.blob("1.2-r3")])
    scripts = adb.slots(OBJECT, [0, 0, adb.blob("#!/bin/sh\necho installed\n")])
    payload = adb.finish(adb.slots(OBJECT, [info, paths, scripts]))
    return (b"ADB." + b"pckg" + block(0, payload)
            + block(1, b"\0\3" + bytes(range(16)) + b"signature")
            + block(2, struct.pack("<II", 2, 2) + numbers, extended=True)
            + block(2, struct.pack("<II", 3, 2) + tool))


def write(name, content):
    with open(name + ".hex", "w", encoding="ascii") as out:
        out.write("# make.py\n")
        for at in range(0, len(content), 38):
            out.write(content[at:at + 38].hex() + "\n")


plain = package()
deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
write("plain", plain)
write("deflate", b"ADBd" + deflate.compress(plain) + deflate.flush())
write("zstd", b"ADBc\2\3" + subprocess.run(
    ["zstd", "-3", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout)
