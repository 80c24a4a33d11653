// A bounded reading of a Mach-O image: both widths, both byte orders.
// Layout: <mach-o/loader.h> and <mach-o/nlist.h> of Apple's xnu and cctools.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

// The few numbers of the headers that readers of a MachoView need to name.
namespace macho {
inline constexpr std::uint32_t kObject = 1;  // filetype
inline constexpr std::uint32_t kExecute = 2;
inline constexpr std::uint32_t kCore = 4;
inline constexpr std::uint32_t kLibrary = 6;
inline constexpr std::uint32_t kBundle = 8;
inline constexpr std::uint32_t kProtWrite = 2;  // of a segment
inline constexpr std::uint32_t kProtExecute = 4;
// Load commands, without the bit that says that dyld must know them.
inline constexpr std::uint32_t kMustKnow = 0x80000000;
inline constexpr std::uint32_t kSegment = 0x1;
inline constexpr std::uint32_t kSymtab = 0x2;
inline constexpr std::uint32_t kThread = 0x4;
inline constexpr std::uint32_t kUnixThread = 0x5;
inline constexpr std::uint32_t kDysymtab = 0xb;
inline constexpr std::uint32_t kLoadDylib = 0xc;
inline constexpr std::uint32_t kIdDylib = 0xd;
inline constexpr std::uint32_t kLoadDylinker = 0xe;
inline constexpr std::uint32_t kHints = 0x16;
inline constexpr std::uint32_t kLoadWeak = 0x18;
inline constexpr std::uint32_t kSegment64 = 0x19;
inline constexpr std::uint32_t kUuid = 0x1b;
inline constexpr std::uint32_t kRpath = 0x1c;
inline constexpr std::uint32_t kCodeSignature = 0x1d;
inline constexpr std::uint32_t kSplitInfo = 0x1e;
inline constexpr std::uint32_t kReexport = 0x1f;
inline constexpr std::uint32_t kLazyLoad = 0x20;
inline constexpr std::uint32_t kEncryption = 0x21;
inline constexpr std::uint32_t kDyldInfo = 0x22;
inline constexpr std::uint32_t kLoadUpward = 0x23;
inline constexpr std::uint32_t kFunctionStarts = 0x26;
inline constexpr std::uint32_t kMain = 0x28;
inline constexpr std::uint32_t kDataInCode = 0x29;
inline constexpr std::uint32_t kDylibRequirements = 0x2b;
inline constexpr std::uint32_t kEncryption64 = 0x2c;
inline constexpr std::uint32_t kLinkerHint = 0x2e;
inline constexpr std::uint32_t kNote = 0x31;
inline constexpr std::uint32_t kExportsTrie = 0x33;
inline constexpr std::uint32_t kChainedFixups = 0x34;
}  // namespace macho

struct MachoCommand {
  std::uint32_t kind = 0;  // without kMustKnow
  Range range = {};        // in the image, its header included
};

struct MachoSection {
  std::string_view segment = {};
  std::string_view name = {};
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // in the image; may lie outside of it
  std::uint32_t flags = 0;
  Range relocations = {};

  // Whether it takes no room in the file.
  [[nodiscard]] bool IsZeroFill() const;
};

struct MachoSegment {
  std::string_view name = {};
  std::uint64_t address = 0;
  std::uint64_t memory = 0;
  Range file = {};  // in the image; may lie outside of it
  std::uint32_t protection = 0;
};

// Borrows the image's bytes. Offsets and sizes are given as stored.
struct MachoView {
  // Header and load commands of the image that begins at `bytes`.
  // kNotThisFormat without a whole header of a known kind. Commands that do
  // not fit are left out and named in `problems`.
  [[nodiscard]] static Result<MachoView> Parse(ByteView bytes);
  // The header alone.
  [[nodiscard]] static Result<MachoView> ParseHeader(ByteView bytes);

  // An unsigned integer of 2, 4 or 8 bytes in the image's byte order; 0
  // outside.
  [[nodiscard]] std::uint64_t Integer(std::uint64_t offset,
                                      std::uint64_t width) const;
  // Offset and size (both 32 bits) that stand at `at` of the command.
  [[nodiscard]] Range RangeAt(const MachoCommand& command,
                              std::uint64_t at) const;
  // The first command of that kind.
  [[nodiscard]] const MachoCommand* Find(std::uint32_t kind) const;
  // The text that the command names by an offset from its start, which stands
  // behind the command's own header. Up to its NUL; with its place.
  [[nodiscard]] std::pair<std::string_view, Range> TextOf(
      const MachoCommand& command) const;
  // What the commands describe outside of segments' own tables: symbols,
  // strings, relocations, bind data, signature ... Empty ranges are left out.
  [[nodiscard]] std::vector<Range> Tables() const;
  // The end of the last byte that anything describes, not past the bytes.
  [[nodiscard]] std::uint64_t DescribedEnd() const;

  static constexpr std::size_t kMostCommands = 16384;
  static constexpr std::size_t kMostSections = 65536;

  ByteView bytes = {};
  bool is_64 = false;
  ByteOrder order = ByteOrder::kLittle;
  std::uint32_t cpu = 0;
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t header_size = 0;  // 28 or 32
  Range headers = {};             // header and load commands
  std::vector<MachoCommand> commands = {};
  std::vector<MachoSegment> segments = {};
  std::vector<MachoSection> sections = {};
  std::vector<std::string> problems = {};  // one line each
};

// "x86-64", "arm", ...: in the words of the facts about ELF; a number
// otherwise.
[[nodiscard]] std::string MachineOfMacho(std::uint32_t cpu);

}  // namespace assay::formats
