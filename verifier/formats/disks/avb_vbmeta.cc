#include "verifier/formats/disks/avb_vbmeta.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::avb {
namespace {

constexpr std::uint64_t kBlock = 64;  // sizes are multiples of it
constexpr std::uint64_t kMostBytes = 1U << 20U;
constexpr std::uint32_t kLastAlgorithm = 6;

struct Start {
  Be64 tag, following;
};

struct HashTreeFields {
  Be32 verity_version;
  Be64 image_size, tree_offset, tree_size;
  Be32 data_block, hash_block, roots;
  Be64 fec_offset, fec_size;
  std::array<std::uint8_t, 32> algorithm = {};
  Be32 name_size, salt_size, digest_size, flags;
  std::array<std::uint8_t, 60> reserved = {};
};
static_assert(sizeof(HashTreeFields) == 164 && FileStruct<HashTreeFields>);

struct HashFields {
  Be64 image_size;
  std::array<std::uint8_t, 32> algorithm = {};
  Be32 name_size, salt_size, digest_size, flags;
  std::array<std::uint8_t, 60> reserved = {};
};
static_assert(sizeof(HashFields) == 116 && FileStruct<HashFields>);

struct ChainFields {
  Be32 rollback_location, name_size, key_size, flags;
  std::array<std::uint8_t, 60> reserved = {};
};
static_assert(sizeof(ChainFields) == 76 && FileStruct<ChainFields>);

std::string TextOf(ByteView field) {
  const std::string_view text = AsText(field);
  return std::string(text.substr(0, text.find('\0')));
}

// Reads the fields behind a descriptor's start.
class FieldReader {
 public:
  FieldReader(ByteView bytes, std::uint64_t at) : reader_(bytes) {
    good_ = reader_.Seek(at);
  }

  template <FileStruct T>
  T Take() {
    const auto value = reader_.Take<T>();
    good_ = good_ && value;
    return value.value_or(T{});
  }
  Range TakeRange(std::uint64_t length) {
    const Range range{reader_.consumed(), length};
    good_ = good_ && reader_.Skip(length);
    return good_ ? range : Range{};
  }
  std::string TakeName(ByteView bytes, std::uint64_t length) {
    const Range range = TakeRange(length);
    return std::string(AsText(*Slice(bytes, range.offset, range.length)));
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  ByteReader reader_;
  bool good_ = true;
};

void ReadHashTree(ByteView bytes, FieldReader& reader, Descriptor& found) {
  const auto fields = reader.Take<HashTreeFields>();
  found.image_size = fields.image_size;
  found.tree = {fields.tree_offset, fields.tree_size};
  found.correction = {fields.fec_offset, fields.fec_size};
  found.data_block = fields.data_block;
  found.hash_block = fields.hash_block;
  found.algorithm = TextOf(fields.algorithm);
  found.name = reader.TakeName(bytes, fields.name_size);
  found.salt = reader.TakeRange(fields.salt_size);
  found.value = reader.TakeRange(fields.digest_size);
}

void ReadHash(ByteView bytes, FieldReader& reader, Descriptor& found) {
  const auto fields = reader.Take<HashFields>();
  found.image_size = fields.image_size;
  found.algorithm = TextOf(fields.algorithm);
  found.name = reader.TakeName(bytes, fields.name_size);
  found.salt = reader.TakeRange(fields.salt_size);
  found.value = reader.TakeRange(fields.digest_size);
}

// False when a field ends past the descriptor.
bool ReadFields(ByteView bytes, Descriptor& found) {
  FieldReader reader(bytes, found.range.offset + sizeof(Start));
  switch (static_cast<Tag>(found.tag)) {
    case Tag::kProperty: {
      const std::uint64_t key = reader.Take<Be64>();
      const std::uint64_t value = reader.Take<Be64>();
      found.name = reader.TakeName(bytes, key);
      (void)reader.TakeRange(1);
      found.value = reader.TakeRange(value);
      return reader.good();
    }
    case Tag::kHashTree:
      ReadHashTree(bytes, reader, found);
      return reader.good();
    case Tag::kHash:
      ReadHash(bytes, reader, found);
      return reader.good();
    case Tag::kCommandLine: {
      (void)reader.Take<Be32>();  // flags
      const std::uint32_t length = reader.Take<Be32>();
      found.value = reader.TakeRange(length);
      return reader.good();
    }
    case Tag::kChain: {
      const auto fields = reader.Take<ChainFields>();
      found.name = reader.TakeName(bytes, fields.name_size);
      found.value = reader.TakeRange(fields.key_size);
      return reader.good();
    }
  }
  return true;  // a later version's descriptor
}

// Whether [offset, offset + size) lies in a block of `limit` bytes.
bool Inside(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

}  // namespace

bool HasHeader(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  if (!header || header->magic != kMagic || header->major != 1 ||
      header->algorithm > kLastAlgorithm ||
      header->authentication_size % kBlock != 0 ||
      header->auxiliary_size % kBlock != 0 ||
      header->authentication_size > kMostBytes ||
      header->auxiliary_size > kMostBytes || !AllAre(header->reserved, 0)) {
    return false;
  }
  const std::uint64_t first = header->authentication_size;
  const std::uint64_t second = header->auxiliary_size;
  return Inside(header->hash_offset, header->hash_size, first) &&
         Inside(header->signature_offset, header->signature_size, first) &&
         Inside(header->key_offset, header->key_size, second) &&
         Inside(header->key_metadata_offset, header->key_metadata_size,
                second) &&
         Inside(header->descriptors_offset, header->descriptors_size, second);
}

Result<Vbmeta> Vbmeta::Read(ByteView bytes) {
  if (!HasHeader(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no vbmeta header");
  }
  Vbmeta vbmeta;
  vbmeta.header_ = *ReadAt<Header>(bytes, 0);
  const std::uint64_t size = sizeof(Header) +
                             vbmeta.header_.authentication_size +
                             vbmeta.header_.auxiliary_size;
  const auto whole = Slice(bytes, 0, size);
  if (!whole) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("avb: {} bytes of metadata, {} are there", size,
                            bytes.size()));
  }
  vbmeta.bytes_ = *whole;
  vbmeta.ReadDescriptors();
  return vbmeta;
}

Range Vbmeta::hash() const {
  return {sizeof(Header) + header_.hash_offset, header_.hash_size};
}

Range Vbmeta::signature() const {
  return {sizeof(Header) + header_.signature_offset, header_.signature_size};
}

Range Vbmeta::key() const {
  return {auxiliary() + header_.key_offset, header_.key_size};
}

Range Vbmeta::key_metadata() const {
  return {auxiliary() + header_.key_metadata_offset, header_.key_metadata_size};
}

bool Vbmeta::HashHolds() const {
  if (header_.algorithm == 0) {
    return true;
  }
  // SHA256 with RSA of 2048 to 8192 bits, then SHA512 with the same.
  const DigestAlgorithm algorithm = header_.algorithm <= 3
                                        ? DigestAlgorithm::kSha256
                                        : DigestAlgorithm::kSha512;
  Hasher hasher({algorithm});
  hasher.Update(bytes_.first(sizeof(Header)));
  hasher.Update(bytes_.subspan(static_cast<std::size_t>(auxiliary())));
  const std::string stored =
      HexOf(*Slice(bytes_, hash().offset, hash().length));
  return hasher.Finish().back().hex == stored;
}

void Vbmeta::ReadDescriptors() {
  std::uint64_t at = auxiliary() + header_.descriptors_offset;
  const ByteView bytes =
      bytes_.first(static_cast<std::size_t>(at + header_.descriptors_size));
  while (at < bytes.size()) {
    const auto start = ReadAt<Start>(bytes, at);
    if (!start || start->following > bytes.size() - at - sizeof(Start)) {
      damage_ = fmt::format("the descriptor at {} is cut short", at);
      return;
    }
    Descriptor found{.tag = start->tag,
                     .range = {at, sizeof(Start) + start->following}};
    if (!ReadFields(bytes.first(static_cast<std::size_t>(found.range.end())),
                    found)) {
      damage_ =
          fmt::format("the descriptor at {} has no place for its fields", at);
      return;
    }
    at = found.range.end();
    descriptors_.push_back(std::move(found));
  }
}

}  // namespace assay::formats::avb
