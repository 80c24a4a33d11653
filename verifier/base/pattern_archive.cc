#include "verifier/base/pattern_archive.h"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <utility>

#include "verifier/base/text.h"

namespace assay::pattern_archive {
namespace {

// A record: the digest in hex, the size in 16 hex digits, and the database. It
// begins at a multiple of 8, as Hyperscan wants it.
constexpr std::size_t kDigest = 64;
constexpr std::size_t kSize = 16;
constexpr std::size_t kAlignment = 8;

struct Archive {
  bool recording = false;
  std::map<std::string, ByteView, std::less<>> given = {};
  std::map<std::string, Bytes> kept = {};
  std::atomic<std::size_t> taken = 0;
  std::atomic<std::size_t> compiled = 0;
};

Archive& TheArchive() {
  static Archive archive;
  return archive;
}

std::optional<std::uint64_t> SizeFrom(ByteView text) {
  std::uint64_t size = 0;
  for (const std::uint8_t c : text) {
    const std::string_view digits = "0123456789abcdef";
    const auto digit = digits.find(static_cast<char>(c));
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    size = size << 4U | digit;
  }
  return size;
}

}  // namespace

void Use(ByteView archive) {
  std::map<std::string, ByteView, std::less<>> given;
  ByteReader reader(archive);
  while (reader.remaining() > 0) {
    const auto digest = reader.TakeBytes(kDigest);
    const auto digits = reader.TakeBytes(kSize);
    const auto size = digits ? SizeFrom(*digits) : std::nullopt;
    const auto database = size ? reader.TakeBytes(*size) : std::nullopt;
    if (!database || !reader.Align(kAlignment)) {
      return;
    }
    given.emplace(AsText(*digest), *database);
  }
  TheArchive().given = std::move(given);
}

void StartRecording() {
  TheArchive().recording = true;
}

bool IsRecording() {
  return TheArchive().recording;
}

Bytes Recorded() {
  Bytes archive;
  for (const auto& [digest, database] : TheArchive().kept) {
    const std::string head = digest + fmt::format("{:016x}", database.size());
    const ByteView view = AsBytes(head);
    archive.insert(archive.end(), view.begin(), view.end());
    archive.insert(archive.end(), database.begin(), database.end());
    archive.resize((archive.size() + kAlignment - 1) / kAlignment * kAlignment);
  }
  return archive;
}

void Keep(const std::string& digest, Bytes serialized) {
  TheArchive().kept[digest] = std::move(serialized);
}

std::optional<ByteView> Find(const std::string& digest) {
  const auto found = TheArchive().given.find(digest);
  return found == TheArchive().given.end()
             ? std::nullopt
             : std::optional<ByteView>(found->second);
}

void Count(bool taken) {
  taken ? ++TheArchive().taken : ++TheArchive().compiled;
}

Uses CountedUses() {
  return {.taken = TheArchive().taken, .compiled = TheArchive().compiled};
}

}  // namespace assay::pattern_archive
