#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/base/time.h"
#include "verifier/cli/commands.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

std::atomic<bool> g_interrupted = false;  // NOLINT: signals need a global
std::atomic<int> g_signal = 0;            // NOLINT

extern "C" void OnSignal(int number) {
  g_signal = number;
  g_interrupted = true;
  (void)std::signal(number, SIG_DFL);  // NOLINT(cert-err33-c)
}

std::string Reason() {
  return std::generic_category().message(errno);
}

Result<void> WriteAll(int descriptor, std::string_view text,
                      const std::string& name) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return Fail(ErrorCode::kUnwritable,
                  fmt::format("{}: {}", name, Reason()));
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// Whether `path` is `input`, or lies below it.
bool Touches(const fs::path& path, const std::string& input) {
  std::error_code error;
  // Absolute first: what is not there yet would stay relative.
  const fs::path output =
      fs::weakly_canonical(fs::absolute(path, error), error);
  const fs::path given =
      fs::weakly_canonical(fs::absolute(input, error), error);
  if (output == given || fs::equivalent(path, input, error)) {
    return true;
  }
  const fs::path relative = output.lexically_relative(given);
  return fs::is_directory(given, error) && !relative.empty() &&
         *relative.begin() != "..";
}

Result<void> Refused(const std::string& path) {
  return Fail(ErrorCode::kUnwritable, fmt::format("{}: {}", path, Reason()));
}

// A device or a FIFO is written to; putting a file in its place would break
// more than this run.
Result<void> WriteThrough(const std::string& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return Refused(path);
  }
  auto result = WriteAll(descriptor, text, path);
  return ::close(descriptor) != 0 && result ? Refused(path) : result;
}

// What files get that programs make without thinking.
mode_t UsualMode() {
  constexpr mode_t kForAll = 0666;
  const mode_t mask = ::umask(0);
  (void)::umask(mask);
  return kForAll & ~mask;
}

// The file appears whole or not at all.
Result<void> WriteWhole(const std::string& path, std::string_view text) {
  std::string temporary = path + ".assay-XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) {
    return Refused(path);
  }
  auto result = WriteAll(descriptor, text, path);
  (void)::fchmod(descriptor, UsualMode());
  if (::close(descriptor) != 0 && result) {
    result = Refused(path);
  }
  if (result && ::rename(temporary.c_str(), path.c_str()) != 0) {
    result = Refused(path);
  }
  if (!result) {
    (void)::unlink(temporary.c_str());
  }
  return result;
}

std::optional<std::uint64_t> SizeOf(std::string_view text) {
  constexpr std::string_view kSuffixes = "KMG";
  unsigned shift = 0;
  if (!text.empty()) {
    const auto at = kSuffixes.find(text.back());
    if (at != std::string_view::npos) {
      shift = 10 * (static_cast<unsigned>(at) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = NumberOf(text);
  if (!number || *number > (~0ULL >> shift)) {
    return std::nullopt;
  }
  return *number << shift;
}

}  // namespace

Result<void> ApplyLimit(const std::string& option, Limits& limits) {
  const std::array<std::pair<std::string_view, std::uint64_t*>, 7> kKeys = {{
      {"entries", &limits.entries},
      {"unpacked", &limits.unpacked},
      {"member", &limits.member},
      {"ratio", &limits.ratio},
      {"ratio_floor", &limits.ratio_floor},
      {"name", &limits.name},
      {"facts", &limits.facts},
  }};
  const auto equals = option.find('=');
  const std::string_view key = std::string_view(option).substr(0, equals);
  const auto value = equals == std::string::npos
                         ? std::nullopt
                         : SizeOf(std::string_view(option).substr(equals + 1));
  if (!value) {
    return Fail(ErrorCode::kConfig,
                fmt::format("--limit {}: KEY=NUMBER is expected", option));
  }
  if (key == "depth" && *value <= 64) {
    limits.depth = static_cast<std::uint32_t>(*value);
    return {};
  }
  for (const auto& [name, field] : kKeys) {
    if (name == key) {
      *field = *value;
      return {};
    }
  }
  return Fail(ErrorCode::kConfig,
              fmt::format("--limit {}: unknown key; there are depth (at most "
                          "64), entries, unpacked, member, ratio, "
                          "ratio_floor, name, facts",
                          option));
}

Result<void> RefuseInput(const std::string& path,
                         const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    if (path != "-" && input != "-" && Touches(path, input)) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("{}: this output would change the input {}", path,
                              input));
    }
  }
  return {};
}

Result<void> WriteOutput(const std::string& path, std::string_view text) {
  if (path == "-") {
    return WriteAll(STDOUT_FILENO, text, "standard output");
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status)
             ? WriteThrough(path, text)
             : WriteWhole(path, text);
}

void AddSecrets(CLI::App* command, SecretFiles& files) {
  command
      ->add_option("--key", files.keys,
                   "a file with a key that opens encrypted parts")
      ->expected(1)
      ->take_all();
  command
      ->add_option("--password-file", files.passwords,
                   "a file with passwords that open encrypted parts, one a "
                   "line")
      ->expected(1)
      ->take_all();
}

Result<Secrets> ReadSecrets(const SecretFiles& files) {
  Secrets secrets;
  for (const std::string& path : files.keys) {
    const auto file = ByteSource::MapFile(path);
    if (!file) {
      return Fail(file.error());
    }
    secrets.keys.push_back(CopyOf(file->bytes()));
  }
  for (const std::string& path : files.passwords) {
    const auto file = ByteSource::MapFile(path);
    if (!file) {
      return Fail(file.error());
    }
    for (const std::string_view line : SplitLines(AsText(file->bytes()))) {
      if (!line.empty()) {
        secrets.passwords.emplace_back(line);
      }
    }
  }
  return secrets;
}

void AddCache(CLI::App* command, std::string& folder) {
  command->add_option(
      "--cache", folder,
      "keep what was seen in products in this folder of yours: an unchanged "
      "product is not read again, and a run that was broken off goes on; "
      "without confinement it is not used");
}

void AddUnsafe(CLI::App* command, bool& unsafe_no_sandbox) {
  command->add_flag("--unsafe-no-sandbox", unsafe_no_sandbox,
                    "read the product in this process, without confinement; "
                    "shown in the report, and never a pass");
}

const std::atomic<bool>& Interrupted() {
  return g_interrupted;
}

void CatchInterrupts() {
  (void)std::signal(SIGINT, OnSignal);   // NOLINT(cert-err33-c)
  (void)std::signal(SIGTERM, OnSignal);  // NOLINT(cert-err33-c)
}

void EndAsInterrupted() {
  if (g_signal != 0) {
    (void)std::signal(g_signal, SIG_DFL);  // NOLINT(cert-err33-c)
    (void)std::raise(g_signal);
  }
}

Result<UnixTime> ParseAt(const std::string& text) {
  if (text.empty()) {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  const auto time = ParseTime(text);
  if (!time) {
    return Fail(ErrorCode::kConfig,
                fmt::format("--at {}: no RFC 3339 time", text));
  }
  return *time;
}

}  // namespace assay::cli
