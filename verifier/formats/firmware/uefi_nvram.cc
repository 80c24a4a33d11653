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
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/nvar_store.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/firmware/uefi_variables.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr Guid kWorkingBlock =
    GuidOf(0x9e58292b, 0x7c68, 0x497d,
           {0xa0, 0xce, 0x65, 0x00, 0xfd, 0x9f, 0x1b, 0x95});

constexpr std::uint8_t kHealthy = 0xfe;

struct WorkingHeader {
  Guid signature;
  Le32 crc;
  std::array<std::uint8_t, 4> state = {};
  Le64 queue_size;
};
static_assert(sizeof(WorkingHeader) == 32 && FileStruct<WorkingHeader>);

std::optional<WorkingHeader> WorkingBlockAt(ByteView bytes) {
  const auto header = ReadAt<WorkingHeader>(bytes, 0);
  return header && header->signature == kWorkingBlock ? header : std::nullopt;
}

// Named as efivarfs names it.
Member MemberOf(const UefiVariable& variable) {
  Member member{.name = variable.name + "-" + Lower(variable.vendor.Text()),
                .origin = variable.data,
                .stored = true};
  member.meta.xattrs.emplace_back("uefi.attributes",
                                  fmt::format("{:#010x}", variable.attributes));
  member.meta.mtime = variable.time;
  return member;
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
      if (const auto store = UefiStoreAt(rest)) {
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

  Result<void> AddStore(const UefiStoreHeader& store, Range range) {
    sink_.Claim({range.offset, sizeof(UefiStoreHeader)}, RegionUse::kMetadata);
    if (store.size > range.length) {
      Report("uefi_nvram.size-mismatch", range,
             fmt::format("a store of {} bytes, but {} are there",
                         std::uint32_t{store.size}, range.length));
    }
    if (store.state != kHealthy) {
      Report("uefi_nvram.odd-state", range,
             fmt::format("the store's state is {:#04x}", store.state));
    }
    std::uint64_t at = range.offset + sizeof(UefiStoreHeader);
    while (const auto variable = UefiVariableAt(bytes_, {at, range.end() - at},
                                                store.Authenticated())) {
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

  Result<void> AddVariable(const UefiVariable& variable) {
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
    return sink_.Add(MemberOf(variable), *content);
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
};

bool Matches(ByteView head) {
  return UefiStoreAt(head).has_value() || HasNvarStore(head);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto done = HasNvarStore(source.bytes()) ? UnpackNvarStore(source, sink)
                                                 : Area(source, sink).Unpack();
  if (!done) {
    return done;
  }
  const auto store = UefiStoreAt(source.bytes());
  if (store && store->size > source.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("a store of {} bytes is cut short at {}",
                            std::uint32_t{store->size}, source.size()));
  }
  return input.Skip(source.size());
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {kAuthenticatedStore, 0},
    {kPlainStore, 0},
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
