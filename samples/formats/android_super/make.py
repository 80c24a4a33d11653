#!/usr/bin/env python3
"""Makes the samples by AOSP fs_mgr/liblp/include/liblp/metadata_format.h: a
super partition with two slots that differ in one partition, and the image of
its metadata alone."""
import hashlib
import struct

SLOT = 1024
SLOTS = 2
START = 4096 * 3 + SLOT * SLOTS * 2  # 16384
SIZE = START + 4096


def geometry():
    def block(checksum):
        return struct.pack("<4sI32sIII", b"gDla", 52, checksum, SLOT, SLOTS,
                           4096)
    return block(hashlib.sha256(block(bytes(32))).digest()).ljust(4096, b"\0")


def metadata(partitions):
    """`partitions`: name, extents of (sectors, type, sector)."""
    entries, extents = b"", []
    for name, pieces in partitions:
        entries += struct.pack("<36sIIII", name, 1, len(extents), len(pieces),
                               0)
        extents += pieces
    table = b"".join(struct.pack("<QIQI", sectors, kind, sector, 0)
                     for sectors, kind, sector in extents)
    groups = struct.pack("<36sIQ", b"default", 0, 0)
    devices = struct.pack("<QIIQ36sI", START // 512, 4096, 0, SIZE, b"super",
                          0)
    tables = entries + table + groups + devices
    at = [0, len(entries), len(entries) + len(table)]
    at.append(at[2] + len(groups))
    descriptors = struct.pack("<12I", at[0], len(partitions), 52, at[1],
                              len(extents), 24, at[2], 1, 48, at[3], 1, 64)

    def header(checksum):
        return struct.pack("<4sHHI32sI32s", b"0PLA", 10, 0, 128, checksum,
                           len(tables),
                           hashlib.sha256(tables).digest()) + descriptors
    return header(hashlib.sha256(header(bytes(32))).digest()) + tables


first = START // 512
slot0 = metadata([
    (b"system_a", [(2, 0, first), (1, 1, 0), (1, 0, first + 4)]),
    (b"vendor_a", [(1, 0, first + 2)]),
    (b"system_b", []),
])
slot1 = metadata([
    (b"system_a", [(2, 0, first), (1, 1, 0), (1, 0, first + 4)]),
    (b"vendor_a", [(1, 0, first + 5)]),
])
data = bytes(4096) + geometry() * 2
data += 2 * (slot0.ljust(SLOT, b"\0") + slot1.ljust(SLOT, b"\0"))
for text in (b"system 1", b"system 2", b"vendor 1", b"", b"system 3",
             b"vendor 2", b"", b""):
    data += (text + b" inert\n" if text else b"").ljust(512, b"\0")
for name, content in (("super", data), ("empty", geometry() + slot0)):
    with open(name + ".hex", "w") as file:
        print("# make.py", file=file)
        for at in range(0, len(content), 38):
            print(content[at:at + 38].hex(), file=file)
