#include "verifier/model/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/merged_path.h"

namespace assay {
namespace {

constexpr std::string_view kMagic = "ASSAYREF";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kAcl = "system.posix_acl_";

struct Header {
  std::array<char, 8> magic;
  Le32 version;
  Le32 publications;
  Le64 originals;
  Le64 text;
};

using Short = std::array<std::uint8_t, 8>;

struct Original {
  std::array<std::uint8_t, 32> digest;
  Short place;
  Short rights;
  Le32 publication;
};

template <typename T>
void Append(Bytes& into, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    into.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

Short ShortDigest(std::string_view text) {
  const auto whole = Sha256Raw(AsBytes(text));
  Short first = {};
  std::copy_n(whole.begin(), first.size(), first.begin());
  return first;
}

Short PlaceDigest(const Artifact& artifact) {
  return ShortDigest(MergedPath(artifact.inner_path));
}

Short RightsDigest(const FileMetadata& meta) {
  const auto number = [](const auto& field) {
    return field ? std::to_string(*field) : std::string("-");
  };
  std::string text = fmt::format("{} {} {}", number(meta.mode),
                                 number(meta.uid), number(meta.gid));
  auto more = meta.xattrs;
  std::sort(more.begin(), more.end());
  for (const auto& [name, value] : more) {
    if (name == "security.capability" || name.substr(0, kAcl.size()) == kAcl) {
      text += fmt::format(" {}={}", name, HexOf(AsBytes(value)));
    }
  }
  return ShortDigest(text);
}

std::array<std::uint8_t, 32> ContentDigest(const Artifact& artifact) {
  std::array<std::uint8_t, 32> digest = {};
  const auto raw = BytesFromHex(artifact.sha256());
  if (raw && raw->size() == digest.size()) {
    std::copy(raw->begin(), raw->end(), digest.begin());
  }
  return digest;
}

std::string TextOf(const std::vector<Publication>& publications) {
  Json list = Json::array();
  for (const Publication& one : publications) {
    list.push_back({{"name", one.name},
                    {"sha256", one.sha256},
                    {"anchor", one.anchor},
                    {"signer", one.signer}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<ReferenceSet> ReferenceSet::Read(ByteSource content) {
  ReferenceSet set;
  ByteReader reader(content.bytes());
  const auto header = reader.Take<Header>();
  if (!header ||
      std::string_view(header->magic.data(), kMagic.size()) != kMagic) {
    return Fail(ErrorCode::kMalformed, "not a reference set");
  }
  if (header->version != kVersion) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("a reference set of version {}; this program reads "
                            "version {}",
                            std::uint32_t{header->version}, kVersion));
  }
  set.originals_ = header->originals;
  const std::uint64_t table = reader.remaining() / sizeof(Original);
  if (set.originals_ > table ||
      reader.remaining() - set.originals_ * sizeof(Original) != header->text) {
    return Fail(ErrorCode::kMalformed,
                "a reference set whose size is not what its head says");
  }
  const auto text =
      Slice(content.bytes(), sizeof(Header) + set.originals_ * sizeof(Original),
            header->text);
  const auto list = ParseJson(AsText(*text));
  if (!list || !list->is_array() || list->size() != header->publications) {
    return Fail(ErrorCode::kMalformed,
                "a reference set whose list of publications is damaged");
  }
  for (const Json& one : *list) {
    set.publications_.push_back({TextAt(one, "name"), TextAt(one, "sha256"),
                                 TextAt(one, "anchor"), TextAt(one, "signer")});
  }
  set.content_ = std::move(content);
  return set;
}

ReferenceSet::Found ReferenceSet::Find(const Artifact& artifact) const {
  Found found;
  if (!artifact.has_content || artifact.size == 0) {
    return found;
  }
  const auto at = [this](std::uint64_t index) {
    return ReadAt<Original>(content_.bytes(),
                            sizeof(Header) + index * sizeof(Original))
        .value_or(Original{});
  };
  const auto digest = ContentDigest(artifact);
  const Short place = PlaceDigest(artifact);
  const Short rights = RightsDigest(artifact.meta);
  const auto match_of = [&](const Original& original) {
    return original.place != place     ? OriginalMatch::kContent
           : original.rights != rights ? OriginalMatch::kPlace
                                       : OriginalMatch::kFile;
  };
  std::uint64_t low = 0;
  std::uint64_t high = originals_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (at(middle).digest < digest) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < originals_ && found.match != OriginalMatch::kFile; ++low) {
    const Original original = at(low);
    if (original.digest != digest) {
      break;
    }
    const OriginalMatch match = match_of(original);
    if (match > found.match && original.publication < publications_.size()) {
      found = {match, &publications_[original.publication]};
    }
  }
  return found;
}

void ReferenceBuilder::Add(const Publication& publication,
                           const Artifact& artifact) {
  if (artifact.size == 0 || artifact.sha256().empty()) {
    return;
  }
  const auto known = publications_.emplace(
      publication, static_cast<std::uint32_t>(publications_.size()));
  entries_.push_back({.digest = ContentDigest(artifact),
                      .place = PlaceDigest(artifact),
                      .rights = RightsDigest(artifact.meta),
                      .publication = known.first->second});
}

Bytes ReferenceBuilder::Finish() {
  std::vector<Publication> publications;
  std::vector<std::uint32_t> places(publications_.size());
  for (const auto& [publication, arrival] : publications_) {
    places[arrival] = static_cast<std::uint32_t>(publications.size());
    publications.push_back(publication);
  }
  for (Entry& entry : entries_) {
    entry.publication = places[entry.publication];
  }
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
  const std::string text = TextOf(publications);
  Bytes out = CopyOf(AsBytes(kMagic));
  out.reserve(sizeof(Header) + entries_.size() * sizeof(Original) +
              text.size());
  Append(out, kVersion);
  Append(out, static_cast<std::uint32_t>(publications.size()));
  Append(out, static_cast<std::uint64_t>(entries_.size()));
  Append(out, static_cast<std::uint64_t>(text.size()));
  for (const Entry& entry : entries_) {
    out.insert(out.end(), entry.digest.begin(), entry.digest.end());
    out.insert(out.end(), entry.place.begin(), entry.place.end());
    out.insert(out.end(), entry.rights.begin(), entry.rights.end());
    Append(out, entry.publication);
  }
  const ByteView tail = AsBytes(text);
  out.insert(out.end(), tail.begin(), tail.end());
  return out;
}

}  // namespace assay
