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


def uf2():
    def block(number, count, address, content, flags=0, family=0, rest=b""):
        data = (content + rest).ljust(476, b"\0")
        return struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, address,
                           len(content), number, count, family) + data + \
            struct.pack("<I", 0x0AB16F30)

    main = text("main", 700)
    parts = [main[at:at + 256] for at in range(0, len(main), 256)]
    image = b"".join(block(i, 3, 0x2000 + 256 * i, part, 0x2000, 0x68ED2B88)
                     for i, part in enumerate(parts))
    other = text("other", 100)
    tag = struct.pack("<B3s4s", 8, bytes([0x5C, 0xBE, 0x9F]), b"v1.2")
    image += block(0, 1, 0x10000000, other, 0xA000, 0xE48BFF56, tag + bytes(4))
    write("uf2/families", image, "two families, one with a tag")

    parts = [main[at:at + 256] for at in range(0, 512, 256)]
    image = b""
    for i, part in enumerate(parts):
        data = part.ljust(452, b"\0") + struct.pack("<II", 0x2000, 512) + \
            hashlib.md5(main[:512]).digest()
        image += block(i, 2, 0x2000 + 256 * i, part, 0x4000,
                       rest=data[256:])
    write("uf2/md5", image, "no family, with the MD5 of the region")


def esp_image():
    def image(chip, segments, digest=True, entry=0x40080400):
        body = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, entry)
        if chip is not None:
            body += struct.pack("<B3sHBHH4sB", 0xEE, bytes(3), chip, 0, 0, 99,
                                bytes(4), int(digest))
        total = 0xEF
        for address, content in segments:
            content = content.ljust((len(content) + 3) // 4 * 4, b"\0")
            body += struct.pack("<II", address, len(content)) + content
            for byte in content:
                total ^= byte
        body += bytes(15 - len(body) % 16) + bytes([total])
        if chip is not None and digest:
            body += hashlib.sha256(body).digest()
        return body

    segments = [(0x3F400020, text("rodata", 90)), (0x40080000, text("code", 61))]
    app = image(0, segments)
    write("esp_image/esp32", app, "ESP32, two segments, SHA-256")
    write("esp_image/esp8266",
          image(None, [(0x40100000, text("iram", 44)),
                       (0x3FFE8000, text("data", 20))], entry=0x40100004),
          "ESP8266")
    signed = app + b"\xff" * (4096 - len(app))
    block = struct.pack("<BBH", 0xE7, 2, 0) + hashlib.sha256(signed).digest()
    block += text("key and signature", 1160)
    block += struct.pack("<I", zlib.crc32(block)) + bytes(16)
    write("esp_image/signed", signed + block, "with a signature block")


def esp_partitions():
    def row(kind, subtype, offset, size, label):
        return struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, offset,
                           size, label, 0)

    rows = row(1, 2, 0x9000, 0x1000, b"nvs") + \
        row(0, 0, 0xA000, 0x1000, b"factory")
    table = rows + b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows).digest()
    write("esp_partitions/table", table.ljust(0xC00, b"\xff"),
          "a table of two partitions")


def esp_nvs():
    start = 0xFFFFFFFF

    def entry(space, kind, span, chunk, key, data):
        head = struct.pack("<BBBB", space, kind, span, chunk)
        tail = key.ljust(16, b"\0") + data.ljust(8, b"\xff")
        return head + struct.pack("<I", zlib.crc32(head + tail, start)) + tail

    def value(space, kind, chunk, key, data):
        count = (len(data) + 31) // 32
        head = struct.pack("<HHI", len(data), 0xFFFF, zlib.crc32(data, start))
        return entry(space, kind, 1 + count, chunk, key, head) + \
            data.ljust(32 * count, b"\xff")

    def page(state, number, entries, erased=()):
        body = b"".join(entries)
        used = len(body) // 32
        bits = 0
        for i in range(128):
            bits |= (3 if i >= used else 0 if i in erased else 2) << 2 * i
        head = struct.pack("<IB19s", number, 0xFE, b"\xff" * 19)
        return struct.pack("<I", state) + head + \
            struct.pack("<I", zlib.crc32(head, start)) + \
            bits.to_bytes(32, "little") + body.ljust(126 * 32, b"\xff")

    blob = text("blob", 70)
    index = struct.pack("<IBBH", len(blob), 1, 0, 0xFFFF)
    first = page(0xFFFFFFFC, 0, [
        entry(0, 0x01, 1, 0xFF, b"wifi", b"\x01"),
        entry(1, 0x04, 1, 0xFF, b"channel", struct.pack("<I", 11)),
        value(1, 0x21, 0xFF, b"ssid", b"inert network\0"),
        entry(1, 0x01, 1, 0xFF, b"old", b"\x07"),
    ], erased=(4,))
    second = page(0xFFFFFFFE, 1, [
        entry(0, 0x01, 1, 0xFF, b"app", b"\x02"),
        value(2, 0x42, 0, b"state", blob),
        entry(2, 0x48, 1, 0xFF, b"state", index),
    ])
    write("esp_nvs/two-pages", first + second,
          "numbers, a string, a blob, an erased entry")


def mcuboot():
    def image(payload, flags=0, protected=b"", kind=0x10,
              digest=hashlib.sha256):
        if protected:
            protected = struct.pack("<HH", 0x6908, len(protected) + 4) + \
                protected
        head = struct.pack("<IIHHIIBBHII", 0x96F3B83D, 0, 64, len(protected),
                           len(payload), flags, 1, 2, 3, 4, 0)
        body = head.ljust(64, b"\0") + payload + protected
        found = digest(body).digest()
        tlvs = struct.pack("<HH", kind, len(found)) + found
        tlvs += struct.pack("<HH", 0x01, 32) + hashlib.sha256(b"key").digest()
        tlvs += struct.pack("<HH", 0x22, 71) + text("signature", 71)
        return body + struct.pack("<HH", 0x6907, len(tlvs) + 4) + tlvs

    counter = struct.pack("<HHI", 0x50, 4, 7)
    whole = image(text("application", 150), protected=counter)
    write("mcuboot/protected", whole, "a protected TLV, SHA-256")
    write("mcuboot/sha384", image(text("application", 90), kind=0x11,
                                  digest=hashlib.sha384), "SHA-384")
    trailer = b"\xff" * 15 + b"\x02" + b"\xff" * 8 + b"\x01" + b"\xff" * 7 + \
        bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
    slot = whole.ljust(2048 - len(trailer), b"\xff") + trailer
    write("mcuboot/slot", slot, "a slot with its trailer")


MAKERS = [fwtool, dfu, uf2, esp_image, esp_partitions, esp_nvs, mcuboot]

if __name__ == "__main__":
    for maker in MAKERS:
        maker()
