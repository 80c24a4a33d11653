// Whose packages a system installs: the keys that may sign them, and the
// places that they come from. apt-secure(8), sources.list(5), opkg and usign,
// apk-keys, rpm-gpg, pacman-key.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/openpgp_keys.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxKeyring = 1UL << 20U;
constexpr std::size_t kMaxKeys = 500;

struct Place {
  std::string_view folder = {};  // the path of the folder, or its end
  std::string_view store = {};
  bool all = false;  // its keys may sign every source
};

constexpr std::array<Place, 9> kPlaces = {{
    {"etc/apt/trusted.gpg.d", "apt", true},
    {"etc/apt/keyrings", "apt", false},
    {"usr/share/keyrings", "apt", false},
    {"etc/opkg/keys", "opkg", true},
    {"etc/apk/keys", "apk", true},
    {"usr/share/apk/keys", "apk", false},
    {"etc/pki/rpm-gpg", "rpm", false},
    {"etc/pacman.d/gnupg", "pacman", true},
    {"usr/share/pacman/keyrings", "pacman", true},
}};

const Place* PlaceOf(std::string_view path) {
  static constexpr Place kOldApt = {"", "apt", true};
  if (EndsWithPath(path, "etc/apt/trusted.gpg")) {
    return &kOldApt;
  }
  const std::string_view folder = Folder(path);
  const auto* const found = std::find_if(
      kPlaces.begin(), kPlaces.end(),
      [&](const Place& place) { return EndsWithPath(folder, place.folder); });
  return found == kPlaces.end() ? nullptr : found;
}

void AddKey(const Place& place, std::string value, std::string_view type,
            std::string holder, ByteView content, FactWriter& facts) {
  facts.Add({.kind = "package.key",
             .value = std::move(value),
             .attributes = {{"store", std::string(place.store)},
                            {"type", std::string(type)},
                            {"holder", std::move(holder)},
                            {"signs", place.all ? "all" : "named"}},
             .place = Range{0, content.size()}});
}

// usign and signify: a remark, then base64 of "Ed", the key's number and the
// key, 42 bytes.
void AddUsign(const Place& place, ByteView content, FactWriter& facts) {
  const auto lines = SplitLines(AsText(content));
  if (lines.size() < 2 || !lines[0].starts_with("untrusted comment:")) {
    return;
  }
  const auto key = FromBase64(Trim(lines[1]));
  if (key && key->size() == 42 && key->starts_with("Ed")) {
    AddKey(place, HexOf(AsBytes(key->substr(2, 8))), "usign", "", content,
           facts);
  }
}

void AddKeys(const Place& place, ByteView content, FactWriter& facts) {
  for (OpenpgpKey& key : OpenpgpKeysIn(content, kMaxKeys)) {
    AddKey(place, std::move(key.fingerprint), "openpgp", std::move(key.user_id),
           content, facts);
  }
  AddUsign(place, content, facts);
  if (AsText(content).starts_with("-----BEGIN PUBLIC KEY-----")) {
    AddKey(place, Sha256Hex(content), "rsa", "", content, facts);
  }
}

struct Source {
  std::string_view store = {};
  std::string_view url = {};
  std::string_view options = {};
};

bool SaysYes(std::string_view options, std::string_view name) {
  const std::size_t at = options.find(std::string(name) + "=");
  return at != std::string_view::npos &&
         options.substr(at + name.size() + 1).starts_with("yes");
}

void AddSource(const Source& source, Range place, FactWriter& facts) {
  const bool trusted = SaysYes(source.options, "trusted") ||
                       SaysYes(source.options, "allow-insecure");
  const bool named =
      source.options.find("signed-by=") != std::string_view::npos;
  facts.Add({.kind = "package.source",
             .value = std::string(source.url),
             .attributes = {{"store", std::string(source.store)},
                            {"checked", trusted ? "no" : ""},
                            {"key", named ? "named" : ""}},
             .place = place});
}

// "deb [options] URL suite ...", "src/gz NAME URL", or the URL alone.
Source SourceOf(std::string_view store, std::string_view line) {
  Source source{.store = store};
  const std::size_t open = line.find('[');
  const std::size_t close = line.find(']');
  if (open != std::string_view::npos && close != std::string_view::npos &&
      open < close &&
      line.substr(0, open).find("://") == std::string_view::npos) {
    source.options = line.substr(open + 1, close - open - 1);
    line = line.substr(close + 1);
  }
  for (const std::string_view word : Words(line, 8)) {
    if (source.url.empty() && word.find(':') != std::string_view::npos) {
      source.url = word.substr(0, word.find_first_of(" \t"));
    }
  }
  return source;
}

bool IsSourceLine(std::string_view store, std::string_view line) {
  if (store == "apt") {
    return line.starts_with("deb ") || line.starts_with("deb\t");
  }
  if (store == "opkg") {
    return line.starts_with("src ") || line.starts_with("src/");
  }
  return store == "apk" && !line.empty() && line[0] != '#';
}

void AddLines(std::string_view store, std::string_view text,
              FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const std::string_view trimmed = Trim(line->text);
    if (IsSourceLine(store, trimmed)) {
      const Source source = SourceOf(store, trimmed);
      if (!source.url.empty()) {
        AddSource(source, line->PlaceOf(trimmed), facts);
      }
    }
  }
}

// deb822: the fields of one paragraph; "URIs:" may name several.
void AddParagraphs(std::string_view text, FactWriter& facts) {
  std::string options;
  std::vector<std::pair<std::string_view, Range>> urls;
  const auto flush = [&] {
    for (const auto& [url, place] : urls) {
      AddSource({"apt", url, options}, place, facts);
    }
    urls.clear();
    options.clear();
  };
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const std::string_view trimmed = Trim(line->text);
    const std::size_t colon = trimmed.find(':');
    if (trimmed.empty()) {
      flush();
    } else if (trimmed[0] != '#' && colon != std::string_view::npos) {
      const std::string name = Lower(trimmed.substr(0, colon));
      const std::string_view value = Trim(trimmed.substr(colon + 1));
      if (name == "uris") {
        for (const std::string_view url : Words(value)) {
          urls.emplace_back(url, line->PlaceOf(url));
        }
      } else {
        AppendWord(options, name + "=" + Lower(value));
      }
    }
  }
  flush();
}

// Which tool reads the file as a list of sources, "" when none does.
std::string_view StoreOfSources(std::string_view path) {
  const std::string_view folder = BaseName(Folder(path));
  const std::string_view base = BaseName(path);
  if (base == "sources.list" || folder == "sources.list.d") {
    return "apt";
  }
  if (base == "opkg.conf" || folder == "opkg") {
    return "opkg";
  }
  return EndsWithPath(path, "etc/apk/repositories") ? "apk" : "";
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string_view path = PathOf(subject.artifact);
  if (subject.content.empty() || subject.content.size() > kMaxKeyring) {
    return false;
  }
  FactWriter facts("package_keys", subject, into);
  if (const Place* place = PlaceOf(path); place != nullptr) {
    AddKeys(*place, subject.content, facts);
    return false;
  }
  const std::string_view store = StoreOfSources(path);
  if (store.empty() || !IsText(subject.content)) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  if (path.ends_with(".sources")) {
    AddParagraphs(text, facts);
  } else {
    AddLines(store, text, facts);
  }
  return false;
}

}  // namespace

const Analysis kPackageKeys = {
    .name = "package_keys",
    .title = "Keys and sources of packages",
    .examine = Examine,
    .whole = true,
};

}  // namespace assay::facts
