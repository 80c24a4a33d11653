#include "verifier/model/report.h"

#include <array>

namespace assay {
namespace {

struct Label {
  Tlp tlp;
  std::string_view word;
  std::string_view name;
};

constexpr std::array<Label, 5> kLabels = {{
    {Tlp::kRed, "red", "TLP:RED"},
    {Tlp::kAmberStrict, "amber+strict", "TLP:AMBER+STRICT"},
    {Tlp::kAmber, "amber", "TLP:AMBER"},
    {Tlp::kGreen, "green", "TLP:GREEN"},
    {Tlp::kClear, "clear", "TLP:CLEAR"},
}};

}  // namespace

std::string_view NameOf(Tlp tlp) {
  return kLabels.at(static_cast<std::size_t>(tlp)).name;
}

std::optional<Tlp> TlpOf(std::string_view word) {
  for (const Label& label : kLabels) {
    if (label.word == word) {
      return label.tlp;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kInconclusive:
      return "inconclusive";
  }
  return "";
}

}  // namespace assay
