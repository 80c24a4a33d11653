#!/usr/bin/env python3
"""Makes the samples: tiny bzImages by Linux Documentation/arch/x86/boot.rst.

The code is filler; the payload is the text "inert kernel" as the kernel's
build packs it: compressed, then its size in 4 bytes.
"""
import lzma
import struct
import zlib

KERNEL = b"inert kernel\n" * 40
SETUP_SECTORS = 1
SETUP = (SETUP_SECTORS + 1) * 512


def payload():
    packed = lzma.compress(KERNEL, check=lzma.CHECK_CRC32)
    return packed + struct.pack("<I", len(KERNEL))


def pe_headers(image_size):
    """PE32+ headers of one section, without a signature."""
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 160, 0x206)
    optional = struct.pack("<H106xI", 0x20B, 6) + bytes(48)
    section = struct.pack("<8sIIII16x", b".text", image_size - 512, 512,
                          image_size - 512, 512)
    return coff + optional + section


def image(pe):
    body = b"H" * 48 + payload()
    offset, length = 48, len(body) - 48
    body += b"T" * 40
    body += bytes(-(len(body) + 4) % 16)
    size = SETUP + len(body) + 4
    setup = bytearray(b"S" * SETUP)
    setup[:512] = bytes(512)
    if pe:
        setup[0:2] = b"MZ"
        setup[0x3C:0x40] = struct.pack("<I", 0x40)
        headers = pe_headers(size)
        setup[0x40:0x40 + len(headers)] = headers
    setup[0x1F1:0x202] = struct.pack(
        "<BHIHHHHBB", SETUP_SECTORS, 1, (len(body) + 4) // 16, 0, 0xFFFF, 0,
        0xAA55, 0xEB, 0x6A)
    setup[0x202:0x26C] = bytes(0x6A)
    setup[0x202:0x210] = struct.pack("<4sHIHH", b"HdrS", 0x20F, 0, 0x1000,
                                     0x100)
    setup[0x248:0x250] = struct.pack("<II", offset, length)
    setup[0x300:0x310] = b"6.1.0-sample\0SSS"
    whole = bytes(setup) + body
    return whole + struct.pack("<I", zlib.crc32(whole) ^ 0xFFFFFFFF)


def signed():
    """As sbsign leaves it: checksum and directory set, entry appended."""
    whole = bytearray(image(True))
    whole += bytes(-len(whole) % 8)
    entry = struct.pack("<IHH", 8 + 20, 0x200, 2) + b"\x30\x12" + b"inert" * 3
    entry += bytes(8 + 20 - len(entry)) + bytes(4)
    optional = 0x40 + 24
    whole[optional + 64:optional + 68] = struct.pack("<I", 0x1234)
    whole[optional + 144:optional + 152] = struct.pack(
        "<II", len(whole), len(entry))
    return bytes(whole) + entry


for name, data in (("plain", image(False)), ("signed", signed())):
    with open(name + ".hex", "w") as file:
        print("# make.py", file=file)
        for at in range(0, len(data), 38):
            print(data[at:at + 38].hex(), file=file)
