#include "verifier/formats/archives/sevenzip_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/archives/sevenzip_fields.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::uint64_t kTicks = 10'000'000;       // of a FILETIME, a second
constexpr std::int64_t kEpoch = 11'644'473'600LL;  // 1601 to 1970

class Parser {
 public:
  Parser(ByteView bytes, std::uint64_t packed_end)
      : fields_(bytes), packed_end_(packed_end) {}

  Result<Parsed> Run() {
    Parsed parsed;
    const std::uint64_t kind = fields_.Number();
    if (kind == kEncodedHeader) {
      parsed.encoded = true;
      ReadStreams(fields_, packed_end_, parsed.header.streams);
    } else if (kind == kHeader) {
      ReadHeader(parsed.header);
    } else {
      fields_.Bad("no header");
    }
    if (!fields_.ok()) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("7z header at byte {}: {}",
                              fields_.reader().consumed(), fields_.problem()));
    }
    return parsed;
  }

 private:
  void ReadHeader(Header& header) {
    std::uint64_t id = fields_.Number();
    if (id == kArchiveProperties) {
      while (fields_.ok() && fields_.Number() != kEnd) {
        if (!fields_.reader().Skip(fields_.Number())) {
          fields_.Bad("archive properties end early");
        }
      }
      id = fields_.Number();
    }
    if (id == kAdditionalStreams) {
      return fields_.Bad("additional streams, which no writer makes");
    }
    if (id == kMainStreams) {
      ReadStreams(fields_, packed_end_, header.streams);
      id = fields_.Number();
    }
    if (id == kFilesInfo && fields_.ok()) {
      ReadFiles(header);
      id = fields_.Number();
    }
    if (id != kEnd) {
      fields_.Bad(fmt::format("unknown property {}", id));
    }
  }

  void ReadFiles(Header& header) {
    auto& files = header.files;
    files.resize(fields_.Count(fields_.size(), "files"));
    std::vector<bool> empty(files.size());
    std::vector<bool> empty_file;
    std::vector<bool> anti;
    const auto empties = [&] {
      return static_cast<std::uint64_t>(
          std::count(empty.begin(), empty.end(), true));
    };
    while (fields_.ok()) {
      const std::uint64_t id = fields_.Number();
      if (id == kEnd) {
        break;
      }
      const std::uint64_t length = fields_.Number();
      const std::size_t start = fields_.reader().consumed();
      if (length > fields_.reader().remaining()) {
        return fields_.Bad("a file property ends early");
      }
      switch (id) {
        case kEmptyStream:
          empty = fields_.Bits(files.size());
          break;
        case kEmptyFile:
          empty_file = fields_.Bits(empties());
          break;
        case kAnti:
          anti = fields_.Bits(empties());
          break;
        case kNames:
          ReadNames(files, length);
          break;
        case kMtime:
          ReadTimes(files);
          break;
        case kAttributes:
          ReadAttributes(files);
          break;
        default:
          break;  // other times, start positions, filler
      }
      if (fields_.reader().consumed() > start + length ||
          !fields_.reader().Seek(start + length)) {
        fields_.Bad("a file property is longer than it says");
      }
    }
    std::size_t index = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      files[i].has_stream = !empty[i];
      if (empty[i]) {
        files[i].directory = index >= empty_file.size() || !empty_file[index];
        files[i].anti = index < anti.size() && anti[index];
        ++index;
      }
    }
  }

  // Whether values follow in this stream, as they always do.
  bool IsInline() {
    if (fields_.OneByte() != 0) {
      fields_.Bad("a file property in another stream");
    }
    return fields_.ok();
  }

  void ReadNames(std::vector<File>& files, std::uint64_t length) {
    if (!IsInline() || length < 1) {
      return;
    }
    const auto bytes = fields_.reader().TakeBytes(length - 1);
    std::size_t at = 0;
    for (File& file : files) {
      std::size_t end = at;
      auto unit = ReadAt<Le16>(*bytes, end);
      while (unit && *unit != 0) {
        end += sizeof(Le16);
        unit = ReadAt<Le16>(*bytes, end);
      }
      if (!unit) {
        return fields_.Bad("fewer names than files");
      }
      file.name = TextOfUtf16(bytes->subspan(at, end - at));
      at = end + sizeof(Le16);
    }
  }

  void ReadTimes(std::vector<File>& files) {
    const std::vector<bool> defined = fields_.Defined(files.size());
    if (!IsInline()) {
      return;
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto time =
          defined[i] ? fields_.reader().Take<Le64>() : std::nullopt;
      if (time) {
        files[i].mtime = static_cast<std::int64_t>(*time / kTicks) - kEpoch;
      } else if (defined[i]) {
        return fields_.Bad("ends in the times");
      }
    }
  }

  void ReadAttributes(std::vector<File>& files) {
    const std::vector<bool> defined = fields_.Defined(files.size());
    if (!IsInline()) {
      return;
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto value =
          defined[i] ? fields_.reader().Take<Le32>() : std::nullopt;
      if (value) {
        files[i].attributes = *value;
      } else if (defined[i]) {
        return fields_.Bad("ends in the attributes");
      }
    }
  }

  Fields fields_;
  std::uint64_t packed_end_;
};

}  // namespace

Result<Parsed> ParseHeader(ByteView bytes, std::uint64_t packed_end) {
  return Parser(bytes, packed_end).Run();
}

}  // namespace assay::formats::sevenzip
