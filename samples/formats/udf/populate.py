#!/usr/bin/env python3
"""populate.py IMAGE FOLDER [long|short|inicb] [metadata] [streams]: puts what
lies below FOLDER into the empty UDF volume that mkudffs made in IMAGE, written
from ECMA-167 and UDF 2.60. `metadata` moves file entries and directories into
a metadata partition (UDF 2.50), `streams` gives files named *.streams a named
stream and an attribute of an application.
"""
import os
import stat
import struct
import sys

path, folder, options = sys.argv[1], sys.argv[2], sys.argv[3:]
image = bytearray(open(path, 'rb').read())


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def tagged(ident, location, body, serial=1):
    tag = struct.pack('<HHBBHHHI', ident, version, 0, 0, serial, crc16(body),
                      len(body), location)
    tag = bytearray(tag)
    tag[4] = sum(tag) & 0xFF
    return bytes(tag) + body


def retag(at, length):
    ident, version, _, _, serial, _, _, location = struct.unpack_from(
        '<HHBBHHHI', image, at)
    tag = bytearray(struct.pack('<HHBBHHHI', ident, version, 0, 0, serial,
                                crc16(image[at + 16:at + length]), length - 16,
                                location))
    tag[4] = sum(tag) & 0xFF
    image[at:at + 16] = tag


for block in (2048, 512, 1024, 4096):
    if image[256 * block:256 * block + 2] == b'\2\0':
        break
main, reserve = struct.unpack_from('<8xI4xI', image, 256 * block + 12)
version = struct.unpack_from('<H', image, 256 * block + 2)[0]


def descriptors(start):
    for at in range(start * block, len(image), block):
        ident = struct.unpack_from('<H', image, at)[0]
        yield ident, at
        if ident in (0, 8):
            return


found = dict(descriptors(main))
volume, partition = found[6], found[5]
first, blocks = struct.unpack_from('<II', image, partition + 188)
number = struct.unpack_from('<H', image, partition + 22)[0]
bitmap = struct.unpack_from('<I', image, partition + 56 + 12)[0]
if not struct.unpack_from('<I', image, partition + 56 + 8)[0]:
    bitmap = None
maps = image[volume + 440:volume + 440 + struct.unpack_from(
    '<I', image, volume + 264)[0]]
virtual = b'*UDF Virtual Partition' in maps
set_block, set_part = struct.unpack_from('<IH', image, volume + 252)


def place(lbn):
    return (first + lbn) * block


def is_free(lbn):
    at = place(bitmap) + 24
    return image[at + lbn // 8] >> lbn % 8 & 1


top = blocks
if bitmap is None:  # behind the last block in use
    top = next(i for i in reversed(range(len(image) // block - first))
               if any(image[place(i):place(i + 1)])) + 1
else:
    top = next(i for i in range(blocks) if is_free(i))


def allocate(count=1):
    global top
    while bitmap is not None and not all(
            is_free(top + i) for i in range(count)):
        top += 1
    start, top = top, top + count
    assert top <= blocks, 'too small'
    if len(image) < place(top):
        image.extend(bytes(place(top) - len(image)))
    if bitmap is not None:
        for lbn in range(start, top):
            image[place(bitmap) + 24 + lbn // 8] &= ~(1 << lbn % 8)
    return start


def store(content):
    start = allocate(max(1, -(-len(content) // block)))
    image[place(start):place(start) + len(content)] = content
    return start


vat = []
vat_old = None
if virtual:
    for lbn in reversed(range(len(image) // block - first)):
        at = place(lbn)
        ident = struct.unpack_from('<H', image, at)[0]
        kind = image[at + 27]
        if ident in (261, 266) and kind in (0, 248):
            break
    vat_old = lbn
    base = 176 if ident == 261 else 216
    eas, size = struct.unpack_from('<II', image, at + base - 8)
    content = image[at + base + eas:at + base + eas + size]
    header = struct.unpack_from('<H', content, 0)[0] if kind == 248 else 0
    end = size if kind == 248 else size - 36
    vat = list(struct.unpack_from(f'<{(end - header) // 4}I', content, header))
    vat_head, vat_tail, vat_kind = content[:header], content[end:], kind

# Room for an entry and two blocks of names each.
meta_blocks = -(-(16 + 2 * sum(len(d) + len(f) + 2
                               for _, d, f in os.walk(folder))) // 8) * 8
metadata = 'metadata' in options
if metadata:
    meta_entry, mirror_entry, bitmap_entry = (allocate() for _ in range(3))
    meta, mirror = allocate(meta_blocks), allocate(meta_blocks)
    meta_bitmap = allocate()
    meta_top = 0


def new_icb():
    """(partition, block) to refer to, block to tag with, offset in image."""
    global meta_top
    if metadata:
        lbn, meta_top = meta_top, meta_top + 1
        assert meta_top <= meta_blocks
        return 1, lbn, lbn, place(meta + lbn)
    lbn = allocate()
    if virtual:
        vat.append(lbn)
        return 1, len(vat) - 1, len(vat) - 1, place(lbn)
    return 0, lbn, lbn, place(lbn)


def store_inner(content):
    global meta_top
    start = meta_top
    meta_top += max(1, -(-len(content) // block))
    assert meta_top <= meta_blocks
    image[place(meta + start):place(meta + start) + len(content)] = content
    return start


def long_ad(size, lbn, part, unique=0):
    return struct.pack('<IIHHI', size, lbn, part, 0, unique)


def stamp(time):
    import datetime
    t = datetime.datetime.utcfromtimestamp(time)
    return struct.pack('<HHBBBBBBBB', 0x1000, t.year, t.month, t.day, t.hour,
                       t.minute, t.second, 0, 0, 0)


def regid(name):
    return struct.pack('<B23s8s', 0, name, b'')


def attributes(location, entries):
    if not entries:
        return b''
    size = 24 + sum(map(len, entries))
    application = 24 + sum(len(e) for e in entries if e[0:4] != b'\0\0\1\0')
    head = tagged(262, location, struct.pack('<II', 24, application))
    assert size == len(head) + sum(map(len, entries))
    return head + b''.join(entries)


ad_kind = {'short': 0, 'long': 1, 'inicb': 3}[
    next((o for o in options if o in ('short', 'long', 'inicb')), 'inicb')]
extended = version == 3
unique = 16
META = {'meta': 250, 'mirror': 251, 'bitmap': 252, 'vat': 248}


def entry(kind, info, content, links=1, device=None, streams=None, eas=(),
          at=None, extents=None, flags=0):
    """Writes a file entry; returns (partition, block)."""
    global unique
    part, ref, tag_at, offset = at or new_icb()
    unique += 1
    mode = stat.S_IMODE(info.st_mode)
    permissions = (mode & 7) | (mode >> 3 & 7) << 5 | (mode >> 6 & 7) << 10
    flags |= (mode >> 11 & 1) << 6 | (mode >> 10 & 1) << 7 | (mode >> 9 & 1) << 8
    eas = list(eas)
    if device is not None:
        eas.insert(0, struct.pack('<IB3xIIII', 12, 1, 24, 0, os.major(device),
                                  os.minor(device)))
    space = attributes(tag_at, eas)
    base = 216 if extended else 176
    size = len(content)
    if extents is not None:
        form, ads, size = 0, extents[0], extents[1]
    elif ad_kind == 3 and base + len(space) + size <= block:
        form, ads = 3, content
    elif not content:
        form, ads = (0 if ad_kind == 3 else ad_kind), b''
    else:
        form = 0 if ad_kind != 1 else 1
        if metadata or virtual:  # content lies in the plain partition
            form = 1
        pieces, ads = [], b''
        # Two pieces with a hole between them when there are zeros inside.
        blocks_ = [content[i:i + block] for i in range(0, size, block)]
        i = 0
        while i < len(blocks_):
            hole = not blocks_[i].strip(b'\0') and i + 1 < len(blocks_)
            j = i
            while j < len(blocks_) and (
                    not blocks_[j].strip(b'\0') and j + 1 < len(blocks_)) == hole:
                j += 1
            piece = b''.join(blocks_[i:j])
            pieces.append((piece, hole))
            i = j
        for piece, hole in pieces:
            inner = metadata and kind in (4, 13)  # of the metadata partition
            start = 0 if hole else store_inner(piece) if inner else store(piece)
            length = len(piece) | (2 << 30 if hole else 0)
            ads += (long_ad(length, start, int(inner)) if form == 1
                    else struct.pack('<II', length, start))
        if base + len(space) + len(ads) > block:
            each = 16 if form == 1 else 8
            keep = (block - base - len(space)) // each - 1
            rest = ads[keep * each:]
            more = allocate()
            body = tagged(258, more, struct.pack('<II', 0, len(rest)) + rest)
            assert len(body) <= block
            image[place(more):place(more) + len(body)] = body
            length = len(body) | 3 << 30
            ads = ads[:keep * each] + (
                long_ad(length, more, 0) if form == 1
                else struct.pack('<II', length, more))
    icb = struct.pack('<IHHHBBIHH', 0, 4, 0, 1, 0, kind, 0, 0, flags | form)
    body = icb + struct.pack('<IIIHBBI', info.st_uid, info.st_gid, permissions,
                             links, 0, 0, 0)
    time = stamp(int(info.st_mtime))
    recorded = 0
    if extended:
        body += struct.pack('<QQQ', size, size, recorded)
        body += time * 4 + struct.pack('<II', 1, 0) + bytes(16)
        body += streams or bytes(16)
    else:
        body += struct.pack('<QQ', size, recorded) + time * 3
        body += struct.pack('<I', 1) + bytes(16)
    body += regid(b'*assay populate') + struct.pack('<Q', unique)
    body += struct.pack('<II', len(space), len(ads)) + space + ads
    whole = tagged(266 if extended else 261, tag_at, body)
    assert len(whole) <= block, 'entry too long'
    image[offset:offset + block] = whole.ljust(block, b'\0')
    return part, ref


def compressed(name):
    try:
        return b'\x08' + name.encode('latin-1')
    except UnicodeEncodeError:
        return b'\x10' + name.encode('utf-16-be')


def identifier(name, target, kind, location):
    raw = compressed(name) if name is not None else b''
    body = struct.pack('<HBB', 1, kind, len(raw))
    body += long_ad(block, target[1], target[0]) + struct.pack('<H', 0) + raw
    body += bytes(-(16 + len(body)) % 4)
    return tagged(257, location, body)


def components(target):
    out = b''
    if target.startswith('/'):
        out = struct.pack('<BBH', 2, 0, 0)
    for part in filter(None, target.split('/')):
        if part == '..':
            out += struct.pack('<BBH', 3, 0, 0)
        elif part == '.':
            out += struct.pack('<BBH', 4, 0, 0)
        else:
            raw = compressed(part)
            out += struct.pack('<BBH', 5, len(raw), 0) + raw
    return out


def add_streams(info):
    inner = entry(5, info, b'content of a stream\n', flags=0x2000)
    at = new_icb()
    raw = identifier(None, at[:2], 8 | 2, at[2])
    raw += identifier('hidden', inner, 0, at[2])
    target = entry(13, info, raw, at=at)
    return long_ad(block, target[1], target[0])


def add_file(full, info):
    links = info.st_nlink
    if stat.S_ISLNK(info.st_mode):
        return entry(12, info, components(os.readlink(full)), links)
    if stat.S_ISREG(info.st_mode):
        streams, eas = None, []
        if full.endswith('.streams') and 'streams' in options:
            streams = add_streams(info)
            data = b'of an application'
            size = 48 + len(data)
            size += -size % 4
            eas.append((struct.pack('<IB3xII', 65536, 1, size, len(data)) +
                        regid(b'*assay note') + data).ljust(size, b'\0'))
        return entry(5, info, open(full, 'rb').read(), links, streams=streams,
                     eas=eas)
    kind = {stat.S_IFBLK: 6, stat.S_IFCHR: 7, stat.S_IFIFO: 9,
            stat.S_IFSOCK: 10}[stat.S_IFMT(info.st_mode)]
    device = info.st_rdev if kind < 9 else None
    return entry(kind, info, b'', links, device)


def add_directory(full, parent, at=None):
    at = at or new_icb()
    content = identifier(None, parent or at[:2], 8 | 2, at[2])
    links = 1
    for name in sorted(os.listdir(full)):
        below = os.path.join(full, name)
        info = os.lstat(below)
        key = info.st_dev, info.st_ino
        if stat.S_ISDIR(info.st_mode):
            links += 1
            target = add_directory(below, at[:2])
            content += identifier(name, target, 2, at[2])
            continue
        if key not in seen:
            seen[key] = add_file(below, info)
        content += identifier(name, seen[key], 0, at[2])
    return entry(4, os.lstat(full), content, links, at=at)


seen = {}
if set_part == 0 or not virtual:
    set_at = place(set_block)
else:
    set_at = place(vat[set_block])
root_block, root_part = struct.unpack_from('<IH', image, set_at + 404)
if metadata:
    # The file set descriptor and its root move into the metadata partition.
    old_set, old_root = set_at, place(root_block)
    set_icb, root_icb = new_icb(), new_icb()
    image[set_icb[3]:set_icb[3] + block] = image[old_set:old_set + block]
    image[old_set:old_set + block] = bytes(block)
    image[old_root:old_root + block] = bytes(block)
    set_at = set_icb[3]
    struct.pack_into('<I', image, set_at + 12, set_icb[2])
    image[set_at + 400:set_at + 416] = long_ad(block, root_icb[1], 1)
    image[set_at + 464:set_at + 480] = bytes(16)
    retag(set_at, 512)
    add_directory(folder, None, root_icb)

    class Info:
        st_mode, st_uid, st_gid, st_mtime = 0, 0xFFFFFFFF, 0xFFFFFFFF, 1000000000

    extent = struct.pack('<II', meta_blocks * block, meta)
    copy = struct.pack('<II', meta_blocks * block, mirror)
    bits = struct.pack('<II', meta_blocks, meta_blocks // 8) + (
        (1 << meta_blocks) - (1 << meta_top)).to_bytes(meta_blocks // 8, 'little')
    bits = tagged(264, 0, bits)
    image[place(meta_bitmap):place(meta_bitmap) + len(bits)] = bits
    for kind, lbn, ads, size in (
            (250, meta_entry, extent, meta_blocks * block),
            (251, mirror_entry, copy, meta_blocks * block),
            (252, bitmap_entry, struct.pack('<II', len(bits), meta_bitmap),
             len(bits))):
        entry(kind, Info, b'', 0, at=(0, lbn, lbn, place(lbn)),
              extents=(ads, size))
    image[place(mirror):place(mirror + meta_blocks)] = image[
        place(meta):place(meta + meta_blocks)]
    new_map = struct.pack('<BBH', 2, 64, 0) + struct.pack(
        '<B23s', 0, b'*UDF Metadata Partition') + struct.pack(
        '<HB5x', 0x250, 4) + struct.pack(
        '<HHIIIIHB5x', 1, number, meta_entry, mirror_entry, bitmap_entry, 1, 1, 1)
    assert len(new_map) == 64
    for start in (main, reserve):
        at = dict(descriptors(start))[6]
        struct.pack_into('<II', image, at + 264, 70, 2)
        struct.pack_into('<IIH', image, at + 248, block, set_icb[1], 1)
        struct.pack_into('<H', image, at + 240, 0x250)
        image[at + 446:at + 510] = new_map
        retag(at, 510)
    lvid = struct.unpack_from('<I', image, volume + 436)[0] * block
    rest = image[lvid + 84:lvid + 88]
    use = struct.unpack_from('<I', image, lvid + 76)[0]
    tail = bytes(image[lvid + 88:lvid + 88 + use])
    struct.pack_into('<I', image, lvid + 72, 2)
    tables = bytes(image[lvid + 80:lvid + 84]) + struct.pack(
        '<I', meta_blocks - meta_top) + bytes(rest) + struct.pack(
        '<I', meta_blocks)
    image[lvid + 80:lvid + 96 + use] = tables + tail
    retag(lvid, 96 + use)
elif virtual:
    lbn = allocate()
    vat[root_block] = lbn
    add_directory(folder, None, (1, root_block, root_block, place(lbn)))
else:
    add_directory(folder, None,
                  (root_part, root_block, root_block, place(root_block)))

if virtual:
    class Info:
        st_mode, st_uid, st_gid, st_mtime = 0, 0xFFFFFFFF, 0xFFFFFFFF, 1000000000

    lbn = allocate()
    head = bytearray(vat_head)
    if head:  # the previous table
        struct.pack_into('<I', head, 132, vat_old)
    content = bytes(head) + struct.pack(f'<{len(vat)}I', *vat) + bytes(vat_tail)
    saved, ad_kind = ad_kind, 3
    entry(vat_kind, Info, content, 1 if vat_kind == 0 else 1,
          at=(0, lbn, lbn, place(lbn)))
    image = image[:place(lbn + 1)]  # recorded up to here
if bitmap is not None:
    at = place(bitmap)
    length = struct.unpack_from('<H', image, at + 10)[0]
    retag(at, 16 + length)
open(path, 'wb').write(image)
