// tar in all its dialects: v7, ustar, pax, GNU and star. A sequence of
// 512-byte headers, each followed by its content in whole blocks; two blocks
// of zeros end it, and zeros fill the last record of 10,240 bytes.
//
// An archive of zeros is no archive: a file system image begins with zeros
// too, and would otherwise pass for an empty tar.
//
// Reference: POSIX.1-2017 pax(1); GNU tar manual, "Tar Internals".

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/tar_entry.h"
#include "verifier/formats/archives/tar_header.h"
#include "verifier/formats/archives/tar_pax.h"
#include "verifier/formats/archives/tar_sparse.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kRecord = 20 * kTarBlock;
constexpr std::uint64_t kMaxExtension = 1ULL << 20U;

class Walk {
 public:
  Walk(Input& input, ArtifactSink& sink)
      : input_(input), sink_(sink), start_(input.position()) {}

  Result<void> Run() {
    while (true) {
      const std::uint64_t at = input_.position();
      std::array<std::uint8_t, kTarBlock> block = {};
      const auto whole = ReadWhole(input_, block, "tar header");
      if (!whole) {
        return Fail(whole.error());
      }
      if (!*whole || AllAre(block, 0)) {
        return at == start_ ? Fail(ErrorCode::kNotThisFormat, "no tar header")
                            : End(at, *whole);
      }
      if (auto ok = Step(block, at); !ok) {
        return ok;
      }
    }
  }

 private:
  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("tar.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  static Result<void> Malformed(std::uint64_t at, std::string_view what) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("tar header at offset {}: {}", at, what));
  }

  Result<void> Step(ByteView block, std::uint64_t at) {
    const TarHeader header = *ReadAt<TarHeader>(block, 0);
    if (!HasTarChecksum(header)) {
      return Malformed(at, "the checksum is wrong");
    }
    const auto size = TarNumber(header.size);
    if (!size || *size < 0) {
      return Malformed(at, "the size is no number or negative");
    }
    sink_.Claim({at, kTarBlock}, RegionUse::kMetadata);
    const auto length = static_cast<std::uint64_t>(*size);
    switch (header.type) {
      case 'x':
      case 'X':
      case 'g':
      case 'L':
      case 'K':
        return Extension(static_cast<char>(header.type), length, at);
      default:
        return OneMember(header, block, length, at);
    }
  }

  Result<void> Extension(char type, std::uint64_t size, std::uint64_t at) {
    if (size > kMaxExtension) {
      return Fail(ErrorCode::kLimit,
                  fmt::format("tar header at offset {}: an extended header of "
                              "{} bytes",
                              at, size));
    }
    const Range range{input_.position(), size};
    const auto content = TakeWhole(input_, size, "tar extended header");
    if (!content) {
      return Fail(content.error());
    }
    sink_.Claim(range, RegionUse::kMetadata);
    const std::string_view text = AsText(content->bytes());
    if (type == 'L' || type == 'K') {
      auto& field = type == 'L' ? next_.gnu_name : next_.gnu_link;
      field = std::string(text.substr(0, text.find('\0')));
    } else {
      PaxAttributes& into = type == 'g' ? global_ : next_.pax;
      for (std::string& flaw : ReadPaxRecords(text, into)) {
        Report("pax-malformed", range, std::move(flaw));
      }
    }
    if (type == 'g') {
      CheckGlobal(range);
    } else {
      next_.any = true;
    }
    return PassFiller(input_, GapTo(kTarBlock, size), 0, sink_);
  }

  // Attributes of every member that follows: an owner or a time may be, but a
  // name or a size for all of them only helps to make readers disagree.
  void CheckGlobal(Range range) {
    if (global_.path || global_.link_path || global_.size || global_.sparse ||
        global_.sparse_path) {
      Report("global-override", range,
             "a global header sets a name, a size or a map; it is ignored");
    }
  }

  Result<void> OneMember(const TarHeader& header, ByteView block,
                         std::uint64_t size, std::uint64_t at) {
    const TarExtensions said = std::exchange(next_, {});
    auto made = MakeTarEntry(header, size, at, said, global_, sink_);
    if (!made) {
      return Fail(made.error());
    }
    TarEntry entry = std::move(*made);
    if (entry.type == 'S' || (said.pax.sparse && IsRegular(entry))) {
      return Sparse(block, said.pax, std::move(entry));
    }
    const auto body = HasBody(entry);
    if (!body) {
      return Fail(body.error());
    }
    return *body ? Content(std::move(entry))
                 : sink_.AddEmpty(std::move(entry.member));
  }

  static bool IsRegular(const TarEntry& entry) {
    return entry.member.meta.type == FileType::kRegular;
  }

  // Links, devices and directories have no content, yet some writers give
  // them a size: for a link in pax it is content, in GNU tar and v7 it is not.
  // What follows decides; that readers may differ is worth a word.
  Result<bool> HasBody(const TarEntry& entry) {
    const bool has_content = IsRegular(entry) || entry.type == 'D';
    if (has_content || entry.size == 0) {
      return has_content;
    }
    const auto next = input_.Peek(kTarBlock);
    if (!next) {
      return Fail(next.error());
    }
    const bool body = !IsTarHeader(*next) && !AllAre(*next, 0);
    Report("size-without-content", {entry.at, kTarBlock},
           fmt::format("\"{}\" of type '{}' has a size of {}; what follows is "
                       "read as {}",
                       Escaped(entry.member.name), entry.type, entry.size,
                       body ? "its content" : "the next member"));
    return body;
  }

  Result<void> Content(TarEntry entry) {
    const Range range{input_.position(), entry.size};
    auto content = TakeWhole(input_, entry.size, "tar member");
    if (!content) {
      return Fail(content.error());
    }
    entry.member.origin = range;
    entry.member.stored = true;
    if (auto ok = Deliver(std::move(entry), std::move(*content)); !ok) {
      return ok;
    }
    return PassFiller(input_, GapTo(kTarBlock, range.length), 0, sink_);
  }

  Result<void> Deliver(TarEntry entry, ByteSource content) {
    constexpr std::string_view kRegular(
        "\0"
        "07SM",
        5);
    switch (entry.type) {
      case 'D':  // GNU: the names that were in the directory
        sink_.Claim(*std::exchange(entry.member.origin, {}),
                    RegionUse::kMetadata);
        return sink_.AddEmpty(std::move(entry.member));
      case 'N':  // GNU before 1990: commands that rename
      case 'V':  // GNU: the name of the volume
        if (content.size() == 0) {
          return {};
        }
        return sink_.AddOpaque(
            std::move(entry.member),
            fmt::format("a GNU header of type '{}' is not read", entry.type));
      case 'M':
        Report("continued-member", {entry.at, kTarBlock},
               "the content began in another volume");
        break;
      default:
        if (IsRegular(entry) &&
            kRegular.find(entry.type) == std::string_view::npos) {
          Report("unknown-type", {entry.at, kTarBlock},
                 fmt::format("type '{}' is read as a file",
                             Escaped({&entry.type, 1})));
        }
    }
    return sink_.Add(std::move(entry.member), std::move(content));
  }

  Result<void> Sparse(ByteView block, const PaxAttributes& pax,
                      TarEntry entry) {
    std::vector<std::uint64_t> numbers = pax.sparse_numbers;
    std::uint64_t size = pax.sparse_size.value_or(entry.size);
    const std::uint64_t start = input_.position();
    std::uint64_t stored = entry.size;
    if (entry.type == 'S') {
      auto old = ReadOldGnuMap(block, input_, sink_);
      if (!old) {
        return Fail(old.error());
      }
      numbers = std::move(old->numbers);
      size = old->size;
    } else if (pax.sparse_map_in_content) {
      auto own = ReadPaxMap(entry.size, input_, sink_);
      if (!own) {
        return Fail(own.error());
      }
      numbers = std::move(*own);
      stored -= input_.position() - start;
    }
    auto map = MakeSparseMap(numbers, size, stored);
    if (!map) {
      return Malformed(entry.at, map.error().what);
    }
    const Range range{input_.position(), stored};
    auto content = TakeWhole(input_, stored, "sparse tar member");
    if (!content) {
      return Fail(content.error());
    }
    entry.member.origin = range;
    if (auto ok = DeliverSparse(std::move(entry.member), std::move(*content),
                                std::move(*map));
        !ok) {
      return ok;
    }
    return PassFiller(input_, GapTo(kTarBlock, stored), 0, sink_);
  }

  Result<void> DeliverSparse(Member member, ByteSource content, SparseMap map) {
    // Holes cost nothing this way; what is over the limit is read as a stream,
    // up to where it meets one.
    if (auto whole =
            content.Gather(ExtentsOf(map), sink_.limits().memory_per_member,
                           sink_.limits().member)) {
      return sink_.Add(std::move(member), std::move(*whole));
    }
    SparseStream stream(std::move(content), std::move(map));
    return sink_.AddStream(std::move(member), stream);
  }

  // `zeros`: a first block of zeros was read at `at`; otherwise the input is
  // over.
  Result<void> End(std::uint64_t at, bool zeros) {
    if (next_.any) {
      Report("extension-without-member", {at, 0},
             "an extended header is followed by no member");
    }
    if (!zeros) {
      Report("no-end-marker", {at, 0},
             "the input ends without blocks of zeros");
      return {};
    }
    sink_.Claim({at, kTarBlock}, RegionUse::kPadding);
    for (std::uint64_t blocks = 1;; ++blocks) {
      const bool full = (input_.position() - start_) % kRecord == 0;
      if (full && blocks > 1) {
        return {};
      }
      const auto next = input_.Peek(kTarBlock);
      if (!next) {
        return Fail(next.error());
      }
      if (next->size() < kTarBlock || !AllAre(*next, 0)) {
        if (blocks == 1) {
          Report("lone-zero-block", {at, kTarBlock},
                 "one block of zeros ends the archive instead of two");
        }
        return {};
      }
      sink_.Claim({input_.position(), kTarBlock}, RegionUse::kPadding);
      if (auto ok = input_.Skip(kTarBlock); !ok) {
        return ok;
      }
    }
  }

  Input& input_;
  ArtifactSink& sink_;
  std::uint64_t start_ = 0;
  TarExtensions next_;
  PaxAttributes global_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  return Walk(input, sink).Run();
}

bool Matches(ByteView head) {
  return IsTarHeader(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no tar header");
  }
  return MeasureByUnpacking(Unpack, bytes, "tar.no-end-marker");
}

// "ustar" of POSIX and of GNU, with the bytes of the version that follow.
constexpr Magic kMagics[] = {  // NOLINT: a table
    {{"ustar\0", 6}, 257},
    {"ustar  ", 257}};

}  // namespace

extern const Format kTar;
const Format kTar = {
    .name = "tar",
    .title = "tar archive (v7, ustar, pax, GNU, star)",
    .reference = "POSIX.1-2017 pax(1); GNU tar manual, \"Tar Internals\"",
    .carvable = true,
    .carve_magics = kMagics,  // v7 has none
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
