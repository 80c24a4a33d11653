// 7z archives: a signature header, packed streams, and at the end a header
// that may itself be packed. Files of a solid folder are decoded one after
// the other, so the folder's stream passes once.
//
// Volumes ("x.7z.001") are one archive cut into pieces; the first of them
// alone ends early and is reported so.
//
// Reference: LZMA SDK 23.01, DOC/7zFormat.txt.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/part_stream.h"
#include "verifier/formats/archives/sevenzip_coders.h"
#include "verifier/formats/archives/sevenzip_file.h"
#include "verifier/formats/archives/sevenzip_header.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using sevenzip::File;
using sevenzip::Folder;
using sevenzip::Header;
using sevenzip::SignatureHeader;
using sevenzip::Streams;
using sevenzip::SubStream;

constexpr std::string_view kMagic = "7z\xbc\xaf\x27\x1c";
constexpr std::uint64_t kLargestHeader = 64ULL << 20U;
constexpr std::uint64_t kTrial = 16ULL << 20U;  // to tell a password by
constexpr int kMostEncodings = 4;               // a header in a header in ...

std::optional<SignatureHeader> IntactStart(ByteView bytes) {
  const auto start = ReadAt<SignatureHeader>(bytes, 0);
  constexpr std::size_t kFields = 12;
  if (!start || AsText(start->magic) != kMagic || start->major != 0 ||
      Crc32(bytes.subspan(kFields, sizeof(SignatureHeader) - kFields)) !=
          start->start_crc) {
    return std::nullopt;
  }
  return start;
}

bool Matches(ByteView head) {
  return IntactStart(head).has_value();
}

// Where the header stands; kTruncated when it lies past the end.
Result<Range> HeaderRange(const SignatureHeader& start, std::uint64_t size) {
  const std::uint64_t space = size - sizeof(SignatureHeader);
  if (start.next_offset > space ||
      start.next_size > space - start.next_offset) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("the 7z header of {} bytes should begin at {}; {} "
                            "bytes are there (a volume?)",
                            std::uint64_t{start.next_size},
                            start.next_offset + sizeof(SignatureHeader), size));
  }
  return Range{sizeof(SignatureHeader) + start.next_offset, start.next_size};
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto start = IntactStart(bytes);
  if (!start) {
    return Fail(ErrorCode::kNotThisFormat, "no intact 7z start");
  }
  const auto header = HeaderRange(*start, bytes.size());
  if (!header) {
    return Fail(header.error());
  }
  if (Crc32(*Slice(bytes, header->offset, header->length)) != start->next_crc) {
    return Fail(ErrorCode::kMalformed, "the CRC of the 7z header is wrong");
  }
  return header->end();
}

class Archive {
 public:
  Archive(Input& input, ArtifactSink& sink)
      : source_(input.source()), sink_(sink) {}

  Result<std::uint64_t> Run() {
    const auto start = IntactStart(source_.bytes());
    if (!start) {
      return Fail(ErrorCode::kMalformed, "the CRC of the 7z start is wrong");
    }
    const auto place = HeaderRange(*start, source_.size());
    if (!place) {
      return Fail(place.error());
    }
    end_ = place->end();
    packed_end_ = place->offset;
    coverage_.ClaimFree({0, sizeof(SignatureHeader)}, RegionUse::kMetadata,
                        sink_);
    coverage_.ClaimFree(*place, RegionUse::kMetadata, sink_);
    header_bytes_ =
        CopyOf(*Slice(source_.bytes(), place->offset, place->length));
    if (Crc32(header_bytes_) != start->next_crc) {
      return Fail(ErrorCode::kMalformed, "the CRC of the 7z header is wrong");
    }
    if (auto ok = header_bytes_.empty() ? Result<void>() : ReadHeaderAndFiles();
        !ok) {
      return Fail(ok.error());
    }
    coverage_.ClaimGaps(source_.bytes().first(static_cast<std::size_t>(end_)),
                        sink_);
    return end_;
  }

 private:
  Result<void> ReadHeaderAndFiles() {
    for (int i = 0; i < kMostEncodings; ++i) {
      auto parsed = sevenzip::ParseHeader(header_bytes_, packed_end_);
      if (!parsed) {
        return Fail(parsed.error());
      }
      if (!parsed->encoded) {
        header_ = std::move(parsed->header);
        CheckPackedCrcs();
        return AddFolders();
      }
      auto decoded = DecodeHeader(parsed->header.streams);
      if (!decoded) {
        return decoded.error().code == ErrorCode::kUnsupported
                   ? AddAllOpaque(decoded.error().what)
                   : Fail(decoded.error());
      }
      header_bytes_ = std::move(*decoded);
    }
    return Fail(ErrorCode::kLimit, "a 7z header encoded too many times");
  }

  Result<Bytes> DecodeHeader(const Streams& streams) {
    if (streams.folders.size() != 1) {
      return Fail(ErrorCode::kMalformed, "an encoded 7z header in no folder");
    }
    const Folder& folder = streams.folders.front();
    for (const auto& packed : streams.packed) {
      coverage_.ClaimFree(packed.range, RegionUse::kMetadata, sink_);
    }
    const std::string* password = FindPassword(streams, folder, folder.crc);
    auto stream = sevenzip::OpenFolder(source_, streams, folder, password);
    if (!stream) {
      return Fail(stream.error());
    }
    auto bytes = ReadAll(**stream, kLargestHeader);
    if (bytes && folder.crc && Crc32(*bytes) != *folder.crc) {
      return Fail(ErrorCode::kMalformed,
                  "the CRC of the encoded 7z header is wrong");
    }
    return bytes;
  }

  // The names are in the header that cannot be read.
  Result<void> AddAllOpaque(const std::string& why) {
    const Range all{sizeof(SignatureHeader),
                    packed_end_ - sizeof(SignatureHeader)};
    coverage_.ClaimFree(all, RegionUse::kMember, sink_);
    return sink_.AddOpaque({.name = "content"}, "the 7z header: " + why);
  }

  // The password whose output has the CRC, as far as that can be known; null
  // when none is needed or none fits.
  const std::string* FindPassword(const Streams& streams, const Folder& folder,
                                  std::optional<std::uint32_t> crc) {
    if (!sevenzip::IsEncrypted(folder)) {
      return nullptr;
    }
    for (const std::string& password : sink_.secrets().passwords) {
      auto stream = sevenzip::OpenFolder(source_, streams, folder, &password);
      if (!stream) {
        continue;
      }
      const auto bytes = ReadAll(**stream, kTrial);
      const bool long_one = !bytes && bytes.error().code == ErrorCode::kLimit;
      if (long_one || (bytes && (!crc || Crc32(*bytes) == *crc))) {
        return &password;
      }
    }
    return nullptr;
  }

  void CheckPackedCrcs() {
    for (const auto& packed : header_.streams.packed) {
      const auto bytes =
          Slice(source_.bytes(), packed.range.offset, packed.range.length);
      if (packed.crc && bytes && Crc32(*bytes) != *packed.crc) {
        sink_.Report({.id = "sevenzip.crc-mismatch",
                      .range = packed.range,
                      .detail = "a packed stream does not have its CRC"});
      }
    }
  }

  Result<void> AddFolders() {
    const Streams& streams = header_.streams;
    std::size_t content = 0;
    std::size_t file = 0;
    for (std::size_t i = 0; i < streams.folders.size(); ++i) {
      const std::size_t first = content;
      while (content < streams.contents.size() &&
             streams.contents[content].folder == i) {
        ++content;
      }
      if (auto ok = AddFolder(i, first, content, file); !ok) {
        return ok;
      }
    }
    return AddEmptyFiles(file);
  }

  // Members of a folder, and the empty files that the list has among them.
  Result<void> AddFolder(std::size_t index, std::size_t first, std::size_t last,
                         std::size_t& file) {
    const Streams& streams = header_.streams;
    const Folder& folder = streams.folders[index];
    const bool stored = sevenzip::IsStored(folder) &&
                        PackedRange(folder).length == folder.size();
    const bool alone = last - first == 1 && folder.packed_inputs.size() == 1;
    if (!stored && !alone) {
      ClaimPacked(folder, RegionUse::kMember);
    }
    const bool one = last - first == 1;
    const std::string* password = FindPassword(
        streams, folder, one ? streams.contents[first].crc : folder.crc);
    auto stream = sevenzip::OpenFolder(source_, streams, folder, password);
    std::uint64_t at = PackedRange(folder).offset;
    for (std::size_t i = first; i < last; ++i) {
      if (auto ok = AddEmptyFiles(file); !ok) {
        return ok;
      }
      const SubStream& content = streams.contents[i];
      Member member = MemberOf(file, i);
      if (stored) {
        member.origin = Claimable({at, content.size});
        member.stored = member.origin.has_value();
        at += content.size;
      } else if (alone) {
        member.origin = Claimable(PackedRange(folder));
      }
      if (auto ok = AddContent(std::move(member), content, stream); !ok) {
        return ok;
      }
    }
    if (stream && last > first) {
      CheckEnd(**stream, folder);
    }
    return {};
  }

  // Whether the coders end where the files do.
  void CheckEnd(ByteStream& stream, const Folder& folder) {
    std::array<std::uint8_t, 1> probe = {};
    const auto more = stream.Read(probe);
    if (!more || *more > 0) {
      sink_.Report({.id = "sevenzip.trailing-data",
                    .range = PackedRange(folder),
                    .detail = more ? "a folder holds more than its files"
                                   : more.error().what});
    }
  }

  [[nodiscard]] Range PackedRange(const Folder& folder) const {
    return header_.streams.packed[folder.first_packed].range;
  }

  // The range, as the origin of a member, unless something else has it.
  std::optional<Range> Claimable(Range range) {
    if (range.length == 0) {
      return std::nullopt;
    }
    if (coverage_.Touches(range)) {
      sink_.Report({.id = "sevenzip.overlapping-streams",
                    .range = range,
                    .detail = "a packed stream lies where something else is"});
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
      return std::nullopt;
    }
    coverage_.Add(range);
    return range;
  }

  void ClaimPacked(const Folder& folder, RegionUse use) {
    for (std::size_t i = 0; i < folder.packed_inputs.size(); ++i) {
      const Range range = header_.streams.packed[folder.first_packed + i].range;
      if (coverage_.Touches(range)) {
        sink_.Report(
            {.id = "sevenzip.overlapping-streams",
             .range = range,
             .detail = "a packed stream lies where something else is"});
      }
      coverage_.ClaimFree(range, use, sink_);
    }
  }

  // The next file that has content; one without a name where the list is
  // too short.
  Member MemberOf(std::size_t& file, std::size_t number) {
    if (file < header_.files.size()) {
      return MemberOf(header_.files[file++]);
    }
    sink_.Report(
        {.id = "sevenzip.unlisted-stream",
         .range = {packed_end_, end_ - packed_end_},
         .detail = fmt::format("content {} belongs to no file", number)});
    return {.name = fmt::format("stream{}", number)};
  }

  Member MemberOf(const File& file) {
    return {.name = BoundedName(file.name, "sevenzip",
                                {packed_end_, end_ - packed_end_}, sink_),
            .meta = MetadataOf(file)};
  }

  Result<void> AddContent(Member member, const SubStream& content,
                          Result<std::unique_ptr<ByteStream>>& folder_stream) {
    if (!folder_stream) {
      const Error& error = folder_stream.error();
      return error.code == ErrorCode::kUnsupported ||
                     error.code == ErrorCode::kLimit
                 ? sink_.AddOpaque(std::move(member), error.what)
                 : Fail(error);
    }
    PartStream file(**folder_stream, content.size);
    const std::string name = member.name;
    const Range place = member.origin.value_or(Range{});
    if (auto ok = Deliver(std::move(member), content, file); !ok) {
      return ok;
    }
    if (file.PassRest() && content.crc && *content.crc != file.crc()) {
      sink_.Report({.id = "sevenzip.crc-mismatch",
                    .range = place,
                    .detail = fmt::format(
                        "\"{}\": the header says {:08x}, the content gives "
                        "{:08x}",
                        Escaped(name), *content.crc, file.crc())});
    }
    return {};
  }

  // A symbolic link's content is its target.
  Result<void> Deliver(Member member, const SubStream& content,
                       PartStream& file) {
    if (member.meta.type == FileType::kSymlink &&
        content.size <= sink_.limits().name) {
      const auto target = ReadAll(file, sink_.limits().name);
      if (!target) {
        return sink_.AddOpaque(std::move(member), target.error().what);
      }
      member.meta.link_target = std::string(AsText(*target));
      return sink_.AddEmpty(std::move(member));
    }
    if (member.stored) {
      auto bytes = source_.Slice(*member.origin);
      return bytes ? sink_.Add(std::move(member), std::move(*bytes))
                   : Fail(bytes.error());
    }
    return sink_.AddStream(std::move(member), file);
  }

  // Files without content, up to the next that has some.
  Result<void> AddEmptyFiles(std::size_t& file) {
    for (; file < header_.files.size() && !header_.files[file].has_stream;
         ++file) {
      const File& entry = header_.files[file];
      if (entry.anti) {
        sink_.Report({.id = "sevenzip.anti-item",
                      .range = {packed_end_, end_ - packed_end_},
                      .detail = fmt::format("extracting deletes \"{}\"",
                                            Escaped(entry.name))});
        continue;
      }
      Member member = MemberOf(entry);
      auto ok = member.meta.type == FileType::kRegular
                    ? sink_.Add(std::move(member), ByteSource())
                    : sink_.AddEmpty(std::move(member));
      if (!ok) {
        return ok;
      }
    }
    return {};
  }

  ByteSource source_;
  ArtifactSink& sink_;
  Coverage coverage_;
  Bytes header_bytes_;
  Header header_;
  std::uint64_t packed_end_ = 0;
  std::uint64_t end_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto end = Archive(input, sink).Run();
  return end ? input.Skip(*end) : Fail(end.error());
}

constexpr Magic kMagics[] = {{kMagic, 0}};  // NOLINT: a table

}  // namespace

extern const Format kSevenzip;
const Format kSevenzip = {
    .name = "sevenzip",
    .title = "7z archive",
    .reference = "LZMA SDK 23.01, DOC/7zFormat.txt",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
