// What a command of a shell script prints tells about the machine, the moment,
// the user or another machine, and what its variables do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

struct ShellSource {
  using Bits = std::uint32_t;
  static constexpr Bits kClock = 1U << 0U;  // a day, a year
  static constexpr Bits kHour = 1U << 1U;   // comes again every day or week
  static constexpr Bits kHost = 1U << 2U;   // which machine, and where
  static constexpr Bits kUser = 1U << 3U;
  static constexpr Bits kRandom = 1U << 4U;
  static constexpr Bits kNetwork = 1U << 5U;  // another machine's answer
  static constexpr Bits kMessage = 1U << 6U;  // a line, a log, a mail, a topic
  static constexpr Bits kRequest = 1U << 7U;  // of the web, of a login
  static constexpr Bits kInput = 1U << 8U;    // typed
  static constexpr Bits kCredential = 1U << 9U;
  static constexpr Bits kSetting = 1U << 10U;  // NVRAM, U-Boot, UCI
  static constexpr Bits kFile = 1U << 11U;     // content of a file
  static constexpr Bits kPlaced = 1U << 12U;  // what anybody may have put there
  static constexpr Bits kCounter = 1U << 13U;  // kept in a file, goes up
  static constexpr Bits kSecrets = 1U << 14U;  // keys, passwords, environment
  static constexpr Bits kDigest = 1U << 15U;
  static constexpr Bits kSignature = 1U << 16U;  // of a verification
  static constexpr Bits kStartup = 1U << 17U;    // the kernel's command line
  static constexpr Bits kPlace = 1U << 18U;      // where on earth it is
  static constexpr Bits kDecoded = 1U << 19U;    // was coded
};

// "clock,host": the names of what a gate may ask, in a fixed order.
[[nodiscard]] std::string NamesOfGate(ShellSource::Bits sources);
// "network,secrets": of what a command is given.
[[nodiscard]] std::string NamesOfTaint(ShellSource::Bits sources);

// The source with that name among those of a gate or a taint; 0 for others.
[[nodiscard]] ShellSource::Bits SourceNamed(std::string_view name);

// What a program gives out by itself, by its words (the program at `at`).
[[nodiscard]] ShellSource::Bits SourceOfProgram(
    const std::vector<std::string>& words, std::size_t at);
// What a file's content tells, by its path, when somebody reads it.
[[nodiscard]] ShellSource::Bits SourceOfPath(std::string_view path);
// What a variable tells that the script does not set.
[[nodiscard]] ShellSource::Bits SourceOfVariable(std::string_view name);
// Whether the program tells nothing of its input: it counts, or is silent.
[[nodiscard]] bool Hushes(std::string_view program);
// Whether its operands are files that it reads.
[[nodiscard]] bool ReadsFiles(std::string_view program);
// Whether it checks a signature, and whether a digest: its exit status says.
[[nodiscard]] ShellSource::Bits CheckedBy(const std::vector<std::string>& words,
                                          std::size_t at);

}  // namespace assay::facts
