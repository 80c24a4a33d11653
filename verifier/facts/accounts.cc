// Accounts and their passwords: passwd(5), shadow(5), master.passwd of the
// BSDs, htpasswd and htdigest of Apache httpd, and single records or hashes
// inside other files. A record is told by its fields, not by a pattern; the
// hash itself is only ever pointed at.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/password_hash.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxRecord = 1024;

// kHashList: like kHtpasswd, but told by content alone.
enum class Kind {
  kNone,
  kPasswd,
  kMasterPasswd,
  kShadow,
  kHtpasswd,
  kHashList,
  kDigest
};

using Fields = std::vector<std::string_view>;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c != 0x7F && c != '/' && c != ':' && c != '"' &&
                  c != '\'' && c != '$';
         });
}

bool IsNumberOrEmpty(std::string_view field) {
  return field.empty() || NumberOf(field).has_value();
}

bool IsPath(std::string_view field) {
  return field.substr(0, 1) == "/";
}

bool IsPasswd(const Fields& fields) {
  return fields.size() == 7 && IsName(fields[0]) && NumberOf(fields[2]) &&
         NumberOf(fields[3]) && (fields[6].empty() || IsPath(fields[6])) &&
         fields[1].find_first_of(" \t") == std::string_view::npos;
}

bool IsMasterPasswd(const Fields& fields) {
  return fields.size() == 10 && IsName(fields[0]) && NumberOf(fields[2]) &&
         NumberOf(fields[3]) && NumberOf(fields[5]) && NumberOf(fields[6]) &&
         (fields[9].empty() || IsPath(fields[9]));
}

bool IsShadow(const Fields& fields) {
  return fields.size() == 9 && IsName(fields[0]) &&
         fields[1].find_first_of(" \t/") != 0 &&
         JudgePasswordField(fields[1]).state != "plain" &&
         std::all_of(fields.begin() + 2, fields.begin() + 8, IsNumberOrEmpty);
}

// Servers that do not know a hash's form compare the text itself.
bool IsHtpasswd(const Fields& fields) {
  return fields.size() == 2 && IsName(fields[0]) && !fields[1].empty() &&
         fields[1].find_first_of(" \t<>\"") == std::string_view::npos;
}

// DES hashes are left out: any word of 13 letters looks like one.
bool IsHashList(const Fields& fields) {
  const auto hash = fields.size() >= 2 ? HashField(fields[1]) : std::nullopt;
  return hash && IsName(fields[0]) && hash->scheme != "des" &&
         hash->scheme != "bsdi";
}

bool IsDigest(const Fields& fields) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return fields.size() == 3 && IsName(fields[0]) && fields[2].size() == 32 &&
         fields[2].find_first_not_of(kHex) == std::string_view::npos;
}

bool Is(Kind kind, const Fields& fields) {
  switch (kind) {
    case Kind::kPasswd:
      return IsPasswd(fields);
    case Kind::kMasterPasswd:
      return IsMasterPasswd(fields);
    case Kind::kShadow:
      return IsShadow(fields);
    case Kind::kHtpasswd:
      return IsHtpasswd(fields);
    case Kind::kHashList:
      return IsHashList(fields);
    case Kind::kDigest:
      return IsDigest(fields);
    case Kind::kNone:
      break;
  }
  return false;
}

bool IsBlank(std::string_view line) {
  const std::string_view text = Trim(line);
  return text.empty() || text[0] == '#';
}

// Entries that pull in a directory service (passwd(5), "compat" mode).
bool IsCompat(std::string_view line) {
  return line[0] == '+' || line[0] == '-';
}

Kind KindByName(std::string_view path) {
  const std::string base = Lower(BaseName(path));
  const auto has = [&](std::string_view part) {
    return base.find(part) != std::string::npos;
  };
  if (has("htdigest")) {
    return Kind::kDigest;
  }
  if (has("htpasswd")) {
    return Kind::kHtpasswd;
  }
  if (has("shadow") && !has("gshadow")) {
    return Kind::kShadow;
  }
  if (has("master.passwd")) {
    return Kind::kMasterPasswd;
  }
  return has("passwd") ? Kind::kPasswd : Kind::kNone;
}

// Files that a login program reads line by line, passing over bad lines: one
// bad line must not hide the others from us either.
bool IsExactName(std::string_view path) {
  const std::string_view base = BaseName(path);
  for (const std::string_view name :
       {"passwd", "passwd-", "shadow", "shadow-", "master.passwd", ".htpasswd",
        ".htdigest"}) {
    if (base == name) {
      return true;
    }
  }
  return false;
}

struct Census {
  std::size_t records = 0;
  std::size_t others = 0;
};

// `patience`: how many lines that are no records to bear.
Census Count(std::string_view text, Kind kind, std::size_t patience) {
  Census census;
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    if (IsBlank(line->text) || IsCompat(line->text)) {
      continue;
    }
    const bool record =
        line->text.size() <= kMaxRecord && Is(kind, Split(line->text, ':'));
    ++(record ? census.records : census.others);
    if (census.others > patience) {
      break;
    }
  }
  return census;
}

Kind KindOf(std::string_view path, std::string_view text) {
  const Kind named = KindByName(path);
  if (named != Kind::kNone) {
    const Census census = Count(text, named, ~std::size_t{0});
    if (census.records > 0 &&
        (IsExactName(path) || census.records >= census.others)) {
      return named;
    }
  }
  for (const Kind kind :
       {Kind::kPasswd, Kind::kMasterPasswd, Kind::kShadow, Kind::kHashList}) {
    const Census census = Count(text, kind, 0);
    if (census.records > 0 && census.others == 0) {
      return kind;
    }
  }
  return Kind::kNone;
}

void AddPassword(const Fields& fields, const PasswordField& password,
                 Range place, FactWriter& facts) {
  facts.Add({.kind = "password.hash",
             .value = std::string(fields[0]),
             .attributes = {{"scheme", std::string(password.scheme)},
                            {"state", std::string(password.state)}},
             .place = place});
}

void AddRecord(Kind kind, const Fields& fields, const Line& line,
               FactWriter& facts) {
  if (kind == Kind::kDigest) {
    AddPassword(fields, {"htdigest", "hash"}, line.PlaceOf(fields[2]), facts);
    return;
  }
  const PasswordField password = JudgePasswordField(fields[1]);
  if (kind == Kind::kPasswd || kind == Kind::kMasterPasswd) {
    const std::size_t home = kind == Kind::kPasswd ? 5 : 8;
    facts.Add({.kind = "account",
               .value = std::string(fields[0]),
               .attributes = {{"uid", std::string(fields[2])},
                              {"gid", std::string(fields[3])},
                              {"home", std::string(fields[home])},
                              {"shell", std::string(fields[home + 1])},
                              {"password", std::string(password.state)}},
               .place = line.PlaceOf(line.text)});
    if (password.state == "shadow" || password.state == "none") {
      return;
    }
  }
  AddPassword(fields, password, line.PlaceOf(fields[1]), facts);
}

void AddRecords(Kind kind, std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    if (!IsBlank(line->text) && line->text.size() <= kMaxRecord) {
      const Fields fields = Split(line->text, ':');
      if (Is(kind, fields)) {
        AddRecord(kind, fields, *line, facts);
      }
    }
  }
}

// The printable text around `at` that quotes, line breaks or NUL end.
Line TextAround(std::string_view text, std::size_t at) {
  constexpr std::string_view kEnds("\0\n\r\"'`<>|&;\\", 12);
  const std::size_t from = at - std::min(at, kMaxRecord / 2);
  const std::size_t before = text.substr(from, at - from).find_last_of(kEnds);
  const std::size_t start =
      before == std::string_view::npos ? from : from + before + 1;
  const std::string_view rest = text.substr(start, kMaxRecord);
  return {rest.substr(0, rest.find_first_of(kEnds)), start};
}

// Whether ":0:0:" at `at` is followed by "gecos:/home:/": cheap, since binaries
// and hostile files can be full of it.
bool PathsFollow(std::string_view text, std::size_t at) {
  std::size_t field = at + 5;
  for (int i = 0; i < 2; ++i) {
    const std::size_t length = text.substr(field, 128).find(':');
    field += length + 1;
    if (length == std::string_view::npos || field >= text.size() ||
        text[field] != '/') {
      return false;
    }
  }
  return true;
}

// Whether "name:field" stands before `at`, and not in a longer record or path.
bool NamePrecedes(std::string_view text, std::size_t at) {
  const std::size_t from = at - std::min<std::size_t>(at, 160);
  const std::string_view before = text.substr(from, at - from);
  const std::size_t colon = before.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string_view left = before.substr(0, colon);
  const std::size_t end =
      left.find_last_of(std::string_view("\0\n\r\t \"'`:/=>(,", 14));
  return end == std::string_view::npos
             ? from == 0
             : end + 1 < left.size() && left[end] != ':' && left[end] != '/';
}

// A passwd record of uid 0 anywhere: "name:field:0:0:gecos:/home:/shell".
void AddEmbeddedRoots(std::string_view text, FactWriter& facts) {
  constexpr std::string_view kRoot = ":0:0:";
  for (std::size_t at = text.find(kRoot);
       at != std::string_view::npos && !facts.full();
       at = text.find(kRoot, at + kRoot.size())) {
    if (!PathsFollow(text, at) || !NamePrecedes(text, at)) {
      continue;
    }
    Line line = TextAround(text, at);
    const std::size_t blank = line.text.substr(0, at - line.offset).rfind(' ');
    if (blank != std::string_view::npos) {
      line.text.remove_prefix(blank + 1);
      line.offset += blank + 1;
    }
    Fields fields = Split(line.text, ':');
    if (fields.size() == 7) {
      fields[6] = fields[6].substr(0, fields[6].find(' '));
    }
    if (IsPasswd(fields) && IsPath(fields[5]) && IsPath(fields[6])) {
      AddRecord(Kind::kPasswd, fields, line, facts);
    }
  }
}

// Cheap: most "$" are machine code or variables.
bool MayBeHash(std::string_view text) {
  return text.size() > 24 &&
         std::string_view("12567agmsy").find(text[1]) !=
             std::string_view::npos &&
         text.substr(2, 4).find('$') != std::string_view::npos;
}

// Modular crypt hashes anywhere, with the word before a ':' as user.
void AddEmbeddedHashes(std::string_view text, FactWriter& facts) {
  std::size_t at = text.find('$');
  while (at != std::string_view::npos && !facts.full()) {
    const std::string_view rest = text.substr(at, 512);
    const auto hash = MayBeHash(rest) ? ModularHashAt(rest) : std::nullopt;
    if (hash) {
      const std::string_view before = text.substr(
          at - std::min<std::size_t>(at, 65), std::min<std::size_t>(at, 65));
      std::string_view user;
      if (!before.empty() && before.back() == ':') {
        user = before.substr(0, before.size() - 1);
        user.remove_prefix(
            user.find_last_of(std::string_view("\0\n\r\t \"':", 8)) + 1);
      }
      AddPassword({IsName(user) ? user : std::string_view()},
                  {hash->scheme, "hash"}, {at, hash->length}, facts);
    }
    at = text.find('$', at + (hash ? hash->length : 1));
  }
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty()) {
    return false;
  }
  const std::string_view path = PathOf(subject.artifact);
  const std::string_view text = AsText(subject.content);
  FactWriter facts("accounts", subject, into);
  if (text.size() <= kMaxTextFile &&
      (IsText(subject.content) || IsExactName(path))) {
    const Kind kind = KindOf(path, text);
    if (kind != Kind::kNone) {
      AddRecords(kind, text, facts);
      return true;
    }
  }
  AddEmbeddedRoots(text, facts);
  AddEmbeddedHashes(text, facts);
  return false;
}

}  // namespace

const Analysis kAccounts = {
    .name = "accounts",
    .title = "Accounts and password fields",
    .examine = Examine,
};

}  // namespace assay::facts
