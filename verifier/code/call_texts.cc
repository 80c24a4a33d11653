#include "verifier/code/call_texts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "verifier/code/abilities.h"

namespace assay::code {

bool Ends(const Call& call) {
  static constexpr std::array<std::string_view, 14> kCommands = {
      "/dev/zero of=", "dd if=",   "flash_erase", "halt",  "mkfs",
      "mtd erase",     "poweroff", "reboot",      "rm -f", "rm -r",
      "rm /",          "shred",    "shutdown",    "wipefs"};
  // MEMERASE, MEMERASE64, BLKDISCARD, BLKSECDISCARD, BLKZEROOUT (linux/fs.h,
  // mtd/mtd-abi.h).
  static constexpr std::array<std::uint64_t, 5> kErases = {
      0x40084d02, 0x40104d14, 0x1277, 0x127d, 0x127f};
  const Value& request = call.arguments[1];
  if (call.callee.name == "ioctl" && request.constant() &&
      std::find(kErases.begin(), kErases.end(), request.number) !=
          kErases.end()) {
    return true;
  }
  const std::string_view ability = AbilityOf(call.callee.name);
  const bool opens = ability == "file.open";
  const bool runs = ability == "process.start" || ability == "process.shell";
  return std::any_of(
      call.texts.begin(), call.texts.end(), [&](const auto& text) {
        const std::string_view one = text ? std::string_view(*text) : "";
        return (opens && one == "/proc/sysrq-trigger") ||
               (runs && std::any_of(kCommands.begin(), kCommands.end(),
                                    [&](std::string_view command) {
                                      return one.find(command) !=
                                             std::string_view::npos;
                                    }));
      });
}

bool StartsChecker(const Call& call) {
  // The latter do other things as well.
  static constexpr std::array<std::string_view, 9> kCheckers = {
      "cosign",  "fwverify", "gpgv",  "minisign", "rauc",
      "signify", "ucert",    "usign", "vboot"};
  static constexpr std::array<std::string_view, 3> kTold = {"gpg", "gpg2",
                                                            "openssl"};
  const std::string_view ability = AbilityOf(call.callee.name);
  if (ability != "process.start" && ability != "process.shell") {
    return false;
  }
  const auto is_one_of = [&](const auto& programs) {
    return std::any_of(
        call.texts.begin(), call.texts.end(), [&](const auto& text) {
          std::string_view word = text ? std::string_view(*text) : "";
          word = word.substr(0, word.find(' '));
          word = word.substr(word.rfind('/') + 1);
          return std::find(programs.begin(), programs.end(), word) !=
                 programs.end();
        });
  };
  const bool verifies =
      std::any_of(call.texts.begin(), call.texts.end(), [](const auto& text) {
        return text && text->find("verify") != std::string::npos;
      });
  return is_one_of(kCheckers) || (verifies && is_one_of(kTold));
}

}  // namespace assay::code
