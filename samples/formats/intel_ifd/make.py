#!/usr/bin/env python3
"""Makes the sample: a descriptor as ifdtool reads it, and two regions."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = 4096


def region(first, last):
    return last << 16 | first


UNUSED = region(0x7fff, 0)
page = bytearray(b'\xff' * PAGE)
# FLVALSIG; FLMAP0: components at 0x30, regions at 0x40; FLMAP1: masters at 0x60
struct.pack_into('<IIII', page, 16, 0x0ff0a55a, 0x00040003, 0x06 | 2 << 8, 0)
struct.pack_into('<III', page, 0x30, 0, 0, 0)
struct.pack_into('<8I', page, 0x40, region(0, 0), region(2, 2), UNUSED,
                 region(1, 1), UNUSED, UNUSED, UNUSED, UNUSED)
struct.pack_into('<III', page, 0x60, 0xffff0000, 0xffff0000, 0xffff0000)
data = bytes(page) + b'network'.ljust(PAGE, b'\xff') + b'bios'.ljust(
    PAGE, b'\xff')
with open(os.path.join(HERE, 'three.hex'), 'w', encoding='ascii') as out:
    out.write('# make.py: descriptor, GbE, BIOS\n')
    for i in range(0, len(data), 32):
        out.write(data[i:i + 32].hex() + '\n')
