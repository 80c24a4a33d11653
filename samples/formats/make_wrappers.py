#!/usr/bin/env python3
"""Makes the samples of formats that no tool in Debian makes, straight from
their specifications, into the folders beside this file."""
import hashlib
import io
import os
import struct
import zipfile
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


def trx():
    def image(version, parts):
        start = 28 if version == 1 else 32
        body, offsets = b"", []
        for part in parts:
            offsets.append(start + len(body))
            body += part + bytes(-len(part) % 4)
        offsets += [0] * ((3 if version == 1 else 4) - len(offsets))
        rest = struct.pack("<HH", 0, version) + b"".join(
            struct.pack("<I", offset) for offset in offsets) + body
        return struct.pack("<4sII", b"HDR0", 12 + len(rest),
                           raw_crc(rest)) + rest

    write("trx/v1", image(1, [text("loader", 40), text("kernel", 60),
                              text("rootfs", 48)]), "three partitions")
    write("trx/v2", image(2, [text("kernel", 64)]), "version 2")


def netgear_chk():
    def checksum(data):
        first = second = 0
        for byte in data:
            first = (first + byte) & 0xFFFFFFFF
            second = (second + first) & 0xFFFFFFFF

        def fold(value):
            value = (value & 0xFFFF) + (value >> 16)
            return (value + (value >> 16)) & 0xFFFF

        return fold(second) << 16 | fold(first)

    kernel, rootfs, board = text("kernel", 301), text("rootfs", 77), b"U12H072T00"
    head = struct.pack(">III4x4xIIIII", 0x2A23245E, 40 + len(board), 0,
                       checksum(kernel), checksum(rootfs), len(kernel),
                       len(rootfs), checksum(kernel + rootfs))
    head = head[:8] + bytes([1, 1, 0, 99, 1, 0, 0, 1]) + head[20:]
    total = checksum(head + bytes(4) + board)
    write("netgear_chk/two", head + struct.pack(">I", total) + board + kernel +
          rootfs, "kernel and root file system")


def netgear_dni():
    head = b"device:WNDR3700v2\nversion:V1.0.0.12\nregion:WW\nhd_id:29763654\n"
    body = head.ljust(128, b"\0") + text("payload", 200)
    write("netgear_dni/plain", body + bytes([(0xFF - sum(body)) & 0xFF]),
          "an image")


TP_SALTS = [bytes.fromhex("dcd73aa5c39598fbddf9e7f40eae4738"),
            bytes.fromhex("dcd73aa5c39598fbdcf9e7f40eae4737")]


def tplink():
    kernel, rootfs = text("kernel", 100), text("rootfs", 90)
    places = struct.pack(">9I", 0x80060000, 0x80060000, 1024, 512, len(kernel),
                         700, len(rootfs), 0, 0)

    def finish(head, at, salt):
        image = head.ljust(512, b"\0" if salt is TP_SALTS[0] else b"\xff")
        image = (image + kernel).ljust(700, b"\xff") + rootfs
        image = image.ljust(1024, b"\xff")
        digest = hashlib.md5(image[:at] + salt + image[at + 16:]).digest()
        return image[:at] + digest + image[at + 16:]

    head = struct.pack(">I24s36sIII16sI16sI", 0x01000000,
                       b"TP-LINK Technologies", b"ver. 1.0", 0x08410003, 1, 0,
                       bytes(16), 0, bytes(16), 0) + places
    write("tplink/v1", finish(head, 76, TP_SALTS[0]), "version 1")
    head = struct.pack(">I48sIII16sI16sI", 0x03000000,
                       b"ver. 2.0\0".ljust(48, b"\xff"), 0xC2000001, 1, 0,
                       bytes(16), 0, b"\xff" * 16, 0xFFFFFFFF) + places
    head += struct.pack(">HBBBBBB", 0x55AA, 1, 0, 0xA5, 0, 0, 0)
    write("tplink/v3", finish(head, 64, TP_SALTS[1]), "version 3")


def tplink_safeloader():
    parts = [(b"partition-table", text("table", 60)),
             (b"os-image", text("kernel", 101)),
             (b"support-list", b"SupportList:\r\n{model:inert}\r\n")]
    table, body = b"", b""
    for name, content in parts:
        table += b"fwup-ptn %s base 0x%05x size 0x%05x\t\r\n" % (
            name, 0x800 + len(body), len(content))
        body += content
    vendor = b"fw-type:Inert\n"
    image = struct.pack(">I", len(vendor)) + vendor.ljust(0xFFC, b"\xff")
    image += (table + b"\0").ljust(0x800, b"\xff") + body
    salt = bytes.fromhex("7a2b15ed9b98596de504ab44ac2a9f4e")
    write("tplink_safeloader/three",
          struct.pack(">I", len(image) + 20) +
          hashlib.md5(salt + image).digest() + image, "three partitions")


def seama():
    def header(meta, image):
        meta += bytes(-len(meta) % 4)
        head = struct.pack(">IHHI", 0x5EA3A417, 0, len(meta), len(image))
        return head + (hashlib.md5(image).digest() if image else b"") + meta + \
            image

    entities = header(b"dev=/dev/mtdblock/2\0type=firmware\0",
                      text("kernel", 150)) + \
        header(b"type=devdata\0", text("data", 31))
    write("seama/sealed", header(b"signature=wrgac25_dlink\0", b"") + entities,
          "a seal and two entities")


def xiaomi_hdr():
    def image(magic, fields):
        start = 12 + len(fields) + 32
        body, offsets = b"", []
        for name, content in [(b"uboot.bin", text("boot", 50)),
                              (b"firmware.bin", text("kernel", 93))]:
            offsets.append(start + len(body))
            body += struct.pack("<IIIHH32s", 0xBABE, 0xFFFFFFFF, len(content),
                                4, 0, name) + content
            body += bytes(-len(body) % 4)
        offsets += [0] * 6
        rest = fields + struct.pack("<8I", *offsets) + body
        signature = 12 + len(rest)
        rest += struct.pack("<I12x", 256) + text("signature", 256)
        return magic + struct.pack("<II", signature, raw_crc(rest)) + rest

    write("xiaomi_hdr/hdr1", image(b"HDR1", struct.pack("<HH", 0, 0x0D)),
          "HDR1")
    write("xiaomi_hdr/hdr2", image(b"HDR2", struct.pack("<I8s8s16x", 0, b"RA70",
                                                        b"EU")), "HDR2")


def dlink():
    data = text("cipher text", 208)
    head = struct.pack(">4sII", b"SHRS", len(data), 200) + text("iv", 16)
    head += hashlib.sha512(b"a").digest() + hashlib.sha512(b"b").digest()
    head += hashlib.sha512(data[:200]).digest() + bytes(512)
    head += text("one", 512) + text("two", 512)
    write("dlink_shrs/plain", head + data, "not really encrypted")
    write("dlink_encrpted_img/plain", b"encrpted_img" +
          struct.pack(">I", len(data)) + data, "not really encrypted")
    digest = hashlib.sha512(data).hexdigest().encode() + b"\n"
    write("dlink_mh01/plain", struct.pack(
        "<4sIII4sIII", b"MH01", 500, 0, 0, b"MH01", len(digest), len(data), 0) +
          digest + data, "not really encrypted")
    write("dlink_deafbead/tree", bytes.fromhex("deafbead") +
          struct.pack("<BH", 0x86, 3) + b"web" +
          struct.pack("<BH", 0x87, 8) + b"web\\a.gz" +
          struct.pack("<I", 55) + text("page", 55), "a folder and a file")

    def entry(kind, name, content):
        return struct.pack(">IHHI16s", 28, kind, 0, len(content), name) + \
            content

    write("dlink_fpkg/two", b"FPKG" + struct.pack(">III", 0x01000000, 25, 1) +
          struct.pack(">I5s", 5, b"inert") +
          entry(0x100, b"core.bin", text("core", 71)) +
          entry(0x103, b"signature", text("signature", 64)),
          "a file and a signature")
    kernel = text("kernel", 120)
    head = struct.pack("<HBB8IHH", 0x2124, 3, 2, 0x80000000, len(kernel),
                       zlib.crc32(kernel), 0x80000000, 0, 0, 0, 0, 40, 0)
    head = head[:32] + struct.pack("<I", zlib.crc32(head)) + head[36:]
    write("dlink_jboot/sch2", head + kernel, "a kernel")


def others():
    data = text("cipher text", 99)
    write("buffalo_enc/plain", b"start\0" + b"\x4f" +
          struct.pack(">I", 4) + b"WZR\0" + struct.pack(">I", 5) + b"1.00\0" +
          struct.pack(">I", len(data)) + data + struct.pack(">I", 0x1234),
          "not really encrypted")

    image = text("image", 123)
    head = struct.pack(">III16sIII16s32xII", 0, 0x102, 0x67, b"123", 2,
                       len(image), 0, hashlib.md5(image).digest(), 0x7FF,
                       0x12345678)
    coded = bytes(byte ^ (0x12345678 >> at % 8 & 0xFF)
                  for at, byte in enumerate(image))
    write("senao/kernel", head + coded, "type kernel")
    combo = head[:28] + struct.pack(">I", 0) + head[32:]
    combo += struct.pack(">10I", 0x616C6C00, 0, 3, 0, 1, 171101, 1, 8, 53, 9)
    write("senao/combo", combo + b"ENS620EXT" + coded, "with a CAPWAP header")

    parts = [text("first", 44), text("second", 21)]
    start = 1321 + 16 * len(parts)
    head = struct.pack("<4sHHI4xI12x256s256s256s9x256s256s", b"ibdl", 1, 1,
                       1321, len(parts), b"release", b"HP", b"device", b"1.0",
                       b"r1")
    table = struct.pack("<QQQQ", start, 44, start + 44, 21)
    write("hp_bdl/two", head + table + b"".join(parts), "two parts")
    start = 1056 + 276
    head = struct.pack("<4sHHIIIIII256s256s256s256s", b"ipkg", 1, 3, 1056, 0, 1,
                       0, 0, 0, b"1.0", b"product", b"part", b"")
    table = struct.pack("<256sQQI", b"boot.bin", start, 44, 0)
    write("hp_ipkg/one", head + table + parts[0], "one file")

    products = b"120|130|inert;\0\0"
    items = [(b"flash:rootfs", b"ROOTFS", text("rootfs", 81)),
             (b"file:/var/UpgradeCheck.xml", b"UPGRDCHECK", text("xml", 20))]
    at = 36 + len(products) + 360 * len(items)
    table, body = b"", b""
    for number, (name, section, content) in enumerate(items):
        table += struct.pack("<IIII256s16s64sII", number, zlib.crc32(content),
                             at + len(body), len(content), name, section,
                             b"V1R6", 0, 0)
        body += content
    write("huawei_hwnp/two", struct.pack("<4sIIIII2xHII", b"HWNP", 0, 0, at, 0,
                                         len(items), len(products), 360, 0) +
          products + table + body, "two items")

    program, page = text("program", 64), text("page", 30)
    files = struct.pack("<32s16xIIHHIHHII", b"NPort 5110", 0x50, 64, 64, 1,
                        len(page), 0, 0, 0, 0).ljust(0x50, b"\0")
    files += struct.pack("<48s8xII", b"index.htm", len(page), 0x90) + page
    head = b"*FRM" + struct.pack(">I", 1) + struct.pack(
        "<IHH48x", 96 + 64 + len(files), 96, 2)
    head += struct.pack("<IIII", 1, 96, 64, 0) + \
        struct.pack("<IIII", 2, 160, len(files), 0)
    write("moxa_frm/two", head + program + files, "a program and a file")

    start = 12 + 2 * (64 + 76)
    sections = b"".join(
        struct.pack("<32s24sII", name, b"v1.0", offset, size)
        for name, offset, size in [(b"uboot", start, 45),
                                   (b"rootfs", start + 45, 66)])
    places = b"".join(struct.pack("<32sI32s4xI", name, 0, b"/dev/mtd0", 0x1000)
                      for name in [b"uboot", b"rootfs"])
    write("reolink_pak/two", bytes.fromhex("13597232") +
          struct.pack("<II", 0, 0x2222) + sections + places +
          text("boot", 45) + text("rootfs", 66), "two sections")

    parts = [(1, text("info", 36)), (21, text("image", 70)),
             (9, text("signature", 68)), (9, text("again", 16))]
    body = b"".join(struct.pack("<HI", kind, len(content)) + content
                    for kind, content in parts)
    write("mikrotik_npk/four", bytes.fromhex("1ef1d0ba") +
          struct.pack("<I", len(body)) + body, "four parts")

    footer = struct.pack("<6sI16s16s16s16s", b"icpnas", 64, b"TS-X51", b"4.3.6",
                         b"20190101", b"0000")
    write("qnap_nas/plain", text("cipher text", 64) + text("rest", 40) + footer,
          "not really encrypted")


def rockchip():
    init, boot = text("init", 1024), text("boot", 512)

    def entry(number, offset, content):
        return struct.pack("<HHIII8s64s", offset, len(content) // 512,
                           0xFFFFFFFF, 0, number, bytes(8),
                           hashlib.sha256(content).digest())

    head = struct.pack("<4s4xHHI104x", b"RKNS", 384, 2, 1) + \
        entry(1, 4, init) + entry(2, 6, boot) + bytes(2 * 88 + 1064)
    write("rockchip_idblock/rkns",
          (head + hashlib.sha256(head).digest()).ljust(2048, b"\0") + init +
          boot, "version 2, two programs")


def dlink_dns():
    def xor(data):
        value = 0
        for at in range(0, len(data) // 4 * 4, 4):
            value ^= struct.unpack_from("<I", data, at)[0]
        return value

    kernel, initrd = text("kernel", 151), text("initrd", 96)
    head = struct.pack("<12I12s", 128, 151, 279, 96, 375, 0, 375, 0,
                       xor(kernel), xor(initrd), 0, 0,
                       b"\x55\xaaDNS323D1\x55\xaa")
    write("dlink_dns/two", head.ljust(128, b"\0") + kernel + initrd,
          "kernel and initrd")


def dahua():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Install", (2020, 1, 1, 0, 0, 0)),
                         text("script", 50))
    write("dahua/one", b"DH" + packed.getvalue()[2:], "a ZIP with one file")


MAKERS = [fwtool, dfu, uf2, esp_image, esp_partitions, esp_nvs, mcuboot, trx,
          netgear_chk, netgear_dni, tplink, tplink_safeloader, seama,
          xiaomi_hdr, dlink, others,
          rockchip, dlink_dns, dahua]

if __name__ == "__main__":
    for maker in MAKERS:
        maker()
