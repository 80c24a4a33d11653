#include "signatures/package_index.h"

#include <optional>
#include <vector>

#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kSha256Digits = 64;

struct Stanza {
  std::string_view filename = {};
  std::string_view sha256 = {};
  std::string_view size = {};
  std::string_view directory = {};
  std::vector<std::string_view> checksums = {};  // of Checksums-Sha256
};

// Which field a continuation line belongs to.
enum class Field { kOther, kChecksums };

bool TakeField(std::string_view line, std::string_view name,
               std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      !line.starts_with(name)) {
    return false;
  }
  value = Trim(line.substr(name.size() + 1));
  return true;
}

// Fields have the spelling of apt-ftparchive and dak; the first letter is
// looked at first because most lines are of no interest.
Field ReadLine(std::string_view line, Stanza& stanza) {
  std::string_view ignored;
  switch (line.front()) {
    case 'F':
      TakeField(line, "Filename", stanza.filename);
      break;
    case 'S':
      if (!TakeField(line, "SHA256", stanza.sha256)) {
        TakeField(line, "Size", stanza.size);
      }
      break;
    case 'D':
      TakeField(line, "Directory", stanza.directory);
      break;
    case 'C':
      if (TakeField(line, "Checksums-Sha256", ignored)) {
        return Field::kChecksums;
      }
      break;
    default:
      break;
  }
  return Field::kOther;
}

void Emit(const PoolFile& file, std::string_view size,
          const std::function<void(const PoolFile&)>& visit) {
  const auto bytes = NumberOf(size);
  if (bytes && file.sha256.size() == kSha256Digits && !file.name.empty()) {
    PoolFile whole = file;
    whole.size = *bytes;
    visit(whole);
  }
}

void Flush(Stanza& stanza, const std::function<void(const PoolFile&)>& visit) {
  Emit({.name = stanza.filename, .sha256 = stanza.sha256}, stanza.size, visit);
  for (const std::string_view line : stanza.checksums) {
    // " digest size name"
    const std::string_view entry = Trim(line);
    const std::size_t first = entry.find(' ');
    const std::size_t second = entry.find(' ', first + 1);
    if (first != std::string_view::npos && second != std::string_view::npos) {
      Emit({.directory = stanza.directory,
            .name = entry.substr(second + 1),
            .sha256 = entry.substr(0, first)},
           entry.substr(first + 1, second - first - 1), visit);
    }
  }
  stanza = {};
}

}  // namespace

void ForEachPoolFile(std::string_view text,
                     const std::function<void(const PoolFile&)>& visit) {
  Stanza stanza;
  Field field = Field::kOther;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      Flush(stanza, visit);
      field = Field::kOther;
    } else if (line.front() != ' ' && line.front() != '\t') {
      field = ReadLine(line, stanza);
    } else if (field == Field::kChecksums) {
      stanza.checksums.push_back(line);
    }
  }
  Flush(stanza, visit);
}

}  // namespace assay::signatures
