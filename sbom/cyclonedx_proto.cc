#include "sbom/cyclonedx_proto.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "sbom/cyclonedx.h"
#include "sbom/cyclonedx_proto_shape.h"
#include "sbom/read.h"
#include "sbom/schemas/official.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

namespace pb = google::protobuf;

// What libprotobuf may take for the messages of one document. An empty one has
// two bytes in the document and hundreds in memory.
constexpr std::size_t kMaxMemory = std::size_t{1} << 30U;
// In text, where each is a brace.
constexpr std::ptrdiff_t kMaxTextMessages = 2'000'000;
// libprotobuf's own bound.
constexpr int kMaxNesting = 100;

// Adds up what the messages of a document take, roughly, before they are built.
class MemoryCount {
 public:
  explicit MemoryCount(ByteView bytes)
      : input_(bytes.data(), static_cast<int>(bytes.size())) {}

  [[nodiscard]] bool exceeded() const { return memory_ > kMaxMemory; }

  // Whether it was counted to the end. What is damaged, or a group, which no
  // message here has, ends it.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxNesting.
  bool Add(const pb::Descriptor& type, int nesting) {
    constexpr std::size_t kMessage = 64;
    constexpr std::size_t kEachField = 16;
    constexpr std::size_t kText = 40;
    memory_ +=
        kMessage + kEachField * static_cast<std::size_t>(type.field_count());
    while (const std::uint32_t tag = input_.ReadTag()) {
      memory_ += kText;
      if (exceeded() || nesting > kMaxNesting || !Pass(tag, type, nesting)) {
        return false;
      }
    }
    return input_.ConsumedEntireMessage();
  }

 private:
  // The content of one field.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxNesting.
  bool Pass(std::uint32_t tag, const pb::Descriptor& type, int nesting) {
    std::uint64_t skipped = 0;
    switch (tag & 7U) {  // the wire type
      case 0:
        return input_.ReadVarint64(&skipped);
      case 1:
        return input_.Skip(8);
      case 2:
        return PassBytes(type.FindFieldByNumber(static_cast<int>(tag >> 3U)),
                         nesting);
      case 5:
        return input_.Skip(4);
      default:
        return false;
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxNesting.
  bool PassBytes(const pb::FieldDescriptor* field, int nesting) {
    int size = 0;
    if (!input_.ReadVarintSizeAsInt(&size)) {
      return false;
    }
    if (field == nullptr || field->message_type() == nullptr) {
      return input_.Skip(size);
    }
    const auto limit = input_.PushLimit(size);
    const bool whole = Add(*field->message_type(), nesting + 1) &&
                       input_.BytesUntilLimit() == 0;
    input_.PopLimit(limit);
    return whole;
  }

  pb::io::CodedInputStream input_;
  std::size_t memory_ = 0;
};

// Keeps the first error, with its place.
class FirstError : public pb::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (what_.empty()) {
      what_ = fmt::format("line {}, column {}: {}", line + 1, column + 1,
                          Escaped(message));
    }
  }
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  std::string what_;
};

// The descriptors of one version, for as long as the program runs.
struct Descriptors {
  pb::DescriptorPool pool;
  std::unique_ptr<pb::DynamicMessageFactory> factory;
  const pb::Message* prototype = nullptr;
};

// Numbers and names never change between versions, so the descriptor of 1.7
// reads all of them; the packages carry none of 1.3 and 1.4, and early drafts
// of 1.5 and 1.6.
constexpr std::string_view kDescriptor = "bom-1.7.desc";
constexpr std::string_view kFirstVersion = "1.3";

// A field of the specification that the packaged descriptor lacks.
void Amend(pb::FileDescriptorProto& file) {
  for (pb::DescriptorProto& message : *file.mutable_message_type()) {
    if (message.name() != "ModelCard") {
      continue;
    }
    for (const auto& field : message.field()) {
      if (field.name() == "properties") {
        return;
      }
    }
    pb::FieldDescriptorProto* added = message.add_field();
    added->set_name("properties");
    added->set_number(5);
    added->set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
    added->set_type(pb::FieldDescriptorProto::TYPE_MESSAGE);
    added->set_type_name("." + file.package() + ".Property");
    added->set_json_name("properties");
  }
}

std::unique_ptr<Descriptors> Load() {
  const std::string_view packed = OfficialSchema(kDescriptor);
  pb::FileDescriptorSet files;
  if (packed.empty() ||
      !files.ParseFromArray(packed.data(), static_cast<int>(packed.size()))) {
    return nullptr;
  }
  auto loaded = std::make_unique<Descriptors>();
  const pb::FileDescriptor* last = nullptr;
  for (pb::FileDescriptorProto& file : *files.mutable_file()) {
    Amend(file);
    last = loaded->pool.BuildFile(file);  // in the order of imports
  }
  const pb::Descriptor* bom =
      last == nullptr
          ? nullptr
          : loaded->pool.FindMessageTypeByName(last->package() + ".Bom");
  if (bom == nullptr) {
    return nullptr;
  }
  loaded->factory = std::make_unique<pb::DynamicMessageFactory>(&loaded->pool);
  loaded->prototype = loaded->factory->GetPrototype(bom);
  return loaded;
}

Result<std::unique_ptr<pb::Message>> NewMessage(std::string_view version) {
  static const std::unique_ptr<Descriptors> kDescriptors = Load();
  if (kDescriptors == nullptr || !IsCycloneDxVersion(version) ||
      version < kFirstVersion) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("no descriptor of CycloneDX {} in protobuf",
                            Escaped(version)));
  }
  return std::unique_ptr<pb::Message>(kDescriptors->prototype->New());
}

tl::unexpected<Error> TooManyMessages() {
  return Fail(ErrorCode::kLimit,
              "a CycloneDX message of more parts than are read");
}

}  // namespace

Result<Tree> TreeOfProtoText(std::string_view text, std::string_view version) {
  auto message = NewMessage(version);
  if (!message) {
    return Fail(message.error());
  }
  if (std::count(text.begin(), text.end(), '{') +
          std::count(text.begin(), text.end(), '<') >
      kMaxTextMessages) {
    return TooManyMessages();
  }
  FirstError errors;
  const pb::LogSilencer silence;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(static_cast<int>(TreeBuilder::kMaxDepth) / 2);
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, message->get())) {
    return Fail(ErrorCode::kMalformed,
                "not a CycloneDX message: " + errors.what());
  }
  return CycloneDxShape(**message);
}

Result<Tree> TreeOfProtoBytes(ByteView bytes, std::string_view version) {
  auto message = NewMessage(version);
  if (!message) {
    return Fail(message.error());
  }
  MemoryCount memory(bytes);
  const bool whole = memory.Add(*(*message)->GetDescriptor(), 0);
  if (memory.exceeded()) {
    return TooManyMessages();
  }
  // Without it libprotobuf tells what is wrong on standard error, too.
  const pb::LogSilencer silence;
  if (!whole || !(*message)->ParseFromArray(bytes.data(),
                                            static_cast<int>(bytes.size()))) {
    return Fail(ErrorCode::kMalformed,
                "not a CycloneDX message: its fields are cut, too deep or no "
                "UTF-8");
  }
  return CycloneDxShape(**message);
}

std::string_view VersionOfProtoText(std::string_view text) {
  constexpr std::string_view kField = "spec_version:";
  constexpr std::string_view kFile = "# proto-file: schema/bom-";
  constexpr std::size_t kLongest = 3;  // "1.7"
  std::string_view hinted;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t newline = rest.find('\n');
    const std::string_view line = Trim(rest.substr(0, newline));
    rest = newline == std::string_view::npos ? std::string_view()
                                             : rest.substr(newline + 1);
    if (line.substr(0, kField.size()) == kField) {
      const std::string_view value = Trim(line.substr(kField.size()));
      return value.empty() ? hinted : value.substr(1, kLongest);
    }
    if (line.substr(0, kFile.size()) == kFile) {
      hinted = line.substr(kFile.size(), kLongest);
    } else if (!line.empty() && line.front() != '#') {
      return hinted;
    }
  }
  return hinted;
}

std::string_view VersionOfProtoBytes(ByteView bytes) {
  // Field 1, length-delimited, three bytes: "1.6".
  ByteReader reader(bytes);
  const auto head = reader.TakeBytes(5);
  constexpr std::string_view kBegin = "\x0A\x03";
  if (!head || AsText(*head).substr(0, 2) != kBegin) {
    return "";
  }
  const std::string_view version = AsText(*head).substr(2);
  return IsCycloneDxVersion(version) ? version : "";
}

}  // namespace assay::sbom
