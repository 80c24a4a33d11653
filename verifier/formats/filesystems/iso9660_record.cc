#include "verifier/formats/filesystems/iso9660_record.h"

#include <set>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::iso9660 {
namespace {

constexpr std::size_t kMostContinuations = 64;

struct FieldHeader {
  std::array<char, 2> signature = {};
  std::uint8_t length = 0, version = 0;
};
static_assert(sizeof(FieldHeader) == 4 && FileStruct<FieldHeader>);

struct Continuation {
  Both32 block, offset, length;
};
static_assert(sizeof(Continuation) == 24 && FileStruct<Continuation>);

struct PosixFields {
  Both32 mode, links, uid, gid;
};
static_assert(sizeof(PosixFields) == 32 && FileStruct<PosixFields>);

struct DeviceFields {
  Both32 high, low;
};

struct ZisofsFields {
  std::array<char, 2> algorithm = {};
  std::uint8_t header_size = 0, block_log = 0;
  Both32 size;
};
static_assert(sizeof(ZisofsFields) == 12 && FileStruct<ZisofsFields>);

std::int64_t DaysBefore(int year, unsigned month, unsigned day) {
  // Days from 1970-01-01 in the proleptic Gregorian calendar.
  const int shifted = month <= 2 ? year - 1 : year;
  const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const auto of_era = static_cast<unsigned>(shifted - era * 400);
  const unsigned of_year =
      (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 +
         std::int64_t{of_era * 365 + of_era / 4 - of_era / 100 + of_year} -
         719468;
}

// The 17-digit form (ECMA-119 8.4.26.1).
std::optional<std::int64_t> LongTimeOf(ByteView bytes) {
  const auto number = [&](std::size_t at, std::size_t count) {
    return FieldNumber(AsText(bytes).substr(at, count), 10).value_or(0);
  };
  if (bytes.size() != 17 || number(0, 4) == 0) {
    return std::nullopt;
  }
  const auto zone = static_cast<std::int8_t>(bytes[16]);
  return DaysBefore(static_cast<int>(number(0, 4)),
                    static_cast<unsigned>(number(4, 2)),
                    static_cast<unsigned>(number(6, 2))) *
             86400 +
         static_cast<std::int64_t>(number(8, 2) * 3600 + number(10, 2) * 60 +
                                   number(12, 2)) -
         std::int64_t{zone} * 15 * 60;
}

// RRIP 4.1.3: components of a symbolic link; a flag says that a component or
// the whole goes on in the next field.
class LinkTarget {
 public:
  void Add(ByteView field) {
    ByteReader reader(field);
    if (!reader.Skip(1)) {
      return;
    }
    while (reader.remaining() >= 2) {
      const auto head = reader.TakeBytes(2);
      const auto text = reader.TakeBytes((*head)[1]);
      if (!text) {
        return;
      }
      AddComponent((*head)[0], AsText(*text));
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void AddComponent(std::uint8_t flags, std::string_view text) {
    if (!text_.empty() && !open_ && text_.back() != '/') {
      text_ += '/';
    }
    if ((flags & 8U) != 0) {
      text_ = "/";
    } else if ((flags & 2U) != 0) {
      text_ += '.';
    } else if ((flags & 4U) != 0) {
      text_ += "..";
    } else {
      text_ += text;
    }
    open_ = (flags & 1U) != 0;
  }

  std::string text_;
  bool open_ = false;
};

class FieldReader {
 public:
  explicit FieldReader(RockRidge& into) : into_(into) {}

  // Reads the fields of one area; the continuation it names, if any.
  std::optional<Continuation> Read(ByteView area) {
    std::optional<Continuation> next;
    ByteReader reader(area);
    while (const auto header = reader.Take<FieldHeader>()) {
      if (header->length < sizeof(FieldHeader)) {
        break;
      }
      const auto body = reader.TakeBytes(header->length - sizeof(FieldHeader));
      const std::string_view name(header->signature.data(), 2);
      if (!body || name == "ST") {
        break;
      }
      if (name == "CE") {
        next = ReadAt<Continuation>(*body, 0);
      } else {
        Take(name, *body);
      }
    }
    return next;
  }

  void Finish() {
    if (into_.meta.type == FileType::kSymlink) {
      into_.meta.link_target = target_.text();
    }
  }

 private:
  void Take(std::string_view name, ByteView body) {
    if (name == "PX") {
      Posix(body);
    } else if (name == "NM") {
      Name(body);
    } else if (name == "SL") {
      target_.Add(body);
    } else if (name == "TF") {
      Times(body);
    } else if (name == "PN") {
      if (const auto device = ReadAt<DeviceFields>(body, 0)) {
        SetDevice(device->high.little, device->low.little);
      }
    } else if (name == "CL") {
      if (const auto block = ReadAt<Both32>(body, 0)) {
        into_.child_link = block->little;
      }
    } else if (name == "RE") {
      into_.relocated = true;
    } else if (name == "ZF") {
      Compression(body);
    } else if (name == "SF") {
      into_.unknown_compression = true;
    }
  }

  // RRIP 4.1.2: two halves of a number; some writers put a whole Linux dev_t
  // into the low one, and Linux reads it so (fs/isofs/rock.c).
  void SetDevice(std::uint32_t high, std::uint32_t low) {
    const bool packed = high == 0 && low > 0xFF;
    into_.meta.device_major = packed ? low >> 8U : high;
    into_.meta.device_minor = packed ? low & 0xFFU : low;
  }

  void Posix(ByteView body) {
    const auto fields = ReadAt<PosixFields>(body, 0);
    if (!fields) {
      return;
    }
    into_.present = true;
    const std::uint32_t mode = fields->mode.little;
    into_.meta.type = TypeOfMode(mode);
    into_.meta.mode = mode & 07777U;
    into_.meta.uid = std::uint32_t{fields->uid.little};
    into_.meta.gid = std::uint32_t{fields->gid.little};
  }

  void Name(ByteView body) {
    constexpr std::uint8_t kSelf = 2;
    constexpr std::uint8_t kParent = 4;
    if (!body.empty() && (body[0] & (kSelf | kParent)) == 0) {
      into_.present = true;
      into_.name += AsText(body.subspan(1));
    }
  }

  // RRIP 4.1.6: creation, then modification, each 7 or 17 bytes.
  void Times(ByteView body) {
    if (body.empty() || (body[0] & 2U) == 0) {
      return;
    }
    const std::size_t size = (body[0] & 0x80U) != 0 ? 17 : 7;
    const auto stamp = Slice(body, 1 + ((body[0] & 1U) != 0 ? size : 0), size);
    if (stamp) {
      into_.meta.mtime = size == 7 ? TimeOf(*stamp) : LongTimeOf(*stamp);
    }
  }

  void Compression(ByteView body) {
    const auto fields = ReadAt<ZisofsFields>(body, 0);
    if (fields && fields->algorithm == std::array<char, 2>{'p', 'z'} &&
        fields->block_log >= 15 && fields->block_log <= 17) {
      into_.zisofs = Zisofs{std::uint64_t{fields->header_size} * 4,
                            fields->block_log, fields->size.little};
    } else {
      into_.unknown_compression = true;
    }
  }

  RockRidge& into_;
  LinkTarget target_;
};

}  // namespace

std::optional<std::int64_t> TimeOf(ByteView seven) {
  if (seven.size() != 7 || seven[1] == 0 || seven[2] == 0) {
    return std::nullopt;
  }
  const auto zone = static_cast<std::int8_t>(seven[6]);
  return DaysBefore(1900 + seven[0], seven[1], seven[2]) * 86400 +
         seven[3] * 3600 + seven[4] * 60 + seven[5] -
         std::int64_t{zone} * 15 * 60;
}

std::optional<Record> RecordAt(ByteView image, std::uint64_t at) {
  const auto header = ReadAt<RecordHeader>(image, at);
  if (!header || header->length < sizeof(RecordHeader) + 1) {
    return std::nullopt;
  }
  const auto whole = Slice(image, at, header->length);
  if (!whole || header->name_size > whole->size() - sizeof(RecordHeader)) {
    return std::nullopt;
  }
  Record record{.header = *header, .at = at};
  record.identifier =
      AsText(whole->subspan(sizeof(RecordHeader), header->name_size));
  const std::size_t end = sizeof(RecordHeader) + header->name_size +
                          (header->name_size % 2 == 0 ? 1U : 0U);
  record.system_use = whole->subspan(std::min(end, whole->size()));
  return record;
}

RockRidge ReadRockRidge(ByteView image, const Record& record, std::uint8_t skip,
                        const std::function<void(Range)>& continued) {
  RockRidge found;
  FieldReader reader(found);
  ByteView area = record.system_use.subspan(
      std::min<std::size_t>(skip, record.system_use.size()));
  std::set<std::uint64_t> seen;
  while (const auto next = reader.Read(area)) {
    const Range range{next->block.little * kSector + next->offset.little,
                      next->length.little};
    const auto bytes = Slice(image, range.offset, range.length);
    if (!bytes || !seen.insert(range.offset).second ||
        seen.size() > kMostContinuations) {
      break;
    }
    continued(range);
    area = *bytes;
  }
  reader.Finish();
  return found;
}

std::optional<std::uint8_t> SuspSkip(const Record& root_self) {
  const ByteView area = root_self.system_use;
  const bool used = area.size() >= 7 && area[0] == 'S' && area[1] == 'P' &&
                    area[4] == 0xBE && area[5] == 0xEF;
  return used ? std::optional(area[6]) : std::nullopt;
}

}  // namespace assay::formats::iso9660
