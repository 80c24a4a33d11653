// What the text runs of a program say of the program itself, by the name of
// its file. No table knows every program; most name themselves.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sbom/banners/lone_version.h"
#include "sbom/banners/runs.h"
#include "sbom/banners/scanner.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kLongestRun = 400;
constexpr std::size_t kLongestAside = 40;

// Beside the version of a library, of what it was built with, of a format.
constexpr std::array<std::string_view, 9> kOfOthers = {
    "zlib",     "libpng",  "compiled", "built with", "linked",
    "protocol", "require", "schema",   "\\d"};

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

char LowerOf(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Whether it begins so when it is in lower case, as `start` is.
bool StartsWithLower(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char a, char b) { return a == LowerOf(b); });
}

// "usr/lib/libfoo-1.2.so.3.4.5" in its parts.
struct FileName {
  std::string stem = {};        // "libfoo-1.2", lower case
  std::string so_version = {};  // "3.4.5"
  bool library = false;
  std::vector<std::string> names = {};  // "libfoo-1.2", "foo-1.2", "foo"
};

FileName NameOf(std::string_view path) {
  FileName name{.stem = Lower(path.substr(path.rfind('/') + 1))};
  const std::size_t so = name.stem.find(".so");
  const std::size_t end = so + 3;
  name.library = so != std::string::npos &&
                 (end == name.stem.size() || name.stem[end] == '.');
  if (name.library) {
    name.so_version = name.stem.substr(std::min(end + 1, name.stem.size()));
    name.stem.resize(so);
  }
  std::string_view plain = name.stem;
  name.names.emplace_back(plain);
  if (StartsWith(plain, "lib")) {
    plain.remove_prefix(3);
    name.names.emplace_back(plain);
  }
  const std::size_t last = plain.find_last_not_of("0123456789.-_");
  name.names.emplace_back(plain.substr(0, last + 1));
  name.names.erase(
      std::remove_if(name.names.begin(), name.names.end(),
                     [](const std::string& one) { return one.size() < 2; }),
      name.names.end());
  return name;
}

// What stands between a name and its version: " ", "/", "-", ", version ",
// ": version ", " (an aside) ". The length, or nothing.
std::optional<std::size_t> SeparatorLength(std::string_view text) {
  std::size_t at = 0;
  const auto pass = [&](std::string_view word) {
    const bool there = StartsWith(text.substr(at), word);
    at += there ? word.size() : 0;
    return there;
  };
  if (StartsWith(text, " (")) {
    const std::size_t close = text.find(')');
    if (close > kLongestAside || close + 1 >= text.size()) {
      return std::nullopt;
    }
    at = close + 1;
  }
  const bool any = pass(", ") || pass(": ") || pass(" - ") || pass(" ") ||
                   pass("/") || pass("-");
  if (!any) {
    return std::nullopt;
  }
  if (pass("version") || pass("Version") || pass("ver.") || pass("Ver.") ||
      pass("release") || pass("Release")) {
    (void)pass(":");
    if (!pass(" ")) {
      return std::nullopt;
    }
  }
  (void)(pass("v") || pass("V"));
  return at;
}

// In front of the name: marks of SCCS and RCS, a greeting, brackets.
std::string_view WithoutLead(std::string_view run) {
  for (const std::string_view lead :
       {"@(#)", "$Id: ", "This is ", "Welcome to ", "Starting ", "GNU "}) {
    if (StartsWith(run, lead)) {
      run.remove_prefix(lead.size());
      break;
    }
  }
  std::size_t at = 0;
  while (at < 4 && at < run.size() && !IsAlnum(run[at]) && run[at] != '%') {
    ++at;
  }
  return run.substr(at);
}

class OwnName {
 public:
  OwnName(ByteView bytes, std::string_view file)
      : bytes_(bytes), file_(NameOf(file)) {}

  std::vector<Banner> Run() {
    if (file_.names.empty()) {
      return {};
    }
    TextRuns runs(bytes_);
    while (const auto run = runs.Next()) {
      Read(*run);
    }
    if (found_.empty()) {
      AddLone();
    }
    Settle(found_);
    return std::move(found_);
  }

 private:
  void Add(std::string product, std::string_view version, Range place,
           bool certain) {
    found_.push_back({.product = std::move(product),
                      .version = std::string(version),
                      .place = place,
                      .certain = certain});
  }

  void Read(const TextRun& run) {
    if (run.text.size() > kLongestRun) {
      return;
    }
    const std::string_view text = WithoutLead(run.text);
    for (const std::string& name : file_.names) {
      if (ReadBehind(name, text, run)) {
        return;
      }
      // "libfoo 1.2" in a program foo, and the reverse.
      if (StartsWith(text, "lib") && ReadBehind(name, text.substr(3), run)) {
        return;
      }
    }
    ReadFormat(run);
  }

  bool ReadBehind(const std::string& name, std::string_view text,
                  const TextRun& run) {
    if (text.size() <= name.size() || !StartsWithLower(text, name)) {
      return false;
    }
    const std::string_view rest = text.substr(name.size());
    const auto separator = SeparatorLength(rest);
    if (!separator) {
      return false;
    }
    const std::string_view from = rest.substr(*separator);
    const std::size_t length = VersionLength(from, VersionShape::kDotted);
    const std::string_view version = from.substr(0, length);
    // "SSH-2.0" and "HTTP/1.1" are protocols, "GWeather-4.0" is a name space;
    // "802.1p" is a standard.
    if (((rest[0] == '-' || rest[0] == '/') && NumbersIn(version) < 3) ||
        StartsWith(version, "802.")) {
      return false;
    }
    // "libfoo-2.so" in libfoo-2.so is its name and no more.
    const bool is_name =
        StartsWith(from.substr(length), ".so") ||
        (file_.stem.size() >= length &&
         std::string_view(file_.stem).substr(file_.stem.size() - length) ==
             version);
    if (length == 0 || is_name || LooksLikeAddress(version)) {
      return false;
    }
    Add(name, version, {run.offset, run.text.size()}, true);
    return true;
  }

  // "%s 1.2.3", "%s version 1.2.3": a program prints its own name there.
  void ReadFormat(const TextRun& run) {
    if (file_.library || !StartsWith(run.text, "%s")) {
      return;
    }
    const auto separator = SeparatorLength(run.text.substr(2));
    if (!separator) {
      return;
    }
    const std::string_view from = run.text.substr(2 + *separator);
    const std::size_t length = VersionLength(from, VersionShape::kDotted);
    if (length > 0 && !LooksLikeAddress(from.substr(0, length))) {
      Add(file_.stem, from.substr(0, length), {run.offset, run.text.size()},
          true);
    }
  }

  // Two signs for a library: its name's version is a run of its own. Whatever
  // else stands alone is one sign only, and uncertain.
  void AddLone() {
    const auto [lone, long_one] = FindLoneVersions(bytes_);
    if (file_.library && long_one && long_one->version == file_.so_version) {
      Add(file_.names.back(), long_one->version, long_one->place, true);
      return;
    }
    if (lone && IsLikelyOwn(*lone)) {
      Add(file_.library ? file_.names.back() : file_.stem, lone->version,
          lone->place, false);
    }
  }

  // Measured by tests/bench/native.sh: what stands alone in a program or
  // library is nearly always its own version, unless the texts beside it speak
  // of something else. Round versions are those of interfaces and formats.
  [[nodiscard]] bool IsLikelyOwn(const LoneText& lone) const {
    const std::size_t numbers = NumbersIn(lone.version);
    const std::string_view end = lone.version.substr(lone.version.rfind('.'));
    const bool of_another =
        std::any_of(kOfOthers.begin(), kOfOthers.end(),
                    [&](std::string_view word) { return lone.Mentions(word); });
    if (numbers > 4 || of_another) {  // the former are object identifiers
      return false;
    }
    if (file_.library) {
      return numbers >= 3 && (end != ".0" || IsNamedBeside(lone));
    }
    return end != ".0" && (lone.IsPrintedBeside() || IsPrintedWithName(lone) ||
                           (numbers >= 3 &&
                            (lone.Mentions("version") || HasNameBeside(lone))));
  }

  [[nodiscard]] bool IsNamedBeside(const LoneText& lone) const {
    return std::any_of(file_.names.begin(), file_.names.end(),
                       [&](const std::string& name) {
                         return name.size() >= 3 && lone.Mentions(name);
                       });
  }

  [[nodiscard]] bool HasNameBeside(const LoneText& lone) const {
    return std::any_of(
        lone.beside.begin(), lone.beside.end(), [&](std::string_view run) {
          return std::find(file_.names.begin(), file_.names.end(),
                           Lower(run)) != file_.names.end();
        });
  }

  // "frobd %s", "frobd-%s".
  [[nodiscard]] bool IsPrintedWithName(const LoneText& lone) const {
    return std::any_of(
        file_.names.begin(), file_.names.end(), [&](const std::string& name) {
          return name.size() >= 3 &&
                 (lone.Mentions(name + " %s") || lone.Mentions(name + "-%s"));
        });
  }

  ByteView bytes_;
  FileName file_;
  std::vector<Banner> found_;
};

}  // namespace

std::vector<Banner> FindOwnName(ByteView bytes, std::string_view file) {
  return OwnName(bytes, file).Run();
}

}  // namespace assay::sbom
