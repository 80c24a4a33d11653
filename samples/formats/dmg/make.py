#!/usr/bin/env python3
"""make.py IMAGE OUT SECTORS KIND...: an Apple disk image (UDIF) of IMAGE by
newosxbook.com/DMG.html, in chunks of so many sectors, which are packed in turn
as KIND says: raw, zlib, bzip2, lzma, adc, lzfse (bytes that nobody decodes).
Chunks of zeros become "zero" or "ignored". Two partitions: the first quarter
and the rest. hdiutil is Apple's own."""
import base64
import bz2
import lzma
import struct
import sys
import zlib


def adc(data):
    """Greedy, with the last place of each three bytes."""
    out, literals, seen, at = b"", b"", {}, 0

    def flush():
        nonlocal out, literals
        while literals:
            part, literals = literals[:128], literals[128:]
            out += bytes([0x80 | len(part) - 1]) + part

    while at < len(data):
        key = data[at:at + 3]
        before = seen.get(key, -1) if len(key) == 3 else -1
        seen[key] = at
        distance = at - before
        length = 0
        if before >= 0 and distance <= 65536:
            while (length < 67 and at + length < len(data) and
                   data[before + length] == data[at + length]):
                length += 1
        if length >= 4:
            flush()
            if length <= 18 and distance <= 1024:
                out += bytes([length - 3 << 2 | distance - 1 >> 8,
                              distance - 1 & 0xFF])
            else:
                out += bytes([0x40 | length - 4]) + struct.pack(
                    ">H", distance - 1)
            at += length
        else:
            literals += data[at:at + 1]
            at += 1
    flush()
    return out


KINDS = {
    "raw": (1, lambda data: data),
    "adc": (0x80000004, adc),
    "zlib": (0x80000005, lambda data: zlib.compress(data, 9)),
    "bzip2": (0x80000006, bz2.compress),
    "lzfse": (0x80000007, lambda data: b"bvx-inert"),
    "lzma": (0x80000008, lambda data: lzma.compress(
        data, check=lzma.CHECK_NONE)),
}


def checksum(crc):
    return struct.pack(">II", 2, 32) + struct.pack(">I", crc).ljust(128, b"\0")


class Image:
    def __init__(self, step, kinds):
        self.step, self.kinds = step * 512, kinds
        self.fork, self.blocks, self.sums, self.turn = b"", [], b"", 0

    def table(self, name, content, start):
        chunks, crc, zeros = b"", 0, 0
        for at in range(0, len(content), self.step):
            piece = content[at:at + self.step]
            if piece.count(0) == len(piece):
                kind, packed = (0, 2)[zeros % 2], b""
                zeros += 1
            else:
                kind, pack = KINDS[self.kinds[self.turn % len(self.kinds)]]
                packed = pack(piece)
                self.turn += 1
            if kind != 2:
                crc = zlib.crc32(piece, crc)
            chunks += struct.pack(">IIQQQQ", kind, 0, at // 512,
                                  len(piece) // 512, len(self.fork),
                                  len(packed))
            self.fork += packed
        chunks += struct.pack(">IIQQQQ", 0xFFFFFFFF, 0, len(content) // 512, 0,
                              len(self.fork), 0)
        mish = struct.pack(">4sIQQQII24x", b"mish", 1, start // 512,
                           len(content) // 512, 0, 2056, 0)
        mish += checksum(crc) + struct.pack(">I", len(chunks) // 40) + chunks
        self.blocks.append((name, mish))
        self.sums += struct.pack(">I", crc)

    def write(self, path, sectors):
        entries = ""
        for i, (name, mish) in enumerate(self.blocks):
            text = base64.encodebytes(mish).decode().replace("\n", "\n\t\t\t\t")
            entries += f"""
			<dict>
				<key>Attributes</key>
				<string>0x0050</string>
				<key>CFName</key>
				<string>{name}</string>
				<key>Data</key>
				<data>
				{text}</data>
				<key>ID</key>
				<string>{i - 1}</string>
				<key>Name</key>
				<string>{name}</string>
			</dict>"""
        xml = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>resource-fork</key>
	<dict>
		<key>blkx</key>
		<array>{entries}
		</array>
		<key>plst</key>
		<array/>
	</dict>
</dict>
</plist>
""".encode()
        size = len(self.fork)
        koly = struct.pack(">4sIIIQQQQQII16x", b"koly", 4, 512, 1, 0, 0, size,
                           0, 0, 1, 1)
        koly += checksum(zlib.crc32(self.fork))
        koly += struct.pack(">QQ", size, len(xml)).ljust(136, b"\0")
        koly += checksum(zlib.crc32(self.sums))
        koly += struct.pack(">IQ12x", 1, sectors)
        with open(path, "wb") as out:
            out.write(self.fork + xml + koly)


with open(sys.argv[1], "rb") as file:
    disk = file.read()
image = Image(int(sys.argv[3]), sys.argv[4:])
cut = len(disk) // 4 // 512 * 512
image.table("Protective Master Boot Record (MBR : 0)", disk[:cut], 0)
image.table("disk image (Apple_HFS : 1) &amp; more", disk[cut:], cut)
image.write(sys.argv[2], len(disk) // 512)
