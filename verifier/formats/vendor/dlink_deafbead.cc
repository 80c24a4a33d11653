// D-Link DEAFBEAD: folders and gzip-compressed files, one after the other.
// Layout: unblob, handlers/archive/dlink/deafbead.py.

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kMagicSize = 4;
constexpr std::uint8_t kFolder = 0x86;
constexpr std::uint8_t kFile = 0x87;

struct Record {
  bool folder = false;
  Range name = {};
  Range data = {};
  std::uint64_t end = 0;
};

std::optional<Record> RecordAt(ByteView bytes, std::uint64_t at) {
  ByteReader reader(bytes);
  if (!reader.Seek(at)) {
    return std::nullopt;
  }
  const auto type = reader.Take<std::uint8_t>();
  const auto length = reader.Take<Le16>();
  if (!type || !length || (*type != kFolder && *type != kFile) ||
      *length == 0) {
    return std::nullopt;
  }
  Record record{.folder = *type == kFolder,
                .name = {reader.consumed(), *length}};
  if (!reader.Skip(*length)) {
    return std::nullopt;
  }
  if (!record.folder) {
    const auto size = reader.Take<Le32>();
    if (!size || *size == 0) {
      return std::nullopt;
    }
    record.data = {reader.consumed(), *size};
  }
  record.end = reader.consumed() + record.data.length;
  return record;
}

// Names are printable, and may use either slash.
bool IsName(ByteView name) {
  for (const std::uint8_t c : name) {
    if (c < 0x20 || c == 0x7F) {
      return false;
    }
  }
  return true;
}

bool Matches(ByteView head) {
  const auto record = RecordAt(head, kMagicSize);
  return record &&
         IsName(*Slice(head, record->name.offset, record->name.length));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no DEAFBEAD record");
  }
  std::uint64_t at = kMagicSize;
  while (const auto record = RecordAt(bytes, at)) {
    if (record->end > bytes.size()) {
      return Fail(ErrorCode::kTruncated, "dlink_deafbead: a file is cut short");
    }
    at = record->end;
  }
  return at;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kMalformed, "dlink_deafbead: no record");
  }
  PartLayout layout(input, "dlink_deafbead", sink);
  std::uint64_t at = kMagicSize;
  layout.Metadata({0, at});
  std::uint64_t count = 0;
  while (const auto record = RecordAt(bytes, at)) {
    if (++count > sink.limits().entries) {
      return Fail(ErrorCode::kLimit, "dlink_deafbead: too many records");
    }
    Member member{.name = std::string(AsText(*Slice(bytes, record->name.offset,
                                                    record->name.length)))};
    layout.Metadata({at, record->end - record->data.length - at});
    at = record->end;
    if (record->folder) {
      member.meta.type = FileType::kDirectory;
      if (auto ok = sink.AddEmpty(std::move(member)); !ok) {
        return ok;
      }
    } else if (auto ok = layout.Add(std::move(member), record->data); !ok) {
      return ok;
    }
    if (at > bytes.size()) {
      break;
    }
  }
  if (at < bytes.size() && (bytes[static_cast<std::size_t>(at)] == kFolder ||
                            bytes[static_cast<std::size_t>(at)] == kFile)) {
    layout.Damage(ErrorCode::kTruncated,
                  fmt::format("dlink_deafbead: no whole record at {}", at));
  }
  return layout.Finish(at);
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"\xde\xaf\xbe\xad", 0}};

}  // namespace

extern const Format kDlinkDeafbead;
const Format kDlinkDeafbead = {
    .name = "dlink_deafbead",
    .title = "D-Link DEAFBEAD firmware",
    .reference = "unblob, handlers/archive/dlink/deafbead.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
