#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/archives/sevenzip_fields.h"

namespace assay::formats::sevenzip {
namespace {

// As 7-Zip has them.
constexpr std::uint64_t kMostCoders = 32;
constexpr std::uint64_t kMostInputs = 32;
constexpr std::uint64_t kSignatureEnd = sizeof(SignatureHeader);

class StreamsParser {
 public:
  StreamsParser(Fields& fields, std::uint64_t packed_end)
      : fields_(fields), packed_end_(packed_end) {}

  void Read(Streams& streams) {
    std::uint64_t id = fields_.Number();
    if (id == kPackInfo) {
      ReadPacked(streams);
      id = fields_.Number();
    }
    if (id == kUnpackInfo && fields_.ok()) {
      ReadFolders(streams);
      id = fields_.Number();
    }
    std::vector<std::uint64_t> counts(streams.folders.size(), 1);
    if (id == kSubStreams && fields_.ok()) {
      ReadSubStreams(streams, counts);
      id = fields_.Number();
    } else {
      for (std::size_t i = 0; i < streams.folders.size() && fields_.ok(); ++i) {
        const Folder& folder = streams.folders[i];
        streams.contents.push_back({i, folder.size(), folder.crc});
      }
    }
    if (id != kEnd) {
      fields_.Bad(fmt::format("unknown stream property {}", id));
    }
  }

 private:
  void ReadPacked(Streams& streams) {
    const std::uint64_t start = fields_.Number();
    const std::uint64_t space = packed_end_ - kSignatureEnd;
    const std::uint64_t count = fields_.Count(fields_.size(), "packed streams");
    if (start > space) {
      return fields_.Bad(fmt::format("packed streams begin at {}", start));
    }
    std::uint64_t at = kSignatureEnd + start;
    std::uint64_t id = fields_.Number();
    if (id == kSize) {
      for (std::uint64_t i = 0; i < count && fields_.ok(); ++i) {
        const std::uint64_t length = fields_.Number();
        if (length > packed_end_ - at) {
          return fields_.Bad(
              fmt::format("packed stream {} of {} bytes at {} is not "
                          "inside the archive",
                          i, length, at));
        }
        streams.packed.push_back({.range = {at, length}});
        at += length;
      }
      id = fields_.Number();
    }
    if (id == kCrc && fields_.ok()) {
      const auto digests = fields_.Digests(streams.packed.size());
      for (std::size_t i = 0; i < digests.size(); ++i) {
        streams.packed[i].crc = digests[i];
      }
      id = fields_.Number();
    }
    if (id != kEnd || streams.packed.size() != count) {
      fields_.Bad(
          "packed streams without sizes, or an unknown property of theirs");
    }
  }

  Coder ReadCoder() {
    Coder coder;
    const std::uint8_t flags = fields_.OneByte();
    const auto id = fields_.reader().TakeBytes(flags & 0x0fU);
    if ((flags & 0xc0U) != 0 || (flags & 0x0fU) > 8 || !id) {
      fields_.Bad("a damaged coder");
      return coder;
    }
    for (const std::uint8_t byte : *id) {
      coder.method = coder.method << 8U | byte;
    }
    if ((flags & 0x10U) != 0) {
      coder.inputs = fields_.Count(kMostInputs, "inputs of a coder");
      if (fields_.Number() != 1 || coder.inputs == 0) {
        fields_.Bad("a coder without inputs or with several outputs");
      }
    }
    if ((flags & 0x20U) != 0) {
      const auto properties = fields_.reader().TakeBytes(fields_.Number());
      if (properties) {
        coder.properties = *properties;
      } else {
        fields_.Bad("coder properties end early");
      }
    }
    return coder;
  }

  Folder ReadFolder() {
    Folder folder;
    const std::uint64_t count = fields_.Count(kMostCoders, "coders");
    std::uint64_t inputs = 0;
    for (std::uint64_t i = 0; i < count && fields_.ok(); ++i) {
      folder.coders.push_back(ReadCoder());
      inputs += folder.coders.back().inputs;
    }
    if (!fields_.ok() || count == 0 || inputs > kMostInputs) {
      fields_.Bad("a folder without coders or with too many inputs");
      return folder;
    }
    std::vector<bool> bound(static_cast<std::size_t>(inputs));
    std::vector<bool> taken(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i + 1 < count && fields_.ok(); ++i) {
      const Folder::Bond bond{fields_.Number(), fields_.Number()};
      if (bond.input >= inputs || bond.output >= count || bound[bond.input] ||
          taken[bond.output]) {
        fields_.Bad("coders are bound twice or to nothing");
        return folder;
      }
      bound[bond.input] = true;
      taken[bond.output] = true;
      folder.bonds.push_back(bond);
    }
    folder.main_coder = static_cast<std::uint64_t>(
        std::find(taken.begin(), taken.end(), false) - taken.begin());
    ReadPackedInputs(folder, inputs, bound);
    return folder;
  }

  void ReadPackedInputs(Folder& folder, std::uint64_t inputs,
                        std::vector<bool>& bound) {
    const std::uint64_t packed = inputs - folder.bonds.size();
    if (packed == 1) {
      folder.packed_inputs.push_back(static_cast<std::uint64_t>(
          std::find(bound.begin(), bound.end(), false) - bound.begin()));
      return;
    }
    for (std::uint64_t i = 0; i < packed && fields_.ok(); ++i) {
      const std::uint64_t input = fields_.Number();
      if (input >= inputs || bound[input]) {
        return fields_.Bad("a packed stream goes nowhere");
      }
      bound[input] = true;
      folder.packed_inputs.push_back(input);
    }
  }

  void ReadFolders(Streams& streams) {
    fields_.Expect(kFolder, "folders");
    const std::uint64_t count = fields_.Count(fields_.size(), "folders");
    if (fields_.OneByte() != 0) {
      return fields_.Bad("folders in another stream");
    }
    std::uint64_t packed = 0;
    for (std::uint64_t i = 0; i < count && fields_.ok(); ++i) {
      streams.folders.push_back(ReadFolder());
      streams.folders.back().first_packed = packed;
      packed += streams.folders.back().packed_inputs.size();
    }
    if (packed > streams.packed.size()) {
      fields_.Bad("folders need more packed streams than there are");
    }
    fields_.Expect(kCoderSizes, "sizes of coders");
    for (Folder& folder : streams.folders) {
      for (Coder& coder : folder.coders) {
        coder.size = fields_.Number();
      }
    }
    std::uint64_t id = fields_.Number();
    if (id == kCrc && fields_.ok()) {
      const auto digests = fields_.Digests(streams.folders.size());
      for (std::size_t i = 0; i < digests.size(); ++i) {
        streams.folders[i].crc = digests[i];
      }
      id = fields_.Number();
    }
    if (id != kEnd) {
      fields_.Bad("unknown property of folders");
    }
  }

  void ReadSubStreams(Streams& streams, std::vector<std::uint64_t>& counts) {
    std::uint64_t id = fields_.Number();
    if (id == kStreamCount) {
      std::uint64_t left = fields_.size();
      for (std::uint64_t& count : counts) {
        count = fields_.Count(left + 1, "streams of a folder");
        left -= std::min(left, count);
      }
      id = fields_.Number();
    }
    const bool sizes = id == kSize;
    for (std::size_t i = 0; i < counts.size() && fields_.ok(); ++i) {
      ReadSizes(streams, i, counts[i], sizes);
    }
    if (sizes) {
      id = fields_.Number();
    }
    if (id == kCrc && fields_.ok()) {
      ReadSubDigests(streams, counts);
      id = fields_.Number();
    }
    if (id != kEnd) {
      fields_.Bad("unknown property of streams");
    }
  }

  // All but the last size of a folder are stored.
  void ReadSizes(Streams& streams, std::size_t index, std::uint64_t count,
                 bool stored) {
    const Folder& folder = streams.folders[index];
    std::uint64_t left = folder.size();
    if (count > 1 && !stored) {
      return fields_.Bad("streams without sizes");
    }
    for (std::uint64_t i = 0; i < count && fields_.ok(); ++i) {
      const std::uint64_t length = i + 1 < count ? fields_.Number() : left;
      if (length > left) {
        return fields_.Bad("the streams of a folder are larger than it is");
      }
      left -= length;
      streams.contents.push_back(
          {index, length, count == 1 ? folder.crc : std::nullopt});
    }
  }

  void ReadSubDigests(Streams& streams,
                      const std::vector<std::uint64_t>& counts) {
    std::vector<SubStream*> unknown;
    for (SubStream& content : streams.contents) {
      if (counts[content.folder] != 1 || !content.crc) {
        unknown.push_back(&content);
      }
    }
    const auto digests = fields_.Digests(unknown.size());
    for (std::size_t i = 0; i < digests.size(); ++i) {
      unknown[i]->crc = digests[i];
    }
  }

  Fields& fields_;
  std::uint64_t packed_end_;
};

}  // namespace

void ReadStreams(Fields& fields, std::uint64_t packed_end, Streams& streams) {
  StreamsParser(fields, packed_end).Read(streams);
}

}  // namespace assay::formats::sevenzip
