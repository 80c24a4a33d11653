#include "sbom/source.h"

#include <array>

#include "sbom/json_tree.h"
#include "sbom/xml_tree.h"

namespace assay::sbom {
namespace {

// The first character that is neither space nor byte order mark.
char FirstOf(std::string_view text) {
  const std::size_t begin = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  const std::size_t at = text.find_first_not_of(" \t\r\n", begin);
  return at == std::string_view::npos ? '\0' : text[at];
}

}  // namespace

bool SbomSource::LooksLikeJson() const {
  const char first = FirstOf(text());
  return first == '{' || first == '[';
}

Value SbomSource::json() const {
  if (!LooksLikeJson()) {
    return {};
  }
  if (!json_) {
    json_.emplace(JsonTree(text()));
  }
  return *json_ ? (*json_)->root() : Value();
}

const Error* SbomSource::json_error() const {
  if (!json_) {
    json_.emplace(JsonTree(text()));
  }
  return *json_ ? nullptr : &json_->error();
}

bool SbomSource::LooksLikeXml() const {
  constexpr std::array<std::string_view, 4> kUtf16 = {
      std::string_view("\xFF\xFE<\0", 4), std::string_view("\xFE\xFF\0<", 4),
      std::string_view("<\0?\0", 4), std::string_view("\0<\0?", 4)};
  for (const std::string_view begin : kUtf16) {
    if (text().substr(0, begin.size()) == begin) {
      return true;
    }
  }
  return FirstOf(text()) == '<';
}

const XmlRoot& SbomSource::xml_root() const {
  if (!xml_root_) {
    xml_root_ = LooksLikeXml() ? RootOfXml(bytes_) : XmlRoot();
  }
  return *xml_root_;
}

}  // namespace assay::sbom
