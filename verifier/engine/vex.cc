#include "verifier/engine/vex.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/engine/vex_fields.h"

namespace assay::engine {

bool VexFields::Has(std::string_view key) const {
  return !At(*value_, key).is_null();
}

std::string VexFields::PointerTo(std::string_view key) const {
  return key.empty() ? at_ : fmt::format("{}/{}", at_, key);
}

void VexFields::Refuse(std::string_view key, std::string_view what) {
  if (!*problem_) {
    *problem_ = Error{ErrorCode::kMalformed,
                      fmt::format("{}: {}", PointerTo(key), Escaped(what))};
  }
}

void VexFields::Unsupported(std::string_view key, std::string_view what) {
  if (!*problem_) {
    *problem_ = Error{ErrorCode::kUnsupported,
                      fmt::format("{}: {}", PointerTo(key), Escaped(what))};
  }
}

std::string VexFields::Inert(std::string_view key, std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  std::string plain = text;
  std::erase(plain, '\\');
  if (Escaped(plain) != plain) {
    Refuse(key, "holds characters that nobody sees or that reorder a line");
    return "";
  }
  return std::string(Trim(text));
}

std::string VexFields::AsText() {
  if (!value_->is_string()) {
    Refuse("", "not a text");
    return "";
  }
  return Inert("", value_->get<std::string>());
}

std::string VexFields::Text(std::string_view key) {
  std::string text = TextIf(key);
  if (text.empty()) {
    Refuse(key, "missing");
  }
  return text;
}

std::string VexFields::TextIf(std::string_view key) {
  const Json& value = At(*value_, key);
  if (value.is_null()) {
    return "";
  }
  if (!value.is_string()) {
    Refuse(key, "not a text");
    return "";
  }
  return Inert(key, value.get<std::string>());
}

std::optional<UnixTime> VexFields::TimeIf(std::string_view key) {
  const std::string text = TextIf(key);
  const auto time = ParseTime(text);
  if (!text.empty() && !time) {
    Refuse(key, "not an RFC 3339 time");
  }
  return time;
}

VexFields VexFields::Object(std::string_view key) {
  const Json& value = At(*value_, key);
  if (!value.is_null() && !value.is_object()) {
    Refuse(key, "not an object");
  }
  return {value, PointerTo(key), *problem_};
}

std::string ReasonOf(std::string_view justification, std::string_view words) {
  const std::string_view between =
      justification.empty() || words.empty() ? "" : ": ";
  return fmt::format("{}{}{}", justification, between, words);
}

std::string PathOfUrn(std::string_view text) {
  if (!text.starts_with(kPathUrn)) {
    return "";
  }
  text.remove_prefix(kPathUrn.size());
  std::string path;
  while (!text.empty()) {
    const auto byte =
        text.front() == '%' ? BytesFromHex(text.substr(1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) {
      path.push_back(static_cast<char>(byte->front()));
      text.remove_prefix(3);
    } else {
      path.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return path;
}

Result<VexDocument> ReadVex(std::string_view json) {
  const auto document = ParseJson(json);
  if (!document) {
    return Fail(document.error());
  }
  if (document->contains("@context")) {
    return ReadOpenVex(*document);
  }
  if (TextAt(*document, "bomFormat") == "CycloneDX") {
    return ReadCycloneDxVex(*document);
  }
  if (At(*document, "document").is_object()) {
    return ReadCsafVex(*document);
  }
  return Fail(ErrorCode::kMalformed,
              "neither OpenVEX nor CycloneDX nor CSAF, in JSON");
}

}  // namespace assay::engine
