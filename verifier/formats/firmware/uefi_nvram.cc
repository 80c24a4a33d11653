// Variables of UEFI firmware as they lie in flash: EDK II's variable stores and
// fault tolerant write areas, and AMI's NVAR lists.
// Layout: EDK II, MdeModulePkg/Include/Guid/VariableFormat.h, and
// MdePkg/Include/Guid/SystemNvDataGuid.h for the working block.
//
// A variable is a member named as efivarfs names it: "PK-8be4df61-...". What
// was deleted, replaced or never finished is slack: old values of boot options
// and keys. So is what the write areas hold.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/nvar_store.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

constexpr std::string_view kAuthenticated =
    "\x78\x2c\xf3\xaa\x7b\x94\x9a\x43\xa1\x80\x2e\x14\x4e\xc3\x77\x92";
constexpr std::string_view kPlain =
    "\x16\x36\xcf\xdd\x75\x32\x64\x41\x98\xb6\xfe\x85\x70\x7f\xfe\x7d";
constexpr Guid kWorkingBlock =
    GuidOf(0x9e58292b, 0x7c68, 0x497d,
           {0xa0, 0xce, 0x65, 0x00, 0xfd, 0x9f, 0x1b, 0x95});

struct StoreHeader {
  Guid signature;
  Le32 size;
  std::uint8_t format = 0, state = 0;
  Le16 reserved;
  Le32 reserved1;
};
static_assert(sizeof(StoreHeader) == 28 && FileStruct<StoreHeader>);
constexpr std::uint8_t kFormatted = 0x5a;
constexpr std::uint8_t kHealthy = 0xfe;

struct EfiTime {
  Le16 year;
  std::uint8_t month = 0, day = 0, hour = 0, minute = 0, second = 0, pad = 0;
  Le32 nanosecond;
  Le32 zone;
};
static_assert(sizeof(EfiTime) == 16 && FileStruct<EfiTime>);

struct VariableHead {
  Le16 start;
  std::uint8_t state = 0, reserved = 0;
  Le32 attributes;
};
static_assert(sizeof(VariableHead) == 8 && FileStruct<VariableHead>);

// Between the head and the tail of authenticated variables.
struct Authentication {
  Le64 count;
  EfiTime time;
  Le32 key;
};
static_assert(sizeof(Authentication) == 28 && FileStruct<Authentication>);

struct VariableTail {
  Le32 name_size, data_size;
  Guid vendor;
};
static_assert(sizeof(VariableTail) == 24 && FileStruct<VariableTail>);
constexpr std::uint16_t kStart = 0x55aa;
constexpr std::uint8_t kAdded = 0x3f;         // bits are cleared step by step
constexpr std::uint8_t kInTransition = 0x3e;  // valid until its successor is

struct WorkingHeader {
  Guid signature;
  Le32 crc;
  std::array<std::uint8_t, 4> state = {};
  Le64 queue_size;
};
static_assert(sizeof(WorkingHeader) == 32 && FileStruct<WorkingHeader>);

struct Variable {
  bool live = false;
  Range header = {};  // with the name
  Range data = {};
  Member member = {};
};

// The store whose header `bytes` begin with, if its size is plausible.
std::optional<StoreHeader> StoreAt(ByteView bytes) {
  const auto header = ReadAt<StoreHeader>(bytes, 0);
  const auto magic =
      AsText(bytes.first(std::min<std::size_t>(bytes.size(), sizeof(Guid))));
  return header && (magic == kAuthenticated || magic == kPlain) &&
                 header->format == kFormatted &&
                 header->size >= sizeof(StoreHeader)
             ? header
             : std::nullopt;
}

std::optional<WorkingHeader> WorkingBlockAt(ByteView bytes) {
  const auto header = ReadAt<WorkingHeader>(bytes, 0);
  return header && header->signature == kWorkingBlock ? header : std::nullopt;
}

std::optional<std::int64_t> UnixTimeOf(const EfiTime& time) {
  return time.year == 0 ? std::nullopt
                        : ParseTime(fmt::format(
                              "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                              std::uint16_t{time.year}, time.month, time.day,
                              time.hour, time.minute, time.second));
}

class Area {
 public:
  Area(const ByteSource& source, ArtifactSink& sink)
      : source_(source), bytes_(source.bytes()), sink_(sink) {}

  // Stores and working blocks, wherever they begin; gaps between them.
  Result<void> Unpack() {
    constexpr std::uint64_t kStep = 8;
    std::uint64_t gap = 0;  // where the current one begins
    for (std::uint64_t at = 0; at < bytes_.size();) {
      const ByteView rest = bytes_.subspan(static_cast<std::size_t>(at));
      std::uint64_t size = 0;
      if (const auto store = StoreAt(rest)) {
        ClaimFiller(bytes_, {gap, at - gap}, sink_);
        size = std::min<std::uint64_t>(store->size, rest.size());
        if (auto ok = AddStore(*store, {at, size}); !ok) {
          return ok;
        }
      } else if (const auto block = WorkingBlockAt(rest)) {
        ClaimFiller(bytes_, {gap, at - gap}, sink_);
        size = AddWorkingBlock(*block, at);
      }
      at += size > 0 ? size : kStep;
      gap = size > 0 ? at : gap;
    }
    ClaimFiller(bytes_, {gap, bytes_.size() - gap}, sink_);
    return {};
  }

 private:
  void Report(std::string id, Range range, std::string detail) {
    sink_.Report({std::move(id), range, std::move(detail)});
  }

  Result<void> AddStore(const StoreHeader& store, Range range) {
    sink_.Claim({range.offset, sizeof(StoreHeader)}, RegionUse::kMetadata);
    if (store.size > range.length) {
      Report("uefi_nvram.size-mismatch", range,
             fmt::format("a store of {} bytes, but {} are there",
                         std::uint32_t{store.size}, range.length));
    }
    if (store.state != kHealthy) {
      Report("uefi_nvram.odd-state", range,
             fmt::format("the store's state is {:#04x}", store.state));
    }
    authenticated_ =
        AsText(BytesOf(store.signature)) == std::string_view(kAuthenticated);
    std::uint64_t at = range.offset + sizeof(StoreHeader);
    while (const auto variable = VariableAt({at, range.end() - at})) {
      if (auto ok = AddVariable(*variable); !ok) {
        return ok;
      }
      at = variable->data.end();
      const std::uint64_t pad = std::min<std::uint64_t>(
          GapTo(4, at - range.offset), range.end() - at);
      ClaimFiller(bytes_, {at, pad}, sink_);
      at += pad;
    }
    const Range free{at, range.end() - at};
    if (!ClaimFiller(bytes_, free, sink_)) {
      Report("uefi_nvram.hidden-data", free,
             fmt::format("{} bytes behind the last variable are not erased",
                         free.length));
    }
    return {};
  }

  [[nodiscard]] std::optional<Variable> VariableAt(Range range) const {
    const ByteView bytes = *Slice(bytes_, range.offset, range.length);
    const auto head = ReadAt<VariableHead>(bytes, 0);
    const auto proof = ReadAt<Authentication>(bytes, sizeof(VariableHead));
    const std::uint64_t before =
        sizeof(VariableHead) + (authenticated_ ? sizeof(Authentication) : 0);
    const auto tail = ReadAt<VariableTail>(bytes, before);
    const std::uint64_t fixed = before + sizeof(VariableTail);
    if (!head || head->start != kStart || !tail ||
        tail->name_size > bytes.size() - fixed ||
        tail->data_size > bytes.size() - fixed - tail->name_size) {
      return std::nullopt;
    }
    Variable variable{
        .live = head->state == kAdded || head->state == kInTransition,
        .header = {range.offset, fixed + tail->name_size}};
    variable.data = {variable.header.end(), tail->data_size};
    variable.member = {
        .name = TextOfUtf16UntilNul(*Slice(bytes, fixed, tail->name_size)) +
                "-" + Lower(tail->vendor.Text()),
        .origin = variable.data,
        .stored = true};
    variable.member.meta.xattrs.emplace_back(
        "uefi.attributes",
        fmt::format("{:#010x}", std::uint32_t{head->attributes}));
    if (authenticated_ && proof) {
      variable.member.meta.mtime = UnixTimeOf(proof->time);
    }
    return variable;
  }

  Result<void> AddVariable(const Variable& variable) {
    if (!variable.live) {
      sink_.Claim({variable.header.offset,
                   variable.header.length + variable.data.length},
                  RegionUse::kSlack);
      return {};
    }
    sink_.Claim(variable.header, RegionUse::kMetadata);
    const auto content = source_.Slice(variable.data);
    if (!content) {
      return Fail(content.error());
    }
    return sink_.Add(variable.member, *content);
  }

  // The sum counts itself and the state as erased. Writes that wait or are
  // done stand behind it.
  std::uint64_t AddWorkingBlock(const WorkingHeader& header, std::uint64_t at) {
    WorkingHeader blank = header;
    const std::uint32_t stored = header.crc;
    blank.crc.raw.fill(0xff);
    blank.state.fill(0xff);
    if (const std::uint32_t crc = Crc32(BytesOf(blank)); crc != stored) {
      Report("uefi_nvram.crc-mismatch", {at, sizeof(header)},
             fmt::format("the working block says {:08x}, its header gives "
                         "{:08x}",
                         stored, crc));
    }
    sink_.Claim({at, sizeof(header)}, RegionUse::kMetadata);
    const std::uint64_t room = bytes_.size() - at - sizeof(header);
    const std::uint64_t queue =
        std::min<std::uint64_t>(header.queue_size, room);
    ClaimFiller(bytes_, {at + sizeof(header), queue}, sink_);
    return sizeof(header) + queue;
  }

  const ByteSource& source_;
  const ByteView bytes_;
  ArtifactSink& sink_;
  bool authenticated_ = false;
};

bool Matches(ByteView head) {
  return StoreAt(head).has_value() || HasNvarStore(head);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto done = HasNvarStore(source.bytes()) ? UnpackNvarStore(source, sink)
                                                 : Area(source, sink).Unpack();
  if (!done) {
    return done;
  }
  const auto store = StoreAt(source.bytes());
  if (store && store->size > source.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("a store of {} bytes is cut short at {}",
                            std::uint32_t{store->size}, source.size()));
  }
  return input.Skip(source.size());
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {kAuthenticated, 0},
    {kPlain, 0},
    {"NVAR", 0}};

}  // namespace

extern const Format kUefiNvram;
const Format kUefiNvram = {
    .name = "uefi_nvram",
    .title = "UEFI variable store",
    .reference = "EDK II, MdeModulePkg/Include/Guid/VariableFormat.h",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .unpack = Unpack,
};

}  // namespace assay::formats
