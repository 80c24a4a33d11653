#include "sbom/cyclonedx_proto_shape.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/text_format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/base/time.h"

namespace assay::sbom {
namespace {

namespace pb = google::protobuf;

// Fields whose JSON name is not the camel case of their own: message, field,
// name. "" as the message: in all.
struct Renaming {
  std::string_view message;
  std::string_view field;
  std::string_view name;
};
constexpr std::array<Renaming, 3> kRenamings = {{{"", "bom_ref", "bom-ref"},
                                                 {"", "mime_type", "mime-type"},
                                                 {"Hash", "value", "content"}}};

// What all values of an enum begin with: "HASH_ALG_".
std::string PrefixOf(const pb::EnumDescriptor& type) {
  std::string prefix = type.value(0)->name();
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    std::size_t same = 0;
    while (same < prefix.size() && same < name.size() &&
           prefix[same] == name[same]) {
      ++same;
    }
    prefix.resize(same);
  }
  const std::size_t end = prefix.rfind('_');
  return end == std::string::npos ? "" : prefix.substr(0, end + 1);
}

// Enumerators as JSON writes them: without the prefix that all values of an
// enum share, in lower case, with dashes; a few are names.
std::string WordOf(const pb::EnumValueDescriptor& value) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2>
      kNames = {{{"HASH_ALG_BLAKE_3", "BLAKE3"}, {"HASH_ALG_MD_5", "MD5"}}};
  for (const auto& [known, name] : kNames) {
    if (known == value.name()) {
      return std::string(name);
    }
  }
  const std::string prefix = PrefixOf(*value.type());
  std::string word = value.name().substr(prefix.size());
  for (char& c : word) {
    c = c == '_' ? '-' : c;
  }
  if (prefix != "HASH_ALG_") {
    return Lower(word);
  }
  // "SHA_3_256" is "SHA3-256", "BLAKE_2_B_256" is "BLAKE2b-256".
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2>
      kFamilies = {{{"SHA-3-", "SHA3-"}, {"BLAKE-2-B-", "BLAKE2b-"}}};
  for (const auto& [from, to] : kFamilies) {
    if (word.rfind(from, 0) == 0 && word.size() > from.size() + 2) {
      word.replace(0, from.size(), to);
    }
  }
  return word;
}

class Shaper {
 public:
  Result<Tree> Shape(const pb::Message& bom) {
    builder_.OpenObject(0);
    builder_.Key("bomFormat");
    builder_.String("CycloneDX", 0);
    PutFields(bom);
    builder_.Close();
    if (!builder_.ok()) {
      return Fail(ErrorCode::kMalformed, builder_.problem());
    }
    return builder_.Finish();
  }

 private:
  static std::string NameOf(const pb::FieldDescriptor& field) {
    for (const Renaming& each : kRenamings) {
      if (each.field == field.name() &&
          (each.message.empty() ||
           each.message == field.containing_type()->name())) {
        return std::string(each.name);
      }
    }
    return field.json_name();
  }

  // NOLINTNEXTLINE(misc-no-recursion): libprotobuf bounds the depth.
  void PutFields(const pb::Message& message) {
    std::vector<const pb::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const pb::FieldDescriptor* field : fields) {
      if (IsDependencies(*field)) {
        PutDependsOn(message, *field);
        continue;
      }
      // JSON has the members of this message in the choice itself.
      if (field->name() == "expression_detailed") {
        PutFields(message.GetReflection()->GetMessage(message, field));
        continue;
      }
      builder_.Key(NameOf(*field));
      if (field->is_repeated()) {
        PutRepeated(message, *field);
      } else {
        Put(message, *field, -1);
      }
    }
  }

  // Dependency.dependencies: nested messages of which JSON keeps the refs.
  static bool IsDependencies(const pb::FieldDescriptor& field) {
    return field.containing_type()->name() == "Dependency" &&
           field.name() == "dependencies";
  }

  void PutDependsOn(const pb::Message& message,
                    const pb::FieldDescriptor& field) {
    const pb::Reflection& reflection = *message.GetReflection();
    builder_.Key("dependsOn");
    builder_.OpenArray(0);
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const pb::Message& each =
          reflection.GetRepeatedMessage(message, &field, i);
      const pb::FieldDescriptor* ref =
          each.GetDescriptor()->FindFieldByName("ref");
      builder_.String(each.GetReflection()->GetString(each, ref), 0);
    }
    builder_.Close();
  }

  // NOLINTNEXTLINE(misc-no-recursion): libprotobuf bounds the depth.
  void PutRepeated(const pb::Message& message,
                   const pb::FieldDescriptor& field) {
    builder_.OpenArray(0);
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field);
         ++i) {
      Put(message, field, i);
      if (field.message_type() != nullptr &&
          field.message_type()->name() == "Dependency") {
        PutNested(
            message.GetReflection()->GetRepeatedMessage(message, &field, i));
      }
    }
    builder_.Close();
  }

  // The dependencies that a dependency nests and that have some themselves, as
  // JSON knows one level only.
  // NOLINTNEXTLINE(misc-no-recursion): libprotobuf bounds the depth.
  void PutNested(const pb::Message& dependency) {
    const pb::Reflection& reflection = *dependency.GetReflection();
    const pb::FieldDescriptor* field =
        dependency.GetDescriptor()->FindFieldByName("dependencies");
    for (int i = 0; i < reflection.FieldSize(dependency, field); ++i) {
      const pb::Message& each =
          reflection.GetRepeatedMessage(dependency, field, i);
      if (each.GetReflection()->FieldSize(each, field) > 0) {
        PutMessage(each);
        PutNested(each);
      }
    }
  }

  // One value; `index` is -1 for a field that is not repeated.
  // NOLINTNEXTLINE(misc-no-recursion): libprotobuf bounds the depth.
  void Put(const pb::Message& message, const pb::FieldDescriptor& field,
           int index) {
    const pb::Reflection& reflection = *message.GetReflection();
    using Field = pb::FieldDescriptor;
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        PutMessage(index < 0
                       ? reflection.GetMessage(message, &field)
                       : reflection.GetRepeatedMessage(message, &field, index));
        return;
      case Field::CPPTYPE_STRING:
        builder_.String(
            index < 0 ? reflection.GetString(message, &field)
                      : reflection.GetRepeatedString(message, &field, index),
            0);
        return;
      case Field::CPPTYPE_ENUM:
        builder_.String(WordOf(index < 0 ? *reflection.GetEnum(message, &field)
                                         : *reflection.GetRepeatedEnum(
                                               message, &field, index)),
                        0);
        return;
      case Field::CPPTYPE_BOOL:
        builder_.Bool(index < 0
                          ? reflection.GetBool(message, &field)
                          : reflection.GetRepeatedBool(message, &field, index),
                      0);
        return;
      default:
        PutNumber(message, field, index);
    }
  }

  void PutNumber(const pb::Message& message, const pb::FieldDescriptor& field,
                 int index) {
    std::string text;
    pb::TextFormat::PrintFieldValueToString(message, &field, index, &text);
    builder_.Number(text, 0);
  }

  // NOLINTNEXTLINE(misc-no-recursion): libprotobuf bounds the depth.
  void PutMessage(const pb::Message& message) {
    if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
      const pb::FieldDescriptor* seconds =
          message.GetDescriptor()->FindFieldByName("seconds");
      builder_.String(
          FormatTime(message.GetReflection()->GetInt64(message, seconds)), 0);
      return;
    }
    builder_.OpenObject(0);
    PutFields(message);
    builder_.Close();
  }

  TreeBuilder builder_ = TreeBuilder::ForBytes();
};

}  // namespace

Result<Tree> CycloneDxShape(const google::protobuf::Message& message) {
  return Shaper().Shape(message);
}

}  // namespace assay::sbom
