#!/usr/bin/env python3
"""Makes the samples of formats that no tool in Debian makes, straight from
their specifications, into the folders beside this file."""
import hashlib
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, data, note):
    path = os.path.join(HERE, name + ".hex")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as out:
        out.write(f"# make_wrappers.py: {note}\n")
        for at in range(0, len(data), 38):
            out.write(data[at:at + 38].hex() + "\n")


def text(what, size):
    """Bytes that are easy to tell apart and end at no round number."""
    line = f"inert {what}\n".encode()
    return (line * (size // len(line) + 1))[:size]


def raw_crc(data, state=0xFFFFFFFF):
    """CRC-32 that starts with ones and is not inverted at the end."""
    return zlib.crc32(data, state ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def fwtool():
    image = text("image", 333)

    def block(image, kind, content):
        body = image + (bytes(8) if kind == 1 else b"") + content
        size = len(body) - len(image) + 16
        return body + struct.pack(">4sIB3xI", b"FWx0", raw_crc(body), kind,
                                  size)

    meta = b'{"metadata_version":"1.1","supported_devices":["inert,one"]}\n'
    image = block(image, 1, meta)
    write("fwtool/metadata", image, "metadata alone")
    write("fwtool/signed", block(image, 0, b"untrusted comment: inert\n"),
          "metadata, then a signature over it")


def dfu():
    def element(address, content):
        return struct.pack("<II", address, len(content)) + content

    def target(alternate, name, elements):
        body = b"".join(elements)
        return struct.pack("<6sBI255sII", b"Target", alternate, 1, name,
                           len(body), len(elements)) + body

    body = target(0, b"@Internal Flash", [element(0x08000000, text("boot", 40)),
                                          element(0x08004000,
                                                  text("main", 61))])
    body += target(1, b"@Option Bytes", [element(0x1FFFC000, b"\x0f" * 8)])
    body = struct.pack("<5sBIB", b"DfuSe", 1, len(body) + 11, 2) + body
    body += struct.pack("<HHHH3sB", 0x2200, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    write("dfu/dfuse", body + struct.pack("<I", raw_crc(body)),
          "two DfuSe targets with three elements")


MAKERS = [fwtool, dfu]

if __name__ == "__main__":
    for maker in MAKERS:
        maker()
