// cpio as Linux uses it for initramfs: "newc" (070701), "newc" with a sum of
// each file (070702), and the older portable text format "odc" (070707). A
// text header, a NUL-terminated name and the content, all (but in odc) padded
// to 4 bytes; a member named TRAILER!!! ends an archive. Archives may follow
// one another with zeros between: the kernel unpacks them all, so this format
// goes on as long as another one follows. A compressed one is the caller's.
//
// Reference: Linux, Documentation/driver-api/early-userspace/
// buffer-format.rst; POSIX.1-2017 pax(1), "cpio Interchange Format" (odc).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/cpio_header.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::uint64_t kBlock = 512;  // writers pad the end to it
constexpr std::size_t kMaxPending = 1U << 16U;

struct Entry {
  std::uint64_t at = 0;
  const CpioLayout* layout = nullptr;
  CpioFields fields = {};
  Member member = {};
};

// Names of one inode: only the last of them comes with the content.
class HardLinks {
 public:
  // Gives the member to the sink, or keeps it until its content comes.
  Result<void> Add(Entry entry, ByteSource content, ArtifactSink& sink) {
    const CpioFields& fields = entry.fields;
    if (entry.member.meta.type != FileType::kRegular || fields[kLinks] < 2) {
      return sink.Add(std::move(entry.member), std::move(content));
    }
    Inode& inode =
        inodes_[{fields[kDevMajor], fields[kDevMinor], fields[kInode]}];
    if (content.size() == 0) {
      if (!inode.name.empty()) {
        return Link(std::move(entry.member), inode.name, sink);
      }
      if (++pending_ > kMaxPending) {
        return Fail(ErrorCode::kLimit,
                    fmt::format("more than {} hard links without content",
                                kMaxPending));
      }
      inode.waiting.push_back(std::move(entry.member));
      return {};
    }
    inode.name = entry.member.name;
    if (auto ok = sink.Add(std::move(entry.member), std::move(content)); !ok) {
      return ok;
    }
    return LinkAll(inode, sink);
  }

  // At the end of an archive: names whose content never came are names of an
  // empty file.
  Result<void> Finish(ArtifactSink& sink) {
    for (auto& [key, inode] : inodes_) {
      if (inode.waiting.empty()) {
        continue;
      }
      Member first = std::move(inode.waiting.front());
      inode.waiting.erase(inode.waiting.begin());
      --pending_;
      inode.name = first.name;
      if (auto ok = sink.Add(std::move(first), ByteSource()); !ok) {
        return ok;
      }
      if (auto ok = LinkAll(inode, sink); !ok) {
        return ok;
      }
    }
    inodes_.clear();
    return {};
  }

 private:
  struct Inode {
    std::string name = {};  // of the member that has the content
    std::vector<Member> waiting = {};
  };

  static Result<void> Link(Member member, const std::string& target,
                           ArtifactSink& sink) {
    member.meta.type = FileType::kHardLink;
    member.meta.link_target = target;
    member.origin.reset();
    return sink.AddEmpty(std::move(member));
  }

  Result<void> LinkAll(Inode& inode, ArtifactSink& sink) {
    for (Member& member : std::exchange(inode.waiting, {})) {
      --pending_;
      if (auto ok = Link(std::move(member), inode.name, sink); !ok) {
        return ok;
      }
    }
    return {};
  }

  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, Inode>
      inodes_;
  std::size_t pending_ = 0;
};

class Walk {
 public:
  Walk(Input& input, ArtifactSink& sink) : input_(input), sink_(sink) {}

  // Archive after archive, as long as one follows.
  Result<void> Run() {
    while (true) {
      start_ = input_.position();
      const auto trailer = OneArchive();
      if (!trailer) {
        return Fail(trailer.error());
      }
      if (auto ok = links_.Finish(sink_); !ok) {
        return ok;
      }
      const auto more = *trailer ? Between() : Result<bool>(false);
      if (!more) {
        return Fail(more.error());
      }
      if (!*more) {
        return {};
      }
    }
  }

 private:
  // Whether it ended with a trailer.
  Result<bool> OneArchive() {
    while (true) {
      auto entry = ReadEntry();
      if (!entry) {
        return Fail(entry.error());
      }
      if (!*entry) {
        sink_.Report({.id = "cpio.no-trailer",
                      .range = {input_.position(), 0},
                      .detail = "the input ends without TRAILER!!!"});
        return false;
      }
      const bool trailer = (*entry)->member.name == kTrailer;
      if (trailer && (*entry)->fields[kSize] == 0) {
        return true;
      }
      if (auto ok = Content(std::move(**entry)); !ok) {
        return Fail(ok.error());
      }
    }
  }

  Result<void> Align(const CpioLayout& layout) {
    return PassFiller(
        input_, GapTo(layout.alignment, input_.position() - start_), 0, sink_);
  }

  // Nothing at a clean end of the input.
  Result<std::optional<Entry>> ReadEntry() {
    const std::uint64_t at = input_.position();
    const auto head = input_.Peek(kCpioLargestHeader);
    if (!head) {
      return Fail(head.error());
    }
    if (head->empty() && at != start_) {
      return std::nullopt;
    }
    Entry entry{.at = at, .layout = CpioLayoutOf(*head)};
    if (entry.layout == nullptr) {
      return Malformed(at, "no cpio magic");
    }
    const std::size_t size = entry.layout->size();
    if (head->size() < size) {
      return Fail(
          ErrorCode::kTruncated,
          fmt::format("the input ends in the cpio header at offset {}", at));
    }
    const auto fields = DecodeCpio(*entry.layout, *head);
    if (!fields) {
      return Malformed(at, "a field is no number");
    }
    entry.fields = *fields;
    if (auto ok = input_.Skip(size); !ok) {
      return Fail(ok.error());
    }
    if (auto ok = ReadName(entry); !ok) {
      return Fail(ok.error());
    }
    SetMetadata(entry);
    return std::optional(std::move(entry));
  }

  static tl::unexpected<Error> Malformed(std::uint64_t at,
                                         std::string_view what) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("cpio header at offset {}: {}", at, what));
  }

  Result<void> ReadName(Entry& entry) {
    const std::uint64_t size = entry.fields[kNameSize];
    if (size == 0 || size > kCpioMaxName) {
      return Malformed(entry.at, fmt::format("a name of {} bytes", size));
    }
    const auto bytes = TakeWhole(input_, size, "cpio member name");
    if (!bytes) {
      return Fail(bytes.error());
    }
    const Range range{entry.at, input_.position() - entry.at};
    sink_.Claim(range, RegionUse::kMetadata);
    const std::string_view text = AsText(bytes->bytes());
    const std::string_view name = text.substr(0, text.find('\0'));
    if (name.size() + 1 != text.size()) {
      sink_.Report({.id = "cpio.name-length",
                    .range = range,
                    .detail = fmt::format(
                        "a name field of {} bytes holds \"{}\" and its NUL at "
                        "{}",
                        text.size(), Escaped(name), name.size())});
    }
    entry.member.name = BoundedName(name, "cpio", range, sink_);
    return Align(*entry.layout);
  }

  static void SetMetadata(Entry& entry) {
    const CpioFields& fields = entry.fields;
    FileMetadata& meta = entry.member.meta;
    meta.type = TypeOfMode(fields[kMode]);
    meta.mode = static_cast<std::uint32_t>(fields[kMode] & 07777U);
    meta.uid = fields[kUid];
    meta.gid = fields[kGid];
    meta.mtime = static_cast<std::int64_t>(fields[kMtime]);
    if (meta.type == FileType::kCharDevice ||
        meta.type == FileType::kBlockDevice) {
      // odc has one number for both, made as in the oldest Unix.
      const bool odc = entry.layout->magic == kCpioOdc;
      const std::uint64_t minor = fields[kRdevMinor];
      meta.device_major =
          static_cast<std::uint32_t>(odc ? minor >> 8U : fields[kRdevMajor]);
      meta.device_minor =
          static_cast<std::uint32_t>(odc ? minor & 0xFFU : minor);
    }
  }

  Result<void> Content(Entry entry) {
    const CpioLayout& layout = *entry.layout;
    const Range range{input_.position(), entry.fields[kSize]};
    auto content = TakeWhole(input_, range.length, "cpio member");
    if (!content) {
      return Fail(content.error());
    }
    Check(entry, range, content->bytes());
    if (auto ok = Deliver(std::move(entry), range, std::move(*content)); !ok) {
      return ok;
    }
    return Align(layout);
  }

  // The sum of all bytes, modulo 2^32; an accident check only. newc has the
  // field and leaves it 0.
  void Check(const Entry& entry, Range range, ByteView content) {
    const bool summed = entry.layout->magic == kCpioCrc &&
                        entry.member.meta.type == FileType::kRegular;
    const std::uint32_t sum =
        summed ? std::accumulate(content.begin(), content.end(), 0U) : 0U;
    const std::uint64_t stored = entry.fields[kCheck];
    // Of hard links only the one with the content is summed, but some
    // writers store that sum with every one of them.
    const bool other_link = content.empty() && entry.fields[kLinks] > 1;
    if (stored != sum && !other_link) {
      sink_.Report({.id = "cpio.checksum-mismatch",
                    .range = range,
                    .detail = fmt::format(
                        "\"{}\": the header says {:08x}, the content {:08x}",
                        Escaped(entry.member.name), stored, sum)});
    }
  }

  Result<void> Deliver(Entry entry, Range range, ByteSource content) {
    Member& member = entry.member;
    FileMetadata& meta = member.meta;
    if (meta.type == FileType::kSymlink) {
      meta.link_target =
          BoundedName(AsText(content.bytes()), "cpio", range, sink_);
      sink_.Claim(range, RegionUse::kMetadata);
      return sink_.AddEmpty(std::move(member));
    }
    if (meta.type != FileType::kRegular) {
      if (range.length == 0) {
        return sink_.AddEmpty(std::move(member));
      }
      sink_.Report({.id = "cpio.content-of-no-file",
                    .range = range,
                    .detail = fmt::format("\"{}\" is no file and has {} bytes",
                                          Escaped(member.name), range.length)});
    }
    member.origin = range;
    member.stored = true;
    return links_.Add(std::move(entry), std::move(content), sink_);
  }

  // After a trailer: whether another archive follows, behind any zeros. If
  // none does, only the zeros of the last block belong here.
  Result<bool> Between() {
    const auto head = input_.Peek(Input::kPeekLimit);
    if (!head) {
      return Fail(head.error());
    }
    const auto nonzero = std::find_if(head->begin(), head->end(),
                                      [](std::uint8_t b) { return b != 0; });
    const auto zeros =
        static_cast<std::uint64_t>(std::distance(head->begin(), nonzero));
    const bool aligned = (input_.position() + zeros) % 4 == 0;
    const bool more =
        aligned && IsCpioHeader(head->subspan(static_cast<std::size_t>(zeros)));
    const std::uint64_t to_block = GapTo(kBlock, input_.position() - start_);
    if (auto ok = PassFiller(input_, more ? zeros : std::min(zeros, to_block),
                             0, sink_);
        !ok) {
      return Fail(ok.error());
    }
    return more;
  }

  Input& input_;
  ArtifactSink& sink_;
  std::uint64_t start_ = 0;  // of the current archive
  HardLinks links_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  return Walk(input, sink).Run();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  return MeasureByUnpacking(Unpack, bytes, "cpio.no-trailer");
}

constexpr Magic kMagics[] = {
    {kCpioNewc, 0}, {kCpioCrc, 0}, {kCpioOdc, 0}};  // NOLINT: table

}  // namespace

extern const Format kCpio;
const Format kCpio = {
    .name = "cpio",
    .title = "cpio archive (newc, newc with checksums, odc)",
    .reference =
        "Linux driver-api/early-userspace/buffer-format.rst; "
        "POSIX.1-2017 pax(1)",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = IsCpioHeader,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
