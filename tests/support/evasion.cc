#include "tests/support/evasion.h"

#include <algorithm>
#include <array>

#include "tests/support/archive_writer.h"
#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"

namespace assay::testing {
namespace {

const std::string kSecret =
    "This is inert: it stands for content that somebody would rather hide.\n";

Bytes BytesOfText(std::string_view text) {
  return CopyOf(AsBytes(text));
}

HiddenPayload Archive(const std::string& format) {
  return {format, WriteArchive(format, {{.name = "s", .content = kSecret}}),
          Sha256Hex(AsBytes(kSecret))};
}

void PutLe(Bytes& to, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

Trick Prefix(std::string name, Bytes prefix) {
  return {std::move(name), [prefix = std::move(prefix)](ByteView payload) {
            return Concat(prefix, payload);
          }};
}

Trick Behind(std::string name, Bytes container) {
  return Prefix(std::move(name), std::move(container));
}

Bytes Cover(const std::string& format) {
  return WriteArchive(format, {{.name = "cover", .content = "harmless\n"}});
}

// RFC 1952 section 2.3.1.1: a gzip member whose extra field is the payload.
Bytes GzipWithExtra(ByteView payload) {
  Bytes out = Hex("1F8B0804 00000000 00 03");
  const ByteView part =
      payload.first(std::min<std::size_t>(payload.size(), kFitsEverywhere));
  PutLe(out, part.size() + 4, 2);
  out.insert(out.end(), {'A', 'S'});
  PutLe(out, part.size(), 2);
  out.insert(out.end(), part.begin(), part.end());
  return Concat(out, Hex("0300 00000000 00000000"));  // an empty stream
}

// RFC 8878 section 3.1.2 and the LZ4 frame format: a skippable frame.
Bytes SkippableFrame(ByteView payload, const Bytes& follower) {
  Bytes out = Hex("502A4D18");
  PutLe(out, payload.size(), 4);
  return Concat(Concat(out, payload), follower);
}

// A zip entry of a method that nobody reads (APPNOTE 4.4.5 knows no 77), or
// that claims to be encrypted, with the payload as its bytes.
Bytes ZipEntry(ByteView payload, unsigned method, unsigned flags) {
  Bytes local = Hex("504B0304 1400");
  Bytes fields;
  PutLe(fields, flags, 2);
  PutLe(fields, method, 2);
  PutLe(fields, 0, 4);  // time and date
  PutLe(fields, Crc32(payload), 4);
  PutLe(fields, payload.size(), 4);
  PutLe(fields, payload.size(), 4);
  PutLe(fields, 1, 2);
  PutLe(fields, 0, 2);
  local = Concat(Concat(local, fields), AsBytes("x"));
  Bytes central = Concat(Hex("504B0102 1400 1400"), fields);
  PutLe(central, 0, 2);  // comment
  PutLe(central, 0, 4);  // disk, internal attributes
  PutLe(central, 0, 4);  // external attributes
  PutLe(central, 0, 4);  // offset
  central.push_back('x');
  Bytes out = Concat(local, payload);
  const std::size_t at = out.size();
  out = Concat(Concat(out, central), Hex("504B0506 0000 0000 0100 0100"));
  PutLe(out, central.size(), 4);
  PutLe(out, at, 4);
  PutLe(out, 0, 2);
  return out;
}

// The payload as the archive comment (APPNOTE 4.3.16).
Bytes ZipComment(ByteView payload) {
  Bytes out = Cover("zip");
  const ByteView part =
      payload.first(std::min<std::size_t>(payload.size(), kFitsEverywhere));
  out.resize(out.size() - 2);
  PutLe(out, part.size(), 2);
  return Concat(out, part);
}

// The payload between the entries and the central directory.
Bytes ZipGap(ByteView payload) {
  Bytes out = Cover("zip");
  const std::array<std::uint8_t, 4> kCentral = {'P', 'K', 1, 2};
  const auto at =
      std::search(out.begin(), out.end(), kCentral.begin(), kCentral.end());
  const auto start = static_cast<std::size_t>(at - out.begin());
  const std::size_t end = out.size() - 22;
  Bytes made = Concat(ByteView(out).first(start), payload);
  made = Concat(made, ByteView(out).subspan(start, end - start));
  made = Concat(made, ByteView(out).subspan(end, 16));
  PutLe(made, start + payload.size(), 4);
  PutLe(made, 0, 2);
  return made;
}

// A legacy image whose data are the payload and whose data CRC is wrong.
Bytes Uimage(ByteView payload, std::uint32_t crc_error) {
  Bytes header = Hex("27051956 00000000 00000000");
  const auto put = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      header.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  put(static_cast<std::uint32_t>(payload.size()));
  put(0);
  put(0);
  put(Crc32(payload) ^ crc_error);
  header.insert(header.end(), {5, 2, 2, 0});
  header.resize(64);
  const std::uint32_t crc = Crc32(header);
  for (std::size_t i = 0; i < 4; ++i) {
    header[4 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  }
  return Concat(header, payload);
}

}  // namespace

std::vector<HiddenPayload> HiddenPayloads() {
  std::vector<HiddenPayload> payloads = {Archive("zip"), Archive("ustar"),
                                         Archive("newc"), Archive("odc")};
  const std::string seq = Sha256Hex(AsBytes(Seq()));
  for (const char* codec : {"gzip", "xz", "bzip2", "zstd", "lz4"}) {
    payloads.push_back(
        {codec, Sample(std::string("formats/") + codec + "/seq.hex"), seq});
  }
  std::string numbers;
  for (int i = 1; i <= 1100; ++i) {
    numbers += std::to_string(i) + "\n";
  }
  payloads.push_back({"squashfs", Sample("formats/squashfs/plain.hex"),
                      Sha256Hex(AsBytes(numbers))});
  payloads.push_back(
      {"uimage", Uimage(AsBytes(kSecret), 0), Sha256Hex(AsBytes(kSecret))});
  return payloads;
}

std::vector<Trick> PrefixTricks() {
  return {
      Prefix("gif", Hex("474946383961 0100 0100 80 00 00")),
      Prefix("png", Hex("89504E470D0A1A0A 0000000D 49484452 00000001 00000001 "
                        "0802000000 907753DE")),
      Prefix("jpeg", Hex("FFD8FFE0 0010 4A46494600 0101 00 0048 0048 0000")),
      Prefix("pdf", BytesOfText("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")),
      Prefix("mz", Concat(Hex("4D5A9000"), Bytes(60, 0x20))),
      Prefix("script", BytesOfText("#!/bin/sh\nexit 0\n")),
      Prefix("sqlite", Concat(AsBytes("SQLite format 3"), Bytes(85, 1))),
      Prefix("class", Hex("CAFEBABE 0000 0034 0001 0001")),
      Prefix("zeros", Bytes(512, 0)),
      Prefix("ones", Bytes(4096, 0xFF)),
      Prefix("odd", Bytes(7, 'x')),
      Prefix("beyond-peek", Bytes(100'003, 'y')),
  };
}

std::vector<Trick> TrailingTricks() {
  std::vector<Trick> tricks;
  for (const char* format : {"zip", "ustar", "newc", "odc"}) {
    tricks.push_back(Behind(format, Cover(format)));
  }
  for (const char* codec : {"gzip", "xz", "bzip2", "zstd", "lz4"}) {
    // Two zero bytes: not the same stream going on.
    tricks.push_back(Behind(
        codec, Concat(Sample(std::string("formats/") + codec + "/seq.hex"),
                      Hex("00000000 01"))));
  }
  tricks.push_back(Behind("squashfs", Sample("formats/squashfs/gzip.hex")));
  tricks.push_back(Behind("uimage", Uimage(AsBytes("cover"), 0)));
  tricks.push_back(Behind("elf", Sample("formats/elf/amd64.hex")));
  tricks.push_back(Behind("fdt", Sample("formats/fdt/plain.hex")));
  return tricks;
}

std::vector<Trick> InnerTricks() {
  return {
      {"gzip-extra-field", GzipWithExtra},
      {"zstd-skippable-frame",
       [](ByteView payload) {
         return SkippableFrame(payload, Sample("formats/zstd/seq.hex"));
       }},
      {"lz4-skippable-frame",
       [](ByteView payload) {
         return SkippableFrame(payload, Sample("formats/lz4/seq.hex"));
       }},
      {"zip-unknown-method",
       [](ByteView payload) { return ZipEntry(payload, 77, 0); }},
      {"zip-claims-encryption",
       [](ByteView payload) { return ZipEntry(payload, 0, 1); }},
      {"zip-comment", ZipComment},
      {"zip-gap", ZipGap},
      {"uimage-wrong-crc", [](ByteView payload) { return Uimage(payload, 1); }},
      {"uimage-in-uimage",
       [](ByteView payload) { return Uimage(Uimage(payload, 0), 0); }},
      {"gzip-20-deep",
       [](ByteView payload) { return GzipTimes(CopyOf(payload), 20); }},
      {"tar-member-of-wrong-type",
       [](ByteView payload) {
         // Type 'Z' is nobody's: POSIX says to read it like a file.
         Bytes tar = WriteArchive(
             "ustar", {{.name = "x", .content = std::string(AsText(payload))}});
         std::uint32_t sum = 0;
         tar[156] = 'Z';
         for (std::size_t i = 0; i < 512; ++i) {
           sum += i >= 148 && i < 156 ? std::uint32_t{' '} : tar[i];
         }
         for (std::size_t i = 0; i < 6; ++i) {
           tar[148 + i] =
               static_cast<std::uint8_t>('0' + (sum >> (3 * (5 - i)) & 7U));
         }
         tar[154] = 0;
         tar[155] = ' ';
         return tar;
       }},
  };
}

Bytes GzipStored(ByteView bytes) {
  Bytes out = Hex("1F8B0800 00000000 00 03");
  ByteView rest = bytes;
  do {
    const ByteView block =
        rest.first(std::min<std::size_t>(rest.size(), 0xFFFF));
    rest = rest.subspan(block.size());
    out.push_back(rest.empty() ? 1 : 0);  // RFC 1951 section 3.2.4
    PutLe(out, block.size(), 2);
    PutLe(out, ~block.size(), 2);
    out.insert(out.end(), block.begin(), block.end());
  } while (!rest.empty());
  PutLe(out, Crc32(bytes), 4);
  PutLe(out, bytes.size(), 4);
  return out;
}

Bytes GzipTimes(Bytes bytes, int times) {
  for (int i = 0; i < times; ++i) {
    bytes = GzipStored(bytes);
  }
  return bytes;
}

}  // namespace assay::testing
