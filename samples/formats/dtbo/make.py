#!/usr/bin/env python3
"""Makes the sample by AOSP system/libufdt/utils/src/dt_table.h: three entries,
the last two share a tree."""
import struct


def tree(name):
    strings = b"compatible\0"
    nodes = struct.pack(">III", 1, 0, 3) + struct.pack(">II", 6, 0)
    nodes += name.ljust(8, b"\0") + struct.pack(">II", 2, 9)
    total = 56 + len(nodes) + len(strings)
    return struct.pack(">10I", 0xD00DFEED, total, 56, 56 + len(nodes), 40, 17,
                       16, 0, len(strings), len(nodes)) + bytes(
                           16) + nodes + strings


first, second = tree(b"inert"), tree(b"second")
start = 32 + 3 * 32
places = [(start, len(first))] + 2 * [(start + len(first), len(second))]
entries = b"".join(
    struct.pack(">8I", size, offset, number, 1, 0, 0, 0, 0)
    for number, (offset, size) in enumerate(places))
total = start + len(first) + len(second)
data = struct.pack(">8I", 0xD7B7AB1E, total, 32, 32, 3, 32, 2048, 0)
data += entries + first + second
with open("table.hex", "w") as file:
    print("# make.py", file=file)
    for at in range(0, len(data), 38):
        print(data[at:at + 38].hex(), file=file)
