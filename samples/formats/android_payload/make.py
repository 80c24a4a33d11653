#!/usr/bin/env python3
"""Android OTA payloads by AOSP system/update_engine/update_metadata.proto;
brillo_update_payload is not in Debian.

  make.py full OUT             every full operation, holes, split extents
  make.py delta OUT            partitions that need an older version
  make.py images OUT NAME=FILE ...   images in pieces of 2 MiB, as
                               ota_from_target_files makes a full update
"""
import bz2
import hashlib
import lzma
import struct
import sys

REPLACE, REPLACE_BZ, SOURCE_COPY, ZERO, DISCARD, REPLACE_XZ, PUFFDIFF = (
    0, 1, 4, 6, 7, 8, 9)


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def signatures(size, fill):
    one = data(2, bytes([fill]) * size) + varint(3 << 3 | 5) + struct.pack(
        "<I", size)
    return data(1, one)


class Payload:
    def __init__(self, block, minor=0):
        self.block, self.minor = block, minor
        self.blobs, self.partitions = b"", b""

    def operation(self, kind, extents, blob=None):
        out = number(1, kind)
        if blob is not None:
            out += number(2, len(self.blobs)) + number(3, len(blob))
            self.blobs += blob
        for start, count in extents:
            out += data(6, number(1, start) + number(2, count))
        if blob is not None:
            out += data(8, hashlib.sha256(blob).digest())
        return out

    def partition(self, name, content, operations, extra=b""):
        info = number(1, len(content)) + data(
            2, hashlib.sha256(content).digest())
        out = data(1, name.encode()) + extra + data(7, info)
        for operation in operations:
            out += data(8, operation)
        self.partitions += data(13, out)

    def write(self, path):
        signature = signatures(64, 0xAB)
        metadata_signature = signatures(64, 0xCD)
        manifest = (number(3, self.block) + number(4, len(self.blobs)) +
                    number(5, len(signature)) + number(12, self.minor) +
                    self.partitions)
        with open(path, "wb") as out:
            out.write(struct.pack(">4sQQI", b"CrAU", 2, len(manifest),
                                  len(metadata_signature)))
            out.write(manifest + metadata_signature + self.blobs + signature)


def text(line, size):
    return (line.encode() * (size // len(line) + 1))[:size]


def full(path):
    p = Payload(512)
    stored = text("boot inert\n", 1024)
    p.partition("boot", stored, [p.operation(REPLACE, [(0, 2)], stored)])
    a, b, c = (text(f"system {i} inert\n", 1024) for i in "abc")
    zero = bytes(512)
    # Blocks: a0 c0 - b0 b1 z c1 a1 d, with a hole at 2.
    system = a[:512] + c[:512] + zero + b + zero + c[512:] + a[512:] + zero
    p.partition("system", system, [
        p.operation(REPLACE_BZ, [(0, 1), (7, 1)], bz2.compress(a)),
        p.operation(REPLACE_XZ, [(3, 2)], lzma.compress(b)),
        p.operation(REPLACE, [(1, 1), (6, 1)], c),
        p.operation(ZERO, [(5, 1)]),
        p.operation(DISCARD, [(8, 1)]),
    ], number(2, 1) + data(3, b"bin/otapreopt") + data(4, b"ext4") +
        data(17, b"1700000000"))
    p.partition("empty", b"", [])
    p.write(path)


def delta(path):
    p = Payload(512, minor=8)
    p.partition("vendor", bytes(1024), [
        p.operation(SOURCE_COPY, [(0, 1)]),
        p.operation(PUFFDIFF, [(1, 1)], b"PUF1 inert patch"),
    ])
    new = text("odm inert\n", 512)
    p.partition("odm", new, [p.operation(REPLACE, [(0, 1)], new)])
    p.write(path)


def images(path, arguments):
    p = Payload(4096)
    step = 2 << 20
    for argument in arguments:
        name, file = argument.split("=")
        with open(file, "rb") as image:
            content = image.read()
        operations = []
        for at in range(0, len(content), step):
            piece = content[at:at + step]
            extent = [(at // 4096, len(piece) // 4096)]
            kinds = [(REPLACE, piece), (REPLACE_BZ, bz2.compress(piece)),
                     (REPLACE_XZ, lzma.compress(piece, preset=1))]
            if piece.count(0) == len(piece):
                operations.append(p.operation(ZERO, extent))
            else:
                kind, blob = min(kinds, key=lambda one: len(one[1]))
                operations.append(p.operation(kind, extent, blob))
        p.partition(name, content, operations)
    p.write(path)


if __name__ == "__main__":
    if sys.argv[1] == "images":
        images(sys.argv[2], sys.argv[3:])
    else:
        {"full": full, "delta": delta}[sys.argv[1]](sys.argv[2])
