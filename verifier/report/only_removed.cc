#include "verifier/report/only_removed.h"

#include <cstddef>
#include <string>

#include "verifier/report/opening.h"

namespace assay::report {
namespace {

constexpr std::string_view kMark = "[redacted";

// Where the mark at `at` ends, behind "]" or "-N]"; npos when it is none.
std::size_t EndOfMark(std::string_view text, std::size_t at) {
  at += kMark.size();
  if (text.substr(at, 1) == "-") {
    const std::size_t end = text.find_first_not_of("0123456789", at + 1);
    at = end == at + 1 ? std::string_view::npos : end;
  }
  return at < text.size() && text[at] == ']' ? at + 1 : std::string_view::npos;
}

// The pieces between the marks stand in the original, in this order, the first
// at its beginning and the last at its end.
bool TextHolds(std::string_view was, std::string_view is) {
  bool marked = false;
  for (;;) {
    const std::size_t mark = is.find(kMark);
    const std::size_t end = mark == std::string_view::npos
                                ? std::string_view::npos
                                : EndOfMark(is, mark);
    if (end == std::string_view::npos) {
      return marked ? was.ends_with(is) : was == is;
    }
    const std::string_view piece = is.substr(0, mark);
    const std::size_t at =
        marked ? was.find(piece) : (was.starts_with(piece) ? 0 : was.npos);
    if (at == std::string_view::npos) {
      return false;
    }
    was.remove_prefix(at + piece.size());
    is.remove_prefix(end);
    marked = true;
  }
}

}  // namespace

bool OnlyRemoved::ObjectHolds(const Json& was, const Json& is) const {
  for (const auto& [key, value] : is.items()) {
    if (key == "redacted" && value == true) {
      continue;
    }
    const auto before = was.find(key);
    if (before == was.end()) {
      return false;
    }
    const bool named = key == "id" && value.is_string() &&
                       before->is_string() && At(is, "redacted") == true &&
                       value == RedactedId(salt_, before->get<std::string>());
    if (!named && !Holds(*before, value)) {
      return false;
    }
  }
  return true;
}

bool OnlyRemoved::ArrayHolds(const Json& was, const Json& is) const {
  if (!is.empty() && is.size() != was.size()) {
    return false;
  }
  for (std::size_t i = 0; i < is.size(); ++i) {
    if (!Holds(was[i], is[i])) {
      return false;
    }
  }
  return true;
}

// Recursion: the parser has bounded the depth.
bool OnlyRemoved::Holds(const Json& was,  // NOLINT(misc-no-recursion)
                        const Json& is) const {
  if (was.type() != is.type()) {
    return was.is_number() && is.is_number() && was == is;
  }
  if (was.is_object()) {
    return ObjectHolds(was, is);
  }
  if (was.is_array()) {
    return ArrayHolds(was, is);
  }
  return was.is_string() ? TextHolds(was.get_ref<const std::string&>(),
                                     is.get_ref<const std::string&>())
                         : was == is;
}

}  // namespace assay::report
