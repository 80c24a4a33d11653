#!/usr/bin/env python3
"""Makes the sample from the PCI and UEFI specifications: a legacy image, an EFI
driver, and the same driver packed. Debian has no tool that writes ROMs; those
it ships are compared in tests/oracle/option_rom.sh."""
import importlib.machinery
import importlib.util
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader(
    'uefi_volume', os.path.join(HERE, '../uefi_volume/make.py'))
make = importlib.util.module_from_spec(
    importlib.util.spec_from_loader('uefi_volume', LOADER))
LOADER.exec_module(make)


def image(kind, head, body, last):
    start = 64
    data = bytearray(head.ljust(28, b'\0') + struct.pack(
        '<4sHHHHB3sHHBB', b'PCIR', 0x8086, 0x100e, 0, 24, 3, b'\0\0\2', 0, 1,
        kind, 0x80 if last else 0)).ljust(start, b'\0') + body
    data += b'\0' * (-len(data) % 512)
    struct.pack_into('<H', data, 28 + 16, len(data) // 512)
    return data


def legacy(body):
    data = image(0, b'\x55\xaa\x01\xcb' + b'\0' * 20 + b'\x1c\0', body, False)
    data[-1] = -sum(data) & 255
    return data


def efi(body, compression, last):
    head = struct.pack('<HHIHHH8sHH', 0xaa55, 2, 0xef1, 11, 0x8664,
                       compression, b'', 64, 28)
    return image(3, head, body, last)


program = make.program()
rom = legacy(b'legacy code') + efi(program, 0, False) + efi(
    make.tiano(program, 4), 1, True)
make.hex_of('option_rom/three.hex', 'make.py: BIOS, EFI, packed EFI', rom)
