#!/usr/bin/env python3
"""Makes the samples: tiny Images by Linux Documentation/arch/arm64/booting.rst
and arch/riscv/boot-image-header.rst, and a zimg by
drivers/firmware/efi/libstub/zboot-header.S. All code is filler."""
import struct
import zlib


def pe_headers(size, certificates=(0, 0)):
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0xAA64, 1, 0, 0, 0, 160, 0x206)
    optional = struct.pack("<H106xI", 0x20B, 6) + bytes(32)
    optional += struct.pack("<II", *certificates) + bytes(8)
    section = struct.pack("<8sIIII16x", b".text", size - 512, 512,
                          size - 512, 512)
    return coff + optional + section


def image(magic, pe=b"", reserved4=0, size=2048):
    header = struct.pack("<4sIQQQQQQ4sI", b"MZ\0\x91" if pe else b"\0\0\0\x14",
                         0x14000000, 0, size + 4096, 0, 0, 0, reserved4, magic,
                         64 if pe else 0)
    body = pe + b"code" * 24 + b"inert kernel\n" * 20
    return (header + body).ljust(size, b"\0")


def signed(size=2048):
    entry = struct.pack("<IHH", 24, 0x200, 2) + b"\x30\x0e" + b"inert signature"[:14]
    return image(b"ARM\x64", pe_headers(size, (size, len(entry)))) + entry


def zimg(size=1536):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    kernel = b"inert kernel\n" * 40
    payload = packer.compress(kernel) + packer.flush()
    header = struct.pack("<4s4sII8x32sII", b"MZ\0\0", b"zimg", 512,
                         len(payload), b"gzip", 0x818223CD, 64)
    data = (header + pe_headers(size)).ljust(320, b"\0").ljust(512, b"H")
    return (data + payload + b"tail" * 10).ljust(size, b"\0")


for name, data in (
        ("arm64", image(b"ARM\x64")),
        ("signed", signed()),
        ("riscv", image(b"RSC\x05", reserved4=0x5643534952)),
        ("zimg", zimg()),
):
    with open(name + ".hex", "w") as file:
        print("# make.py", file=file)
        for at in range(0, len(data), 38):
            print(data[at:at + 38].hex(), file=file)
