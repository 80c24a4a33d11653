#include "verifier/formats/archives/sevenzip_coders.h"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "verifier/formats/archives/sevenzip_filters.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::uint64_t kDelta = 0x03;
constexpr std::uint64_t kLzma2 = 0x21;
constexpr std::uint64_t kLzma = 0x030101;
constexpr std::uint64_t kBcj2 = 0x0303011b;
constexpr std::uint64_t kDeflate = 0x040108;
constexpr std::uint64_t kBzip2 = 0x040202;

struct Simple {
  std::uint64_t method = 0;
  std::uint64_t filter = 0;  // liblzma's id
};

// Filters of code: the ids of today and those of old.
constexpr std::array<Simple, 13> kSimple = {{
    {0x04, LZMA_FILTER_X86},
    {0x05, LZMA_FILTER_POWERPC},
    {0x06, LZMA_FILTER_IA64},
    {0x07, LZMA_FILTER_ARM},
    {0x08, LZMA_FILTER_ARMTHUMB},
    {0x09, LZMA_FILTER_SPARC},
    {0x0a, LZMA_FILTER_ARM64},
    {0x03030103, LZMA_FILTER_X86},
    {0x03030205, LZMA_FILTER_POWERPC},
    {0x03030401, LZMA_FILTER_IA64},
    {0x03030501, LZMA_FILTER_ARM},
    {0x03030701, LZMA_FILTER_ARMTHUMB},
    {0x03030805, LZMA_FILTER_SPARC},
}};

// Names of what we do not decode.
std::string NameOf(std::uint64_t method) {
  switch (method) {
    case 0x030401:
      return "PPMd";
    case 0x040109:
      return "Deflate64";
    case 0x04f71101:
      return "Zstandard";
    case 0x0b:
      return "RISC-V";
    default:
      return fmt::format("{:x}", method);
  }
}

tl::unexpected<Error> Unsupported(std::uint64_t method) {
  return Fail(ErrorCode::kUnsupported,
              fmt::format("7z coder {} is not supported", NameOf(method)));
}

class Builder {
 public:
  Builder(const ByteSource& archive, const Streams& streams,
          const Folder& folder, const std::string* password)
      : archive_(archive),
        streams_(streams),
        folder_(folder),
        password_(password) {}

  // The output of a coder. At most as deep as there are coders: a bond is
  // taken once, so that a cycle ends too.
  Result<StreamPtr> Output(std::uint64_t index) {
    if (index >= folder_.coders.size() || used_ >> index % 64U & 1U) {
      return Fail(ErrorCode::kMalformed, "7z coders are bound in a circle");
    }
    used_ |= 1ULL << index;
    const Coder& coder = folder_.coders[index];
    std::uint64_t input = 0;
    for (std::uint64_t i = 0; i < index; ++i) {
      input += folder_.coders[i].inputs;
    }
    std::vector<StreamPtr> inners;
    for (std::uint64_t i = 0; i < coder.inputs; ++i) {
      auto inner = InputOf(input + i);
      if (!inner) {
        return inner;
      }
      inners.push_back(std::move(*inner));
    }
    auto made = Make(coder, std::move(inners));
    if (!made) {
      return made;
    }
    // What is encrypted was filled up to whole blocks.
    return MakeSizedStream(std::move(*made), coder.size, coder.method != kAes);
  }

 private:
  Result<StreamPtr> InputOf(std::uint64_t input) {
    for (const Folder::Bond& bond : folder_.bonds) {
      if (bond.input == input) {
        return Output(bond.output);
      }
    }
    const auto& packed = folder_.packed_inputs;
    const auto found = std::find(packed.begin(), packed.end(), input);
    const auto number = static_cast<std::uint64_t>(found - packed.begin());
    const std::uint64_t index = folder_.first_packed + number;
    if (found == packed.end() || index >= streams_.packed.size()) {
      return Fail(ErrorCode::kMalformed, "a 7z coder has no input");
    }
    auto source = archive_.Slice(streams_.packed[index].range);
    if (!source) {
      return Fail(source.error());
    }
    return MakeSourceStream(std::move(*source));
  }

  Result<StreamPtr> Make(const Coder& coder, std::vector<StreamPtr> inners) {
    if (coder.method == kBcj2) {
      if (inners.size() != 4) {
        return Unsupported(coder.method);
      }
      return MakeBcj2(std::move(inners));
    }
    if (inners.size() != 1) {
      return Unsupported(coder.method);
    }
    StreamPtr inner = std::move(inners.front());
    switch (coder.method) {
      case kCopy:
        return inner;
      case kLzma:
        return MakeLzma(std::move(inner), coder.properties, coder.size);
      case kLzma2:
        return MakeLzma2(std::move(inner), coder.properties, coder.size);
      case kDeflate:
        return MakeDeflate(std::move(inner));
      case kBzip2:
        return MakeBzip2(std::move(inner));
      case kDelta:
        return MakeSimpleFilter(
            std::move(inner), LZMA_FILTER_DELTA,
            coder.properties.empty() ? 1U : coder.properties[0] + 1U);
      case kAes:
        if (password_ == nullptr) {
          return Fail(ErrorCode::kUnsupported, "encrypted");
        }
        return MakeAes(std::move(inner), coder.properties, *password_);
      default:
        break;
    }
    for (const Simple& simple : kSimple) {
      if (simple.method == coder.method) {
        const auto start = ReadAt<Le32>(coder.properties, 0);
        return MakeSimpleFilter(std::move(inner), simple.filter,
                                start ? std::uint32_t{*start} : 0U);
      }
    }
    return Unsupported(coder.method);
  }

  const ByteSource& archive_;
  const Streams& streams_;
  const Folder& folder_;
  const std::string* password_;
  std::uint64_t used_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> OpenFolder(const ByteSource& archive,
                                               const Streams& streams,
                                               const Folder& folder,
                                               const std::string* password) {
  return Builder(archive, streams, folder, password).Output(folder.main_coder);
}

bool IsEncrypted(const Folder& folder) {
  return std::any_of(folder.coders.begin(), folder.coders.end(),
                     [](const Coder& coder) { return coder.method == kAes; });
}

bool IsStored(const Folder& folder) {
  return folder.coders.size() == 1 && folder.coders[0].method == kCopy;
}

}  // namespace assay::formats::sevenzip
