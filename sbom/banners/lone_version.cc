#include "sbom/banners/lone_version.h"

#include <algorithm>
#include <array>

#include "sbom/banners/runs.h"
#include "sbom/banners/version.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// A library's version that programs have in them because its header says so,
// and the name by which they call it.
struct CompiledIn {
  std::string_view version, call;
};
constexpr std::array<CompiledIn, 7> kCompiledIn = {{
    {"1.2.", "flateInit"},
    {"1.3.", "flateInit"},
    {"1.6.", "png_create_"},
    {"5.", "qt_version_tag"},
    {"6.", "qt_version_tag"},
    {"2.", "xmlCheckVersion"},
    {"5.", "Perl_xs_handshake"},
}};

// Looks for each call once, and only when a version asks for it.
class CompiledInVersions {
 public:
  explicit CompiledInVersions(std::string_view text) : text_(text) {}

  bool Has(std::string_view version) {
    for (std::size_t i = 0; i < kCompiledIn.size(); ++i) {
      if (StartsWith(version, kCompiledIn.at(i).version) && IsCalled(i)) {
        return true;
      }
    }
    return false;
  }

 private:
  bool IsCalled(std::size_t i) {
    std::optional<bool>& called = called_.at(i);
    if (!called) {
      called = text_.find(kCompiledIn.at(i).call) != std::string_view::npos;
    }
    return *called;
  }

  std::string_view text_;
  std::array<std::optional<bool>, kCompiledIn.size()> called_ = {};
};

// The version that is all of a run, or "".
std::string_view VersionOfRun(std::string_view text) {
  if (text.front() != 'v' && (text.front() < '0' || text.front() > '9')) {
    return {};
  }
  text.remove_suffix(text.back() == '\n' ? 1 : 0);
  text.remove_prefix(StartsWith(text, "v") ? 1 : 0);
  const std::size_t length = VersionLength(text, VersionShape::kDotted);
  return length == text.size() ? text : std::string_view();
}

// Keeps the one version of so many numbers, and what stands beside it.
class Seeker {
 public:
  explicit Seeker(std::size_t numbers) : numbers_(numbers) {}

  // Every run passes by, before it is met as a version.
  void PassBy(std::string_view run) {
    if (behind_ > 0) {
      lone_.beside.at(lone_.beside.size() - behind_--) = run;
    }
  }

  void Meet(std::string_view version, const TextRun& run,
            const std::array<std::string_view, kBeside>& before) {
    if (several_ || NumbersIn(version) < numbers_ || version == lone_.version) {
      return;
    }
    several_ = !lone_.version.empty();
    lone_.version = version;
    lone_.place = {run.offset, run.text.size()};
    std::copy(before.begin(), before.end(), lone_.beside.begin());
    behind_ = kBeside;
  }

  [[nodiscard]] bool several() const { return several_; }
  [[nodiscard]] std::optional<LoneText> found() const {
    return several_ || lone_.version.empty() ? std::nullopt
                                             : std::optional(lone_);
  }

 private:
  std::size_t numbers_;
  LoneText lone_;
  bool several_ = false;
  std::size_t behind_ = 0;
};

}  // namespace

bool LoneText::Mentions(std::string_view word) const {
  return std::any_of(beside.begin(), beside.end(), [&](std::string_view run) {
    return Lower(run.substr(0, kLongestBeside)).find(word) != std::string::npos;
  });
}

bool LoneText::IsPrintedBeside() const {
  constexpr std::array<std::string_view, 5> kFormats = {
      "%s %s", "%s v%s", "version %s", "%s (%s", "%s-%s"};
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](std::string_view one) { return Mentions(one); });
}

LoneVersions FindLoneVersions(ByteView bytes) {
  CompiledInVersions compiled_in(AsText(bytes));
  Seeker of_two(2);
  Seeker of_three(3);
  std::array<std::string_view, kBeside> last = {};  // the newest at the end
  TextRuns runs(bytes);
  while (const auto run = runs.Next()) {
    of_two.PassBy(run->text);
    of_three.PassBy(run->text);
    const std::string_view text = VersionOfRun(run->text);
    if (!text.empty() && !LooksLikeAddress(text) && !StartsWith(text, "0.0.") &&
        !compiled_in.Has(text)) {
      of_two.Meet(text, *run, last);
      of_three.Meet(text, *run, last);
    }
    if (of_two.several() && of_three.several()) {
      break;
    }
    std::rotate(last.begin(), last.begin() + 1, last.end());
    last.back() = run->text;
  }
  return {of_two.found(), of_three.found()};
}

}  // namespace assay::sbom
