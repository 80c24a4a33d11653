#include "verifier/formats/archives/nsis_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/utf16_text.h"

namespace assay::formats::nsis {
namespace {

constexpr std::uint32_t kMark = 0xDEADBEEF;

constexpr std::size_t kBlocks = 8;
constexpr std::size_t kEntryBlock = 2, kStringBlock = 3, kLanguageBlock = 4;

struct Entry {
  Le32 what;
  std::array<Le32, 6> arguments = {};
};
static_assert(sizeof(Entry) == 28 && FileStruct<Entry>);

// Instructions of the script.
constexpr std::uint32_t kCreateFolder = 11, kExtract = 20,
                        kWriteUninstaller = 62;

struct BlockPlace {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
};
using BlockPlaces = std::array<BlockPlace, kBlocks>;

// Programs for 64-bit processors have offsets of 64 bits.
template <typename Offset>
std::optional<BlockPlaces> PlacesOf(ByteView header) {
  BlockPlaces places;
  ByteReader reader(header);
  bool fits = reader.Skip(sizeof(Le32));
  for (BlockPlace& place : places) {
    const auto offset = reader.Take<Offset>();
    const auto count = reader.Take<Le32>();
    if (!fits || !count) {
      return std::nullopt;
    }
    place = {*offset, *count};
  }
  const BlockPlace& entries = places[kEntryBlock];
  fits = entries.count > 0 && entries.count <= header.size() / sizeof(Entry) &&
         Slice(header, entries.offset, entries.count * sizeof(Entry)) &&
         places[kStringBlock].offset < header.size() &&
         entries.offset >= reader.consumed() &&
         entries.offset < places[kStringBlock].offset;
  return fits ? std::optional(places) : std::nullopt;
}

// What the numbers of variables stand for (Source/exehead/state.h).
std::string VariableName(unsigned number) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "CMDLINE",    "INSTDIR", "OUTDIR",  "EXEDIR",     "LANGUAGE", "TEMP",
      "PLUGINSDIR", "EXEPATH", "EXEFILE", "HWNDPARENT", "_CLICK",   "_OUTDIR"};
  constexpr unsigned kNumbered = 10;
  if (number < kNumbered) {
    return fmt::format("${}", number);
  }
  if (number < 2 * kNumbered) {
    return fmt::format("$R{}", number - kNumbered);
  }
  number -= 2 * kNumbered;
  return number < kNames.size() ? fmt::format("${}", kNames.at(number))
                                : fmt::format("$_{}_", number);
}

// Strings are characters, and codes that a number or two follow.
class Strings {
 public:
  explicit Strings(ByteView table) : table_(table) {
    // The table begins with the empty string, in either width.
    const auto first = ReadAt<Le16>(table, 0);
    wide_ = first && *first == 0;
    for (std::size_t i = 0; !wide_ && !later_ && i + 2 < table.size(); ++i) {
      // Variables of NSIS 3; both bytes of a number have the upper bit.
      later_ = table[i] >= 1 && table[i] <= 3 && table[i + 1] >= 0x80 &&
               table[i + 2] >= 0x80;
    }
  }

  [[nodiscard]] std::string At(std::uint64_t index, std::uint64_t most) const {
    std::string text;
    std::uint64_t at = index * Width();
    while (text.size() <= most) {
      const auto unit = Unit(at);
      if (!unit || *unit == 0) {
        break;
      }
      at += Width();
      if (const Code code = CodeOf(*unit); code != kNone) {
        AppendCode(code, at, text);
      } else {
        AppendUnit(*unit, at, text);
      }
    }
    return text;
  }

 private:
  enum Code : std::uint8_t { kNone, kLanguage, kShell, kVariable, kSkip };

  [[nodiscard]] unsigned Width() const { return wide_ ? 2 : 1; }
  [[nodiscard]] std::optional<unsigned> Unit(std::uint64_t at) const {
    if (wide_) {
      const auto unit = ReadAt<Le16>(table_, at);
      return unit ? std::optional<unsigned>(*unit) : std::nullopt;
    }
    const auto unit = ReadAt<std::uint8_t>(table_, at);
    return unit ? std::optional<unsigned>(*unit) : std::nullopt;
  }
  // 1 to 4 in NSIS 3; 255 to 252 in NSIS 2.
  [[nodiscard]] Code CodeOf(unsigned unit) const {
    constexpr unsigned kLast = 4, kOldLast = 256;
    if (wide_ || later_) {
      return unit >= 1 && unit <= kLast ? static_cast<Code>(unit) : kNone;
    }
    return unit >= kOldLast - kLast ? static_cast<Code>(kOldLast - unit)
                                    : kNone;
  }
  // The number behind a code, seven bits of each byte.
  [[nodiscard]] unsigned TakeNumber(std::uint64_t& at) const {
    const auto bytes = ReadAt<Le16>(table_, at);
    at += sizeof(Le16);
    const unsigned value = bytes ? std::uint16_t{*bytes} : 0U;
    return (value & 0x7FU) | (value >> 8U & 0x7FU) << 7U;
  }
  void AppendCode(Code code, std::uint64_t& at, std::string& text) const {
    if (code == kSkip) {
      if (const auto unit = Unit(at)) {
        at += Width();
        AppendUnit(*unit, at, text);
      }
      return;
    }
    const unsigned number = TakeNumber(at);
    text += code == kVariable ? VariableName(number)
            : code == kShell  ? fmt::format("$SHELL[{}]", number)
                              : fmt::format("$(LangString{})", number);
  }
  void AppendUnit(unsigned unit, std::uint64_t& at, std::string& text) const {
    if (!wide_) {  // in a code page that is not stated
      text.push_back(static_cast<char>(unit));
      return;
    }
    Bytes pair = {static_cast<std::uint8_t>(unit),
                  static_cast<std::uint8_t>(unit >> 8U)};
    const auto next = Unit(at);
    if ((unit & 0xFC00U) == 0xD800 && next && (*next & 0xFC00U) == 0xDC00) {
      at += Width();
      pair.push_back(static_cast<std::uint8_t>(*next));
      pair.push_back(static_cast<std::uint8_t>(*next >> 8U));
    }
    text += TextOfUtf16(pair);
  }

  ByteView table_;
  bool wide_ = false;
  bool later_ = false;  // of NSIS 3, where it is narrow
};

std::optional<std::int64_t> TimeOf(std::uint32_t low, std::uint32_t high) {
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  constexpr std::int64_t kTo1970 = 11'644'473'600;
  if (high == kNone || (low | high) == 0) {
    return std::nullopt;
  }
  const std::uint64_t steps = std::uint64_t{high} << 32U | low;
  return static_cast<std::int64_t>(steps / 10'000'000) - kTo1970;
}

// Below the folder of the installation unless the script says otherwise.
std::string PathOf(const std::string& folder, std::string name) {
  constexpr std::string_view kRoot = "$INSTDIR/";
  std::replace(name.begin(), name.end(), '\\', '/');
  const bool whole = name.rfind('$', 0) == 0 || name.find(':') == 1;
  std::string path = whole ? name : folder + "/" + name;
  if (path.rfind(kRoot, 0) == 0) {
    path.erase(0, kRoot.size());
  }
  return path;
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("nsis: {}", what));
}

std::optional<FirstHeader> Recognize(ByteView bytes) {
  const auto header = ReadAt<FirstHeader>(bytes, 0);
  constexpr std::uint32_t kKnownFlags = 0xF;
  const bool sound = header && header->mark == kMark &&
                     std::string_view(header->name.data(),
                                      header->name.size()) == "NullsoftInst" &&
                     header->flags <= kKnownFlags &&
                     header->header_size > sizeof(Le32) + kBlocks * 8 &&
                     header->size > sizeof(FirstHeader) + sizeof(Le32);
  return sound ? header : std::nullopt;
}

Result<std::vector<Extracted>> ReadScript(ByteView header, std::uint64_t most) {
  auto places = PlacesOf<Le32>(header);
  if (!places) {
    places = PlacesOf<Le64>(header);
  }
  if (!places) {
    return Malformed("the header's blocks do not lie in it");
  }
  const BlockPlace& entries = (*places)[kEntryBlock];
  const std::uint64_t strings_at = (*places)[kStringBlock].offset;
  const std::uint64_t strings_end = std::clamp<std::uint64_t>(
      (*places)[kLanguageBlock].offset, strings_at, header.size());
  const Strings strings(*Slice(header, strings_at, strings_end - strings_at));
  constexpr std::uint64_t kMostName = 4096;
  std::vector<Extracted> files;
  std::string folder = "$INSTDIR";
  for (std::uint64_t i = 0; i < entries.count; ++i) {
    const auto entry =
        *ReadAt<Entry>(header, entries.offset + i * sizeof(Entry));
    const auto& arguments = entry.arguments;
    if (entry.what == kCreateFolder && arguments[1] != 0) {
      folder = PathOf("$INSTDIR", strings.At(arguments[0], kMostName));
      if (folder.rfind('$', 0) != 0) {
        folder.insert(0, "$INSTDIR/");
      }
    } else if (entry.what == kExtract) {
      files.push_back(
          {.name = PathOf(folder, strings.At(arguments[1], kMostName)),
           .offset = arguments[2],
           .mtime = TimeOf(arguments[3], arguments[4])});
    } else if (entry.what == kWriteUninstaller) {
      files.push_back(
          {.name = PathOf("$INSTDIR", strings.At(arguments[0], kMostName)),
           .offset = arguments[1],
           .uninstaller = true});
    }
    if (files.size() > most) {
      return Fail(ErrorCode::kLimit, "nsis: too many files");
    }
  }
  return files;
}

}  // namespace assay::formats::nsis
