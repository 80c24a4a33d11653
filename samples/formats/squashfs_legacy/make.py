#!/usr/bin/env python3
"""make.py TREE IMAGE VERSION big|little [METHOD [MAGIC]]: writes a SquashFS
of layout 1, 2, 3 or 4, which no tool in Debian does any more. Structures:
squashfs_compat.h of squashfs-tools 4.x. METHOD: zlib, lzma (with a whole
header), lzma5 (properties and dictionary), raw (lc=3, lp=0, pb=2 without
header), raw022 (lc=0, lp=2, pb=2), plain. make.py --samples writes the
samples to the current folder (as root, for owners and devices)."""
import lzma
import os
import stat
import struct
import subprocess
import sys
import zlib

DIR, FILE, LINK, BLOCK, CHAR, FIFO, SOCKET, LDIR, LFILE = range(1, 10)
NONE = 0xffffffff


def raw_lzma(data, lc=3, lp=0, pb=2):
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=[
        {'id': lzma.FILTER_LZMA1, 'lc': lc, 'lp': lp, 'pb': pb,
         'dict_size': 1 << 16}])


METHODS = {
    'zlib': lambda data: zlib.compress(data, 9),
    'lzma': lambda data: struct.pack('<BIQ', 0x5d, 1 << 16, len(data)) +
    raw_lzma(data),
    'lzma5': lambda data: struct.pack('<BI', 0x5d, 1 << 16) + raw_lzma(data),
    'raw': raw_lzma,
    'raw022': lambda data: raw_lzma(data, 0, 2, 2),
    'plain': lambda data: data,
}


class Image:
    def __init__(self, version, order, method, block_size):
        self.version, self.order = version, order
        self.pack_block = METHODS[method]
        self.block_size = block_size
        self.data = b''
        self.base = {1: 51, 2: 63, 3: 119, 4: 96}[version]
        self.inodes = Meta(self)
        self.listings = Meta(self)
        self.fragments, self.fragment = [], b''
        self.uids, self.gids = [0], [0]
        self.count, self.seen = 0, {}

    def bits(self, *fields):
        value = size = 0
        for field, width in fields:
            field &= (1 << width) - 1
            if self.order == 'big':
                value = value << width | field
            else:
                value |= field << size
            size += width
        assert size % 8 == 0
        return value.to_bytes(size // 8, self.order)

    def packed(self, data):
        packed = self.pack_block(data)
        return (packed, False) if len(packed) < len(data) else (data, True)

    def add_data(self, data):
        """Returns the entry of a block list."""
        if self.version >= 3 and not data.strip(b'\0'):
            return 0
        packed, plain = self.packed(data)
        self.data += packed
        if self.version == 1:
            return len(packed) % 0x8000 | plain << 15
        return len(packed) | plain << 24

    def flush_fragment(self):
        if self.fragment:
            at = self.base + len(self.data)
            self.fragments.append((at, self.add_data(self.fragment)))
            self.fragment = b''

    def index(self, table, value):
        if value not in table:
            table.append(value)
        return table.index(value)

    # Inodes

    def common(self, kind, status):
        self.count += 1
        mode = stat.S_IMODE(status.st_mode)
        uid = self.index(self.uids, status.st_uid)
        gid = self.index(self.uids if self.version == 4 else self.gids,
                         status.st_gid)
        if self.version == 1:
            if kind in (FIFO, SOCKET):
                return [(0, 4), (mode, 12), (uid % 16, 4), (gid, 4),
                        (kind, 4), (uid // 16, 4)]
            return [(kind + uid // 16 * 5, 4), (mode, 12), (uid % 16, 4),
                    (gid, 4)]
        if self.version == 4:
            return [(kind, 16), (mode, 16), (uid, 16), (gid, 16),
                    (int(status.st_mtime), 32), (self.count, 32)]
        fields = [(kind, 4), (mode, 12), (uid, 8), (gid, 8)]
        if self.version == 3:
            fields += [(int(status.st_mtime), 32), (self.count, 32)]
        return fields

    def add_file(self, path, status):
        content = open(path, 'rb').read()
        start, sizes, at = self.base + len(self.data), [], 0
        while len(content) - at >= self.block_size or (
                self.version == 1 and at < len(content)):
            sizes.append(self.add_data(content[at:at + self.block_size]))
            at += self.block_size
        fragment = offset = NONE
        if at < len(content):
            if len(self.fragment) + len(content) - at > self.block_size:
                self.flush_fragment()
            fragment, offset = len(self.fragments), len(self.fragment)
            self.fragment += content[at:]
        time = (int(status.st_mtime), 32)
        long = self.version == 3 and status.st_nlink > 1
        fields = self.common(LFILE if long else FILE, status)
        if self.version == 1:
            fields += [time, (start, 32), (len(content), 32)]
        elif self.version == 2:
            fields += [time, (start, 32), (fragment, 32), (offset, 32),
                       (len(content), 32)]
        elif self.version == 3:
            fields += [(status.st_nlink, 32)] if long else []
            fields += [(start, 64), (fragment, 32), (offset, 32),
                       (len(content), 64 if long else 32)]
        else:
            fields += [(start, 32), (fragment, 32), (offset, 32),
                       (len(content), 32)]
        width = 16 if self.version == 1 else 32
        return self.inodes.add(self.bits(
            *fields, *[(size, width) for size in sizes]))

    def add_special(self, path, status, kind):
        fields = self.common(kind, status)
        tail = b''
        if self.version >= 3:
            fields += [(status.st_nlink, 32)]
        if kind == LINK:
            tail = os.readlink(path).encode()
            fields += [(len(tail), 32 if self.version == 4 else 16)]
        elif kind in (BLOCK, CHAR):
            major, minor = os.major(status.st_rdev), os.minor(status.st_rdev)
            fields += [(major << 8 | minor, 32 if self.version == 4 else 16)]
        return self.inodes.add(self.bits(*fields) + tail)

    def add_directory(self, path, status):
        entries = []
        for name in sorted(os.listdir(os.fsencode(path))):
            entries.append((name, *self.add(os.path.join(
                path, os.fsdecode(name)))))
        at = self.listings.place()
        size = 0
        while entries:
            block = entries[0][1] >> 16
            run = 0
            while run < min(256, len(entries)) and (
                    entries[run][1] >> 16 == block):
                run += 1
            header = [(run - 1, 32 if self.version == 4 else 8),
                      (block, 32 if self.version >= 3 else 24)]
            if self.version >= 3:
                header += [(self.count, 32)]
            listing = self.bits(*header)
            for name, reference, kind in entries[:run]:
                if self.version == 4:
                    fields = [(reference & 0xffff, 16), (0, 16), (kind, 16),
                              (len(name) - 1, 16)]
                else:
                    fields = [(reference & 0xffff, 13), (kind, 3),
                              (len(name) - 1, 8)]
                    fields += [(0, 16)] if self.version == 3 else []
                listing += self.bits(*fields) + name
            self.listings.add(listing)
            size += len(listing)
            entries = entries[run:]
        time = (int(status.st_mtime), 32)
        size += 3 if self.version >= 3 else 0
        long = self.version in (2, 3) and len(os.listdir(path)) > 20
        fields = self.common(LDIR if long else DIR, status)
        width = 27 if long else 19
        if self.version < 3:
            fields += [(size, width), (at & 0xffff, 13), time, (at >> 16, 24)]
            fields += [(0, 16)] if long else []
        elif self.version == 3:
            fields += [(2, 32), (size, width), (at & 0xffff, 13),
                       (at >> 16, 32)]
            fields += [(0, 16)] if long else []
            fields += [(0, 32)]
        else:
            fields += [(at >> 16, 32), (2, 32), (size, 16), (at & 0xffff, 16),
                       (0, 32)]
        return self.inodes.add(self.bits(*fields))

    def add(self, path):
        status = os.lstat(path)
        if status.st_ino in self.seen:
            return self.seen[status.st_ino]
        kind = {stat.S_IFDIR: DIR, stat.S_IFREG: FILE, stat.S_IFLNK: LINK,
                stat.S_IFBLK: BLOCK, stat.S_IFCHR: CHAR, stat.S_IFIFO: FIFO,
                stat.S_IFSOCK: SOCKET}[stat.S_IFMT(status.st_mode)]
        if kind == DIR:
            place = self.add_directory(path, status)
        elif kind == FILE:
            place = self.add_file(path, status)
        else:
            place = self.add_special(path, status, kind)
        self.seen[status.st_ino] = (place, kind)
        return place, kind

    # Tables

    def table(self, entries, at):
        """Metadata blocks and, behind them, where they are."""
        meta = Meta(self)
        meta.add(entries)
        blocks = meta.finish()
        width = 32 if self.version == 2 else 64
        index = self.bits(*[(at + start, width) for start in meta.starts])
        return blocks + index, at + len(blocks)

    def write(self, tree, magic):
        root = self.add(tree)[0]
        self.flush_fragment()
        inode_table = self.base + len(self.data)
        out = self.data + self.inodes.finish()
        directory_table = self.base + len(out)
        out += self.listings.finish()
        fragment_table = self.base + len(out)
        if self.fragments:
            wide = 32 if self.version == 2 else 64
            tail = [] if self.version == 2 else [(0, 32)]
            more, fragment_table = self.table(b''.join(
                self.bits((at, wide), (size, 32), *tail)
                for at, size in self.fragments), self.base + len(out))
            out += more
        uids = self.bits(*[(uid, 32) for uid in self.uids])
        uid_table = self.base + len(out)
        gid_table = uid_table + len(uids)
        if self.version == 4:
            more, uid_table = self.table(uids, uid_table)
            out += more
        else:
            out += uids + self.bits(*[(gid, 32) for gid in self.gids])
        total = self.base + len(out)
        log = self.block_size.bit_length() - 1
        none = (1 << 64) - 1
        if self.version == 4:
            head = self.bits(
                (self.count, 32), (1000000000, 32), (self.block_size, 32),
                (len(self.fragments), 32), (1, 16), (log, 16), (0, 16),
                (len(self.uids), 16), (4, 16), (0, 16), (root, 64),
                (total, 64), (uid_table, 64), (none, 64), (inode_table, 64),
                (directory_table, 64), (fragment_table, 64), (none, 64))
        else:
            old = self.version < 3
            fields = [
                (self.count, 32), (total if old else 0, 32),
                (uid_table if old else 0, 32), (gid_table if old else 0, 32),
                (inode_table if old else 0, 32),
                (directory_table if old else 0, 32), (self.version, 16),
                (1 if self.version == 3 else 0, 16), (self.block_size, 16),
                (log, 16), (0, 8), (len(self.uids), 8), (len(self.gids), 8),
                (1000000000, 32), (root, 64)]
            if self.version > 1:
                fields += [(self.block_size, 32), (len(self.fragments), 32),
                           (fragment_table if old else 0, 32)]
            if self.version == 3:
                fields += [(total, 64), (uid_table, 64), (gid_table, 64),
                           (inode_table, 64), (directory_table, 64),
                           (fragment_table, 64), (none, 64)]
            head = self.bits(*fields)
        return magic + head + out


class Meta:
    def __init__(self, image):
        self.image, self.pending, self.out = image, b'', b''
        self.starts = []

    def place(self):
        return len(self.out) << 16 | len(self.pending)

    def add(self, data):
        place = self.place()
        self.pending += data
        while len(self.pending) >= 8192:
            self.flush()
        return place

    def flush(self):
        packed, plain = self.image.packed(self.pending[:8192])
        self.pending = self.pending[8192:]
        self.starts.append(len(self.out))
        self.out += self.image.bits((len(packed) | plain << 15, 16)) + packed

    def finish(self):
        if self.pending:
            self.flush()
        return self.out


def make(tree, path, version, order, method='zlib', magic=None,
         block_size=32768):
    if magic is None:
        magic = 'sqsh' if order == 'big' else 'hsqs'
    image = Image(int(version), order, method, block_size)
    with open(path, 'wb') as out:
        out.write(image.write(tree, magic.encode()))


def samples():
    subprocess.run(['sh', '-ec', '''
        mkdir -p tree/bin tree/dev tree/etc
        printf 'inert: not a program\\n' > tree/bin/su
        chmod 4755 tree/bin/su
        ln tree/bin/su tree/bin/su2
        ln -s ../bin/su tree/etc/link
        chown -h 5:6 tree/etc/link
        : > tree/etc/empty
        seq 1 1100 > tree/etc/numbers
        yes exact | head -c 8192 > tree/etc/exact
        truncate -s 9000 tree/etc/holes
        printf end >> tree/etc/holes
        chown 1000:100 tree/etc/numbers
        mknod -m 600 tree/dev/console c 5 1
        mknod -m 660 tree/dev/disk b 8 17
        mkfifo tree/dev/pipe
        chmod 1777 tree/etc
        find tree -exec touch -h -d @1000000000 {} +'''], check=True)
    for name, *options in (
            ('one', 1, 'little'), ('one-big', 1, 'big'), ('two', 2, 'little'),
            ('two-big', 2, 'big'), ('three', 3, 'little'),
            ('three-big', 3, 'big'), ('four-big', 4, 'big'),
            ('lzma', 3, 'little', 'lzma', 'sqlz'),
            ('lzma5', 3, 'big', 'lzma5', 'qshs'),
            ('raw', 3, 'little', 'raw', 'shsq'),
            ('raw022', 3, 'big', 'raw022', 'tqsh')):
        make('tree', name + '.img', *options, block_size=4096)
        data = open(name + '.img', 'rb').read()
        with open(name + '.hex', 'w') as out:
            for at in range(0, len(data), 38):
                out.write(data[at:at + 38].hex() + '\n')


if __name__ == '__main__':
    if sys.argv[1] == '--samples':
        samples()
    else:
        make(*sys.argv[1:])
