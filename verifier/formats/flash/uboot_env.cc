// The environment that U-Boot keeps in flash: a CRC, in redundant copies a
// flag, and variables. Layout: U-Boot include/env_internal.h, env/common.c;
// tools/mkenvimage.c.
//
// Nothing states its size: it is the one at which the CRC holds. That is tried
// only where text in the shape of variables follows, and only as far as that
// text is worth, so that no chance and no amount of such text can do harm.
//
// Claims: CRC and flag are metadata, the variables a member, what follows them
// is padding, or slack where it is something else.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "verifier/base/crc32.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kCrcSize = 4;
constexpr std::uint64_t kMostSize = 1ULL << 20U;

struct Environment {
  std::uint64_t text = 0;  // where the variables begin: behind a flag or not
  std::uint64_t end = 0;   // behind the last one
  std::uint64_t size = 0;
};

bool IsText(std::uint8_t byte) {
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t' || byte == '\n' ||
         byte == '\r';
}

// The name in "name=value"; empty when that is none.
std::string_view NameOf(std::string_view variable) {
  const std::size_t at = variable.find('=');
  const std::string_view name = at == std::string_view::npos
                                    ? std::string_view()
                                    : variable.substr(0, at);
  const bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
  return good ? name : std::string_view();
}

// The variable at `at`, without its NUL; nothing when it has none.
std::optional<std::string_view> VariableAt(ByteView bytes, std::uint64_t at) {
  const std::string_view rest = AsText(bytes).substr(
      std::min<std::size_t>(bytes.size(), static_cast<std::size_t>(at)));
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos
             ? std::nullopt
             : std::optional<std::string_view>(rest.substr(0, end));
}

// The first variable, which is looked for in the midst of anything: not too
// long, and not a heap of its own name, so that the answer is quick.
std::string_view FirstName(ByteView bytes, std::uint64_t text) {
  constexpr std::uint64_t kMostLength = 4096;
  constexpr int kMostRepeats = 4;
  const ByteView start =
      *Slice(bytes, text, std::min(kMostLength, bytes.size() - text));
  const auto variable = VariableAt(start, 0);
  const std::string_view name = variable ? NameOf(*variable) : "";
  int repeats = 0;
  for (std::size_t at = name.size(); !name.empty() && repeats <= kMostRepeats;
       ++repeats) {
    at = variable->find(name, at);
    if (at == std::string_view::npos) {
      return name;
    }
    at += name.size();
  }
  return {};
}

// Where the variables from `text` on end: in front of an empty one. Few of them
// come again, which keeps this cheap wherever in a heap of variables it is
// tried.
std::optional<std::uint64_t> EndOfText(ByteView bytes, std::uint64_t text) {
  constexpr int kMostRepeats = 8;
  if (FirstName(bytes, text).empty()) {
    return std::nullopt;
  }
  std::set<std::string_view> names;
  int repeats = 0;
  for (std::uint64_t at = text;;) {
    const auto variable = VariableAt(bytes, at);
    if (!variable ||
        !std::all_of(variable->begin(), variable->end(), [](char c) {
          return IsText(static_cast<std::uint8_t>(c));
        })) {
      return std::nullopt;
    }
    if (variable->empty()) {
      return at;
    }
    const std::string_view name = NameOf(*variable);
    repeats += names.insert(name).second ? 0 : 1;
    if (name.empty() || repeats > kMostRepeats) {
      return std::nullopt;
    }
    at += variable->size() + 1;
  }
}

// How many bytes from `at` on are the same filler.
std::uint64_t FillerAt(ByteView bytes, std::uint64_t at) {
  // The empty variable is a NUL, whatever the rest is filled with.
  if (at + 1 >= bytes.size()) {
    return bytes.size() - at;
  }
  const std::uint8_t filler = bytes[static_cast<std::size_t>(at) + 1];
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at) + 1;
  const auto end = filler == 0 || filler == 0xff
                       ? std::find_if(begin, bytes.end(),
                                      [&](auto b) { return b != filler; })
                       : begin;
  return static_cast<std::uint64_t>(end - begin) + 1;
}

bool Holds(ByteView bytes, std::uint32_t crc) {
  return *ReadAt<Le32>(bytes, 0) == crc || *ReadAt<Be32>(bytes, 0) == crc;
}

// The size at which the CRC holds. `more`: the bytes go on with filler.
std::optional<std::uint64_t> SizeOf(ByteView bytes, const Environment& found,
                                    bool more) {
  constexpr std::uint64_t kStep = 256, kLargeStep = 4096, kWorth = 32;
  const std::uint64_t known = found.end + FillerAt(bytes, found.end);
  const std::uint64_t most = std::min(kMostSize, known * kWorth);
  std::uint64_t at = found.text;
  std::uint32_t crc = 0;
  const auto pass = [&](std::uint64_t to) {
    crc = Crc32(*Slice(bytes, at, to - at), crc);
    at = to;
    return Holds(bytes, crc);
  };
  const std::uint64_t last = std::min<std::uint64_t>(bytes.size(), most);
  for (std::uint64_t size = (found.end / kStep + 1) * kStep; size <= last;
       size += kStep) {
    if (pass(size)) {
      return size;
    }
  }
  if (last == bytes.size() && pass(last)) {
    return last;
  }
  if (!more || known < bytes.size() || at != bytes.size()) {
    return std::nullopt;
  }
  const Bytes filler(kLargeStep, bytes.back());
  while (at < kMostSize) {
    const std::uint64_t step = kLargeStep - at % kLargeStep;
    crc = Crc32(ByteView(filler).first(static_cast<std::size_t>(step)), crc);
    at += step;
    if (Holds(bytes, crc)) {
      return at;
    }
  }
  return std::nullopt;
}

std::optional<Environment> Find(ByteView bytes, bool more) {
  for (const std::uint64_t text : {kCrcSize, kCrcSize + 1}) {
    if (bytes.size() <= text) {
      continue;
    }
    Environment found{.text = text};
    if (const auto end = EndOfText(bytes, text)) {
      found.end = *end;
      if (const auto size = SizeOf(bytes, found, more)) {
        found.size = *size;
        return found;
      }
    }
  }
  return std::nullopt;
}

bool Matches(ByteView head) {
  return Find(head, head.size() >= Input::kPeekLimit).has_value();
}

std::optional<Environment> Open(ByteView bytes) {
  return Find(bytes.first(std::min<std::size_t>(bytes.size(), kMostSize)),
              false);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto found = Open(bytes);
  return found ? Result<std::uint64_t>(found->size)
               : Fail(ErrorCode::kNotThisFormat,
                      "uboot_env: the CRC holds at no size");
}

// Of two variables with one name, the later one counts.
void ReportRepeated(ByteView text, std::uint64_t base, ArtifactSink& sink) {
  std::set<std::string_view> names;
  for (std::uint64_t at = 0; at < text.size();) {
    const std::string_view variable = *VariableAt(text, at);
    if (!names.insert(NameOf(variable)).second) {
      sink.Report(
          {.id = "uboot_env.repeated-variable",
           .range = {base + at, variable.size()},
           .detail = fmt::format("\"{}\" is set twice", NameOf(variable))});
      return;
    }
    at += variable.size() + 1;
  }
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto found = Open(input.source().bytes());
  if (!found) {
    return Fail(ErrorCode::kMalformed, "uboot_env: the CRC holds at no size");
  }
  const Range text{found->text, found->end - found->text};
  const auto content = input.source().Slice(text);
  const auto whole = input.source().Slice({0, found->size});
  if (!content || !whole) {
    return Fail(ErrorCode::kTruncated, "uboot_env: it is cut off");
  }
  ReportRepeated(content->bytes(), text.offset, sink);
  Coverage coverage;
  coverage.ClaimFree({0, found->text}, RegionUse::kMetadata, sink);
  coverage.Add(text);
  Member member{.name = "environment", .origin = text, .stored = true};
  if (auto ok = sink.Add(std::move(member), *content); !ok) {
    return ok;
  }
  // The empty variable that ends the others, and the rest.
  coverage.ClaimFree({found->end, 1}, RegionUse::kMetadata, sink);
  coverage.ClaimGaps(whole->bytes(), sink);
  return input.Skip(found->size);
}

// What environments begin with: U-Boot writes them in the order of names, its
// builders in that of their input.
constexpr Magic kCarveMagics[] = {
    // NOLINT: a table
    {"altbootcmd=", 4}, {"altbootcmd=", 5}, {"arch=", 4},
    {"arch=", 5},       {"args=", 4},       {"args=", 5},
    {"baudrate=", 4},   {"baudrate=", 5},   {"board=", 4},
    {"board=", 5},      {"bootargs=", 4},   {"bootargs=", 5},
    {"bootcmd=", 4},    {"bootcmd=", 5},    {"bootdelay=", 4},
    {"bootdelay=", 5},  {"console=", 4},    {"console=", 5},
    {"ethact=", 4},     {"ethact=", 5},     {"ethaddr=", 4},
    {"ethaddr=", 5},    {"fdt_addr", 4},    {"fdt_addr", 5},
    {"ipaddr=", 4},     {"ipaddr=", 5},     {"serverip=", 4},
    {"serverip=", 5},   {"addip=", 4},      {"addip=", 5},
    {"addtty=", 4},     {"addtty=", 5},
};

}  // namespace

extern const Format kUbootEnv;
const Format kUbootEnv = {
    .name = "uboot_env",
    .title = "U-Boot environment",
    .reference = "U-Boot include/env_internal.h, struct environment_s",
    .carvable = true,
    .carve_magics = kCarveMagics,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
