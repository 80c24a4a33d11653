#include "verifier/formats/archives/tar_pax.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats {
namespace {

// Fits no file, so that a map with it is refused.
constexpr std::uint64_t kNoNumber = UINT64_MAX;
constexpr std::size_t kMaxSparseNumbers = 1U << 21U;
constexpr std::size_t kMaxXattrs = 1024;  // and so no quadratic search
constexpr std::size_t kMaxFlaws = 16;
constexpr std::string_view kStarXattr = "SCHILY.xattr.";
constexpr std::string_view kLibarchiveXattr = "LIBARCHIVE.xattr.";

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

// libarchive escapes keys as in URLs.
std::string Unescaped(std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto code = key[i] == '%' && key.size() - i > 2
                          ? FieldNumber(key.substr(i + 1, 2), 16)
                          : std::nullopt;
    out.push_back(code ? static_cast<char>(*code) : key[i]);
    i += code ? 2U : 0U;
  }
  return out;
}

class Reader {
 public:
  explicit Reader(PaxAttributes& into) : into_(into) {}

  void Records(std::string_view records) {
    while (!records.empty()) {
      const std::size_t space = records.find(' ');
      const auto length = FieldNumber(records.substr(0, space), 10);
      // The length counts itself, the blank and the newline.
      if (space == std::string_view::npos || !length || *length < space + 3 ||
          *length > records.size() || records[*length - 1] != '\n') {
        Flaw(fmt::format("no pax record in the last {} bytes", records.size()));
        return;
      }
      const std::string_view record =
          records.substr(space + 1, *length - space - 2);
      const std::size_t equals = record.find('=');
      if (equals == std::string_view::npos) {
        Flaw("a pax record without '='");
        return;
      }
      Apply(record.substr(0, equals), record.substr(equals + 1));
      records.remove_prefix(*length);
    }
  }

  std::vector<std::string> flaws() && { return std::move(flaws_); }

 private:
  void Apply(std::string_view key, std::string_view value) {
    if (key == "path") {
      Text(key, value, into_.path);
    } else if (key == "linkpath") {
      Text(key, value, into_.link_path);
    } else if (key == "uname") {
      Text(key, value, into_.owner);
    } else if (key == "gname") {
      Text(key, value, into_.group);
    } else if (key == "size") {
      Number(key, value, into_.size);
    } else if (key == "uid") {
      Number(key, value, into_.uid);
    } else if (key == "gid") {
      Number(key, value, into_.gid);
    } else if (key == "mtime") {
      Time(value);
    } else if (TakePrefix(key, "GNU.sparse.")) {
      Sparse(key, value);
    } else if (TakePrefix(key, kStarXattr)) {
      Xattr(std::string(key), std::string(value));
    } else if (TakePrefix(key, kLibarchiveXattr)) {
      // libarchive leaves out the '=' at the end.
      const std::string full =
          std::string(value).append(GapTo(4, value.size()), '=');
      auto plain = FromBase64(full);
      if (plain) {
        Xattr(Unescaped(key), std::move(*plain));
      } else {
        Flaw(fmt::format("the value of {}{} is not base64", kLibarchiveXattr,
                         Escaped(key)));
      }
    }
  }

  void Sparse(std::string_view key, std::string_view value) {
    if (key == "name") {
      Text("GNU.sparse.name", value, into_.sparse_path);
      return;
    }
    if (key == "map") {
      for (const std::string_view number : Split(value, ',')) {
        SparseNumber(number);
      }
    } else if (key == "size" || key == "realsize") {
      Number("GNU.sparse.size", value, into_.sparse_size);
    } else if (key == "offset" || key == "numbytes") {
      SparseNumber(value);
    } else if (key == "major") {
      into_.sparse_map_in_content = value == "1";
    }
    into_.sparse = true;
  }

  void SparseNumber(std::string_view text) {
    if (into_.sparse_numbers.size() == kMaxSparseNumbers) {
      Flaw(fmt::format("more than {} numbers in a sparse map",
                       kMaxSparseNumbers));
      return;
    }
    std::optional<std::uint64_t> number;
    Number("GNU.sparse.map", text, number);
    into_.sparse_numbers.push_back(number.value_or(kNoNumber));
  }

  void Text(std::string_view key, std::string_view value,
            std::optional<std::string>& field) {
    if (field && *field != value) {
      Flaw(fmt::format("{} is given as \"{}\" and as \"{}\"", key,
                       Escaped(*field), Escaped(value)));
    }
    field = value;
  }

  void Number(std::string_view key, std::string_view value,
              std::optional<std::uint64_t>& field) {
    const auto number = FieldNumber(value, 10);
    if (!number) {
      Flaw(fmt::format("{} is \"{}\"", key, Escaped(value)));
    } else if (field && *field != *number) {
      Flaw(fmt::format("{} is given as {} and as {}", key, *field, *number));
    }
    if (number) {
      field = number;
    }
  }

  // Seconds, with a fraction that is left out, perhaps negative.
  void Time(std::string_view value) {
    const bool negative = TakePrefix(value, "-");
    const auto whole = FieldNumber(value.substr(0, value.find('.')), 10);
    if (!whole) {
      Flaw(fmt::format("mtime is \"{}\"", Escaped(value)));
      return;
    }
    const auto seconds = static_cast<std::int64_t>(*whole);
    into_.mtime = negative ? -seconds : seconds;
  }

  // The same attribute may come in both notations.
  void Xattr(std::string key, std::string value) {
    const auto known =
        std::find_if(into_.xattrs.begin(), into_.xattrs.end(),
                     [&](const auto& x) { return x.first == key; });
    if (known == into_.xattrs.end() && into_.xattrs.size() == kMaxXattrs) {
      Flaw(fmt::format("more than {} extended attributes", kMaxXattrs));
    } else if (known == into_.xattrs.end()) {
      into_.xattrs.emplace_back(std::move(key), std::move(value));
    } else if (known->second != value) {
      Flaw(fmt::format("the attribute {} has two values", Escaped(key)));
    }
  }

  void Flaw(std::string line) {
    if (flaws_.size() < kMaxFlaws) {
      flaws_.push_back(std::move(line));
    }
  }

  PaxAttributes& into_;
  std::vector<std::string> flaws_;
};

}  // namespace

std::vector<std::string> ReadPaxRecords(std::string_view records,
                                        PaxAttributes& into) {
  Reader reader(into);
  reader.Records(records);
  return std::move(reader).flaws();
}

}  // namespace assay::formats
