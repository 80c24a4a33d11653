#!/usr/bin/env python3
"""populate.py IMAGE FOLDER [big]: puts what lies below FOLDER into the empty
file system that mkfs.minix made in IMAGE, written from the layout in Linux
include/uapi/linux/minix_fs.h; `big` turns it into one of a big-endian machine.
"""
import os
import stat
import struct
import sys

path, folder = sys.argv[1], sys.argv[2]
order = '>' if sys.argv[3:] == ['big'] else '<'
image = bytearray(open(path, 'rb').read())
magic3 = struct.unpack_from('<H', image, 1024 + 24)[0]
if magic3 == 0x4D5A:
    layout = 'IHHHHHHIIHHHB'
    fields = struct.unpack_from('<' + layout, image, 1024)
    inodes, _, imap, zmap, first = fields[:5]
    zones, block, version, name_size = fields[8], fields[11], 3, 60
else:
    layout = 'HHHHHHIHHI'
    fields = struct.unpack_from('<' + layout, image, 1024)
    inodes, zones, imap, zmap, first = fields[:5]
    version = {0x137F: 1, 0x138F: 1, 0x2468: 2, 0x2478: 2}[fields[7]]
    name_size = {0x137F: 14, 0x138F: 30, 0x2468: 14, 0x2478: 30}[fields[7]]
    zones, block = (zones if version == 1 else fields[9]), 1024
struct.pack_into(order + layout, image, 1024, *fields)
number = 'H' if version == 1 else 'I'
size_of = {'H': 2, 'I': 4}[number]
each = block // size_of
entry = 'I' if version == 3 else 'H'
table = (2 + imap + zmap) * block
inode_size = 32 if version == 1 else 64
next_inode, next_zone = 1, first


def mark(bitmap, bit):
    image[bitmap * block + bit // 8] |= 1 << bit % 8


def new_zone(content):
    global next_zone
    zone, next_zone = next_zone, next_zone + 1
    assert zone < zones, 'too small'
    mark(2 + imap, zone - first + 1)
    image[zone * block:(zone + 1) * block] = content.ljust(block, b'\0')
    return zone


def pointers(numbers):  # a block of them, or none for holes only
    if not any(numbers):
        return 0
    numbers = numbers + [0] * (each - len(numbers))
    return new_zone(struct.pack(f'{order}{each}{number}', *numbers))


def store(content):
    blocks = [content[i:i + block] for i in range(0, len(content), block)]
    numbers = [new_zone(b) if b.strip(b'\0') else 0 for b in blocks]
    top, numbers = numbers[:7], numbers[7:]
    single, numbers = numbers[:each], numbers[each:]
    top += [0] * (7 - len(top)) + [pointers(single)]
    rows = [numbers[i:i + each] for i in range(0, len(numbers), each)]
    top.append(pointers([pointers(row) for row in rows]))
    return top + ([] if version == 1 else [0])


def write_inode(inode, info, links, size, top):
    mark(2, inode)
    time = int(info.st_mtime)
    at = table + (inode - 1) * inode_size
    if version == 1:
        struct.pack_into(order + 'HHIIBB9H', image, at, info.st_mode,
                         info.st_uid, size, time, info.st_gid, links, *top)
    else:
        struct.pack_into(order + 'HHHHIIII10I', image, at, info.st_mode, links,
                         info.st_uid, info.st_gid, size, time, time, time, *top)


def name_of(name):
    raw = os.fsencode(name)
    assert len(raw) <= name_size, name
    return raw.ljust(name_size, b'\0')


def add_file(full, info, links):
    global next_inode
    inode, next_inode = next_inode, next_inode + 1
    if stat.S_ISLNK(info.st_mode):
        content = os.fsencode(os.readlink(full))
        write_inode(inode, info, links, len(content), store(content))
    elif stat.S_ISREG(info.st_mode):
        content = open(full, 'rb').read()
        write_inode(inode, info, links, len(content), store(content))
    else:
        device = os.major(info.st_rdev) << 8 | os.minor(info.st_rdev)
        write_inode(inode, info, links, 0, [device] + [0] * (len(store(b'')) - 1))
    return inode


def add_directory(full, parent):
    global next_inode
    inode, next_inode = next_inode, next_inode + 1
    content = b''
    links = 2

    def put(name, target):
        nonlocal content
        content += struct.pack(order + entry, target) + name_of(name)

    put('.', inode)
    put('..', parent or inode)
    for name in sorted(os.listdir(full)):
        below = os.path.join(full, name)
        info = os.lstat(below)
        key = info.st_dev, info.st_ino
        if stat.S_ISDIR(info.st_mode):
            links += 1
            put(name, add_directory(below, inode))
            continue
        if key not in seen:
            seen[key] = add_file(below, info, info.st_nlink)
        put(name, seen[key])
    write_inode(inode, os.lstat(full), links, len(content), store(content))
    return inode


seen = {}
image[2 * block + 0] &= ~2 & 0xFF  # mkfs's own root
image[(2 + imap) * block] &= ~2 & 0xFF
image[first * block:(first + 1) * block] = bytes(block)
add_directory(folder, 0)
open(path, 'wb').write(image)
