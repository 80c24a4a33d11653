// asar, the archives of Electron programs: a header of JSON in two "pickles"
// (each a size and padding to 4), then the files. Directories are objects
// with "files"; a file has "offset" (a decimal string, from the end of the
// header) and "size", or is kept beside the archive ("unpacked").
//
// Reference: electron/asar 3.2, README.md, "Format"; src/disk.ts.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 four;          // the size of the next field
  Le32 header_size;   // of what follows it
  Le32 payload_size;  // of what follows this
  Le32 json_size;
};
static_assert(sizeof(Header) == 16 && FileStruct<Header>);

constexpr std::uint64_t kHeaderStart = 8;
constexpr std::uint32_t kLargestJson = 64U << 20U;
constexpr std::string_view kJsonStart = "{\"files\":{";

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  if (!header || header->four != 4 || header->json_size > kLargestJson ||
      header->json_size < kJsonStart.size() ||
      AsText(head.subspan(sizeof(Header))).substr(0, kJsonStart.size()) !=
          kJsonStart) {
    return false;
  }
  const std::uint64_t json = header->json_size;
  return header->payload_size == json + sizeof(Le32) + GapTo(4, json) &&
         header->header_size == header->payload_size + sizeof(Le32);
}

struct Tables {
  Json root = {};
  std::uint64_t json_end = 0;
  std::uint64_t base = 0;  // of the files
};

Result<Tables> ReadTables(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no asar header");
  }
  const auto header = *ReadAt<Header>(bytes, 0);
  const auto text = Slice(bytes, sizeof(Header), header.json_size);
  Tables tables{.json_end = sizeof(Header) + header.json_size,
                .base = kHeaderStart + header.header_size};
  if (!text || tables.base > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "the asar header ends past the input");
  }
  auto root = ParseJson(AsText(*text));
  if (!root) {
    return Fail(ErrorCode::kMalformed, "asar header: " + root.error().what);
  }
  tables.root = std::move(*root);
  return tables;
}

// Where the content of an entry lies, if it has any in the archive. Nothing
// when its numbers are none.
std::optional<Range> PlaceOf(const Json& entry, std::uint64_t base) {
  const auto offset = NumberOf(TextAt(entry, "offset"));
  const Json& size = At(entry, "size");
  if (!offset || !size.is_number_unsigned() ||
      *offset > (std::uint64_t{1} << 53U)) {
    return std::nullopt;
  }
  return Range{base + *offset, size.get<std::uint64_t>()};
}

bool IsUnpacked(const Json& entry) {
  const Json& unpacked = At(entry, "unpacked");
  return unpacked.is_boolean() && unpacked.get<bool>();
}

// Calls `each` with the path and the entry of everything below the root.
template <typename Each>
Result<void> ForEachEntry(const Json& root, const Each& each) {
  struct Step {
    const Json* folder = nullptr;
    std::string path = {};
  };
  std::vector<Step> steps = {{&root, ""}};
  while (!steps.empty()) {
    const Step step = std::move(steps.back());
    steps.pop_back();
    const Json& files = At(*step.folder, "files");
    if (!files.is_object()) {
      continue;
    }
    for (const auto& [name, entry] : files.items()) {
      const std::string path = step.path + name;
      if (auto ok = each(path, entry); !ok) {
        return ok;
      }
      if (At(entry, "files").is_object()) {
        steps.push_back({&entry, path + "/"});
      }
    }
  }
  return {};
}

Result<std::uint64_t> EndOf(const Tables& tables, std::uint64_t size) {
  std::uint64_t end = tables.base;
  auto ok = ForEachEntry(
      tables.root,
      [&](const std::string& path, const Json& entry) -> Result<void> {
        const auto place = PlaceOf(entry, tables.base);
        if (!place || IsUnpacked(entry)) {
          return {};
        }
        if (place->offset > size || place->length > size - place->offset) {
          return Fail(ErrorCode::kTruncated,
                      fmt::format("asar file \"{}\" at {} ends past the input",
                                  Escaped(path), place->offset));
        }
        end = std::max(end, place->end());
        return {};
      });
  return ok ? Result<std::uint64_t>(end) : Fail(ok.error());
}

class Unpacker {
 public:
  Unpacker(const ByteSource& source, const Tables& tables, ArtifactSink& sink)
      : source_(source), tables_(tables), sink_(sink) {}

  Result<void> Run(std::uint64_t end) {
    coverage_.ClaimFree({0, tables_.json_end}, RegionUse::kMetadata, sink_);
    const Range filler{tables_.json_end, tables_.base - tables_.json_end};
    coverage_.ClaimFree(
        filler,
        IsZero(*Slice(source_.bytes(), filler.offset, filler.length))
            ? RegionUse::kPadding
            : RegionUse::kSlack,
        sink_);
    auto ok = ForEachEntry(tables_.root,
                           [this](const std::string& path, const Json& entry) {
                             return AddEntry(path, entry);
                           });
    if (ok) {
      coverage_.ClaimGaps(source_.bytes().first(static_cast<std::size_t>(end)),
                          sink_);
    }
    return ok;
  }

 private:
  Result<void> AddEntry(const std::string& path, const Json& entry) {
    const Range header{0, tables_.json_end};
    Member member{.name = BoundedName(path, "asar", header, sink_)};
    if (At(entry, "files").is_object()) {
      member.meta.type = FileType::kDirectory;
      return sink_.AddEmpty(std::move(member));
    }
    if (At(entry, "link").is_string()) {
      member.meta.type = FileType::kSymlink;
      member.meta.link_target = TextAt(entry, "link");
      return sink_.AddEmpty(std::move(member));
    }
    if (IsUnpacked(entry)) {
      return sink_.AddOpaque(std::move(member),
                             "kept beside the archive (unpacked)");
    }
    const auto place = PlaceOf(entry, tables_.base);
    if (!place) {
      sink_.Report({.id = "asar.damaged-entry",
                    .range = header,
                    .detail = fmt::format("\"{}\" has no offset and size",
                                          Escaped(path))});
      return sink_.AddOpaque(std::move(member), "no offset and size");
    }
    auto content = source_.Slice(*place);
    if (!content) {
      return Fail(content.error());
    }
    CheckIntegrity(path, entry, *content, *place);
    if (coverage_.Touches(*place)) {
      sink_.Report({.id = "asar.overlapping-files",
                    .range = *place,
                    .detail = fmt::format("\"{}\" lies where another is",
                                          Escaped(path))});
    } else {
      coverage_.Add(*place);
      member.origin = *place;
      member.stored = true;
    }
    return sink_.Add(std::move(member), std::move(*content));
  }

  void CheckIntegrity(const std::string& path, const Json& entry,
                      const ByteSource& content, Range place) {
    const Json& integrity = At(entry, "integrity");
    const std::string hash = TextAt(integrity, "hash");
    if (TextAt(integrity, "algorithm") == "SHA256" &&
        Lower(hash) != Sha256Hex(content.bytes())) {
      sink_.Report({.id = "asar.checksum-mismatch",
                    .range = place,
                    .detail = fmt::format("\"{}\" does not have the SHA-256 "
                                          "that the header says",
                                          Escaped(path))});
    }
  }

  const ByteSource& source_;
  const Tables& tables_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto tables = ReadTables(bytes);
  return tables ? EndOf(*tables, bytes.size()) : Fail(tables.error());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto tables = ReadTables(input.source().bytes());
  if (!tables) {
    const Error& error = tables.error();
    return error.code == ErrorCode::kNotThisFormat
               ? Fail(ErrorCode::kMalformed, error.what)
               : Fail(error);
  }
  const auto end = EndOf(*tables, input.source().size());
  if (!end) {
    return Fail(end.error());
  }
  if (auto ok = Unpacker(input.source(), *tables, sink).Run(*end); !ok) {
    return ok;
  }
  return input.Skip(*end);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{"{\"files\":{", 16}};

}  // namespace

extern const Format kAsar;
const Format kAsar = {
    .name = "asar",
    .title = "Electron archive (asar)",
    .reference = "electron/asar 3.2, README.md, \"Format\"",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
