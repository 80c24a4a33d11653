#include "signatures/kernel_certificates.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "signatures/der.h"
#include "verifier/base/text.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/executables/module_signature.h"

namespace assay::signatures {
namespace {

constexpr std::string_view kBanner = "Linux version ";
constexpr std::size_t kMostCertificates = 64;

// How numbers lie in the image.
struct Words {
  ByteOrder order = ByteOrder::kLittle;
  std::uint64_t width = 4;  // of the low half, where nothing tells the width
};

std::optional<std::uint64_t> WordAt(ByteView image, std::uint64_t at,
                                    const Words& words) {
  const auto bytes = Slice(image, at, words.width);
  if (!bytes) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    const bool big = words.order == ByteOrder::kBig;
    value = value << 8U | (*bytes)[big ? i : bytes->size() - 1 - i];
  }
  return value;
}

bool IsNamedAsKernel(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"vmlinux", "Image",
                                                      "kernel"};
  return std::ranges::any_of(
      kNames, [&](std::string_view one) { return name.starts_with(one); });
}

// arm64 and RISC-V images: Documentation/arch/arm64/booting.rst.
bool HasImageMagic(ByteView content) {
  const auto magic = Slice(content, 56, 4);
  return magic && (AsText(*magic) == "ARMd" || AsText(*magic) == "RSC\x05");
}

// An object that is loaded where it says, by no interpreter.
bool IsFreestanding(const formats::ElfView& view) {
  return view.type == formats::elf::kTypeExecutable &&
         std::ranges::none_of(view.segments, [](const auto& segment) {
           return segment.type == formats::elf::kSegmentInterpreter;
         });
}

bool MayBeKernel(const Subject& subject, Words& words) {
  const auto view = formats::ElfView::Parse(subject.content);
  if (view) {
    words = {view->order, view->is_64 ? 8U : 4U};
  }
  return IsNamedAsKernel(subject.artifact.name) ||
         HasImageMagic(subject.content) || (view && IsFreestanding(*view));
}

// The numbers of "Linux version 6.1.0-57-amd64"; nothing elsewhere.
std::optional<std::pair<std::uint64_t, std::uint64_t>> VersionOf(
    std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  std::size_t at = text.find(kBanner);
  while (at != std::string_view::npos) {
    const std::string_view rest = text.substr(at + kBanner.size(), 16);
    const auto dot = rest.find('.');
    const auto major = NumberOf(rest.substr(0, dot));
    const std::string_view tail =
        dot == std::string_view::npos ? "" : rest.substr(dot + 1);
    const auto minor =
        NumberOf(tail.substr(0, tail.find_first_not_of(kDigits)));
    if (major && minor) {
      return std::pair(*major, *minor);
    }
    at = text.find(kBanner, at + 1);
  }
  return std::nullopt;
}

// An X.509 certificate of version 3, by its first fields: SEQUENCE { SEQUENCE
// { [0] { INTEGER 2 } ...
std::optional<DerElement> CertificateAt(ByteView image, std::uint64_t at) {
  static constexpr std::array<std::uint8_t, 5> kVersion3 = {0xA0, 0x03, 0x02,
                                                            0x01, 0x02};
  if (at >= image.size() ||
      image[static_cast<std::size_t>(at)] != kDerSequence) {
    return std::nullopt;
  }
  const auto whole = ReadDer(image.subspan(static_cast<std::size_t>(at)));
  const auto signed_part = whole ? ReadDer(whole->content) : std::nullopt;
  const auto version = signed_part
                           ? Slice(signed_part->content, 0, kVersion3.size())
                           : std::nullopt;
  return version && signed_part->tag == kDerSequence &&
                 std::ranges::equal(*version, kVersion3)
             ? whole
             : std::nullopt;
}

std::vector<Range> RunAt(ByteView image, std::uint64_t at) {
  std::vector<Range> run;
  while (run.size() < kMostCertificates) {
    const auto certificate = CertificateAt(image, at);
    if (!certificate) {
      break;
    }
    run.push_back({at, certificate->whole.size()});
    at += certificate->whole.size();
  }
  return run;
}

enum class Sizes { kNone, kOfTheList, kOfTheListAndItsFirst };

// Behind the list stand its size and, since Linux 5.14, that of the keys for
// modules, which come first in it; ".align 8" means 8 or 2^8 bytes.
Sizes SizesBehind(ByteView image, const std::vector<Range>& run,
                  const Words& words) {
  const auto aligned = [](std::uint64_t at, std::uint64_t to) {
    return (at + to - 1) / to * to;
  };
  Sizes best = Sizes::kNone;
  for (const std::uint64_t alignment : {8U, 256U}) {
    const std::uint64_t total_at = aligned(run.back().end(), alignment);
    const std::uint64_t own_at = aligned(total_at + words.width, alignment);
    if (WordAt(image, total_at, words) !=
        run.back().end() - run.front().offset) {
      continue;
    }
    const auto own = WordAt(image, own_at, words);
    const bool ends_one = std::ranges::any_of(run, [&](const Range& one) {
      return own == one.end() - run.front().offset;
    });
    if (ends_one) {
      return Sizes::kOfTheListAndItsFirst;
    }
    best = Sizes::kOfTheList;
  }
  return best;
}

}  // namespace

std::vector<Range> BuiltInCertificates(const Subject& subject) {
  const ByteView image = subject.content;
  Words words;
  if (!MayBeKernel(subject, words)) {
    return {};
  }
  const auto version = VersionOf(AsText(image));
  if (!version || AsText(image).find(formats::kModuleSignatureMagic) ==
                      std::string_view::npos) {
    return {};
  }
  std::vector<std::vector<Range>> by_size;
  constexpr std::uint64_t kAlignment = 8;
  for (std::uint64_t at = 0; at < image.size(); at += kAlignment) {
    std::vector<Range> run = RunAt(image, at);
    if (run.empty()) {
      continue;
    }
    const Sizes sizes = SizesBehind(image, run, words);
    if (sizes == Sizes::kOfTheListAndItsFirst) {
      return run;
    }
    at = run.back().end() / kAlignment * kAlignment;
    if (sizes == Sizes::kOfTheList && by_size.size() < 2) {
      by_size.push_back(std::move(run));
    }
  }
  // Since Linux 5.13 (or earlier, where it was carried back) such a list may
  // also be that of revoked certificates.
  const bool old = *version < std::pair<std::uint64_t, std::uint64_t>{5, 13};
  return old && by_size.size() == 1 ? by_size.front() : std::vector<Range>{};
}

}  // namespace assay::signatures
