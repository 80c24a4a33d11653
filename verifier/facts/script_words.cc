#include "verifier/facts/script_words.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "verifier/base/text.h"

namespace assay::facts {
namespace {

using Source = ScriptSource;
using Effect = ScriptEffect;

constexpr std::size_t kMaxName = 128;

template <std::size_t N>
bool OneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsLetter(char c) {
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'z';
}

// "word" of last_word, lastWord2, $last-word; in lower case.
std::string LastWord(std::string_view name) {
  name = name.substr(name.size() - std::min(name.size(), kMaxName));
  while (!name.empty() && IsDigit(name.back())) {
    name.remove_suffix(1);
  }
  std::size_t start = name.size();
  while (start > 0 && IsLetter(name[start - 1])) {
    const bool begins = IsUpper(name[start - 1]) && start < name.size() &&
                        !IsUpper(name[start]);
    --start;
    if (begins) {
      break;
    }
    if (start > 0 && IsUpper(name[start]) && !IsUpper(name[start - 1])) {
      break;
    }
  }
  return Lower(name.substr(start));
}

constexpr std::string_view kSecrets[] = {
    "password", "passwd", "passphrase", "passcode", "pwd",    "pass",
    "pw",       "secret", "pin",        "psk",      "authtok"};
constexpr std::string_view kRelated[] = {
    "token",       "key",      "apikey", "auth",      "authorization",
    "cookie",      "agent",    "sid",    "session",   "referer",
    "header",      "kid",      "otp",    "cred",      "credential",
    "credentials", "magic",    "phrase", "challenge", "response",
    "answer",      "signature"};
constexpr std::string_view kOwners[] = {"user",  "username", "account",
                                        "login", "name",     "email"};
// What stands for a kind of field rather than for a secret.
constexpr std::string_view kOrdinary[] = {
    "password", "passwd",    "none",     "null",  "true",
    "false",    "undefined", "string",   "text",  "secret",
    "hidden",   "required",  "optional", "auto",  "basic",
    "plain",    "default",   "prompt",   "object"};
constexpr std::string_view kAdministrators[] = {
    "admin", "administrator", "root", "superuser", "sysadmin", "superadmin"};
constexpr std::string_view kRoles[] = {
    "role",   "roles",  "level",      "privilege", "privileges",
    "rights", "perms",  "permission", "scopes",    "permissions",
    "group",  "groups", "grants"};
constexpr std::string_view kAccounts[] = {"user", "account", "identity",
                                          "principal", "username"};
constexpr std::string_view kSuccesses[] = {
    "authenticated", "authorized", "authorised", "granted",  "allowed",
    "loggedin",      "valid",      "ok",         "verified", "authed"};
constexpr std::string_view kProofs[] = {"payload",   "claims",  "user",
                                        "account",   "session", "identity",
                                        "principal", "profile"};

struct Function {
  std::string_view name;
  Source::Bits sources;
};
constexpr Function kPythonSources[] = {
    {"time.time", Source::kClock},
    {"time.localtime", Source::kClock},
    {"time.gmtime", Source::kClock},
    {"datetime.date.today", Source::kClock},
    {"datetime.datetime.now", Source::kClock},
    {"datetime.datetime.today", Source::kClock},
    {"datetime.datetime.utcnow", Source::kClock},
    {"date.today", Source::kClock},
    {"datetime.now", Source::kClock},
    {"datetime.utcnow", Source::kClock},
    {"socket.gethostname", Source::kHost},
    {"socket.getfqdn", Source::kHost},
    {"platform.node", Source::kHost},
    {"platform.uname", Source::kHost},
    {"os.uname", Source::kHost},
    {"uuid.getnode", Source::kHost},
    {"getpass.getuser", Source::kHost},
    {"os.getlogin", Source::kHost},
    {"locale.getlocale", Source::kHost},
    {"locale.getdefaultlocale", Source::kHost},
    {"time.tzname", Source::kHost},
    {"random.random", Source::kRandom},
    {"random.randint", Source::kRandom},
    {"random.randrange", Source::kRandom},
    {"secrets.randbelow", Source::kRandom},
    {"getpass.getpass", Source::kCredential},
    {"resp.resp", Source::kCredential},  // of a conversation of PAM
    {"response.resp", Source::kCredential},
    {"input", Source::kRelated},
    {"os.environ", Source::kEnvironment},
    {"os.environ.get", Source::kEnvironment},
    {"os.getenv", Source::kEnvironment},
    {"sys.argv", Source::kEnvironment}};
constexpr Function kJavascriptSources[] = {
    {"Date", Source::kClock},
    {"Date.now", Source::kClock},
    {"os.hostname", Source::kHost},
    {"os.userInfo", Source::kHost},
    {"os.networkInterfaces", Source::kHost},
    {"Intl.DateTimeFormat", Source::kHost},
    {"navigator.language", Source::kHost},
    {"Math.random", Source::kRandom},
    {"crypto.randomInt", Source::kRandom},
    {"process.env", Source::kEnvironment},
    {"process.argv", Source::kEnvironment}};
constexpr Function kPhpSources[] = {
    {"time", Source::kClock},
    {"date", Source::kClock},
    {"gmdate", Source::kClock},
    {"getdate", Source::kClock},
    {"gethostname", Source::kHost},
    {"php_uname", Source::kHost},
    {"date_default_timezone_get", Source::kHost},
    {"rand", Source::kRandom},
    {"mt_rand", Source::kRandom},
    {"random_int", Source::kRandom},
    {"getenv", Source::kEnvironment},
    {"readline", Source::kRelated},
    {"$argv", Source::kEnvironment}};
constexpr Function kLuaSources[] = {{"os.time", Source::kClock},
                                    {"os.date", Source::kClock},
                                    {"math.random", Source::kRandom},
                                    {"os.getenv", Source::kEnvironment},
                                    {"socket.dns.gethostname", Source::kHost},
                                    {"luci.sys.hostname", Source::kHost},
                                    {"io.read", Source::kRelated}};
constexpr Function kPerlSources[] = {{"time", Source::kClock},
                                     {"localtime", Source::kClock},
                                     {"gmtime", Source::kClock},
                                     {"hostname", Source::kHost},
                                     {"sys.hostname.hostname", Source::kHost},
                                     {"getlogin", Source::kHost},
                                     {"posix.uname", Source::kHost},
                                     {"rand", Source::kRandom},
                                     {"$ENV", Source::kEnvironment},
                                     {"$ARGV", Source::kEnvironment}};
constexpr std::span<const Function> kSources[] = {
    kPythonSources, kJavascriptSources, kPhpSources, kLuaSources, kPerlSources};

constexpr std::string_view kCarriers[] = {
    "md5",          "sha1",        "sha224",        "sha256",
    "sha384",       "sha512",      "blake2b",       "blake2s",
    "sha3_256",     "sha3_512",    "new",           "hash",
    "crypt",        "digest",      "hexdigest",     "update",
    "createhash",   "encode",      "decode",        "lower",
    "upper",        "strip",       "rstrip",        "trim",
    "tolowercase",  "touppercase", "strtolower",    "strtoupper",
    "tostring",     "str",         "string",        "bytes",
    "bytearray",    "b64encode",   "base64_encode", "buffer.from",
    "from",         "hex",         "hexlify",       "bin2hex",
    "int",          "number",      "parseint",      "tonumber",
    "intval",       "replace",     "md5sum",        "sumhexa",
    "stripslashes", "ord",         "charcodeat",    "codepointat",
    "byte",         "crc32",       "adler32",       "sum",
    "reduce",       "normalize",   "md5_hex",       "sha1_hex",
    "sha256_hex",   "sha384_hex",  "sha512_hex",    "md5_base64",
    "sha256_base64"};

struct Comparing {
  std::string_view name;
  ScriptComparison comparison;
};
constexpr Comparing kComparing[] = {
    {"compare_digest", ScriptComparison::kSame},
    {"hash_equals", ScriptComparison::kSame},
    {"timingSafeEqual", ScriptComparison::kSame},
    {"equals", ScriptComparison::kSame},
    {"compareSync", ScriptComparison::kSame},
    {"password_verify", ScriptComparison::kSame},
    {"checkpw", ScriptComparison::kSame},
    {"check_password_hash", ScriptComparison::kSame},
    {"checkPassword", ScriptComparison::kSame},
    {"strcmp", ScriptComparison::kDifference},
    {"strcasecmp", ScriptComparison::kDifference},
    {"strncmp", ScriptComparison::kDifference},
    {"localeCompare", ScriptComparison::kDifference},
    {"isEqual", ScriptComparison::kSame},
    {"verify_password", ScriptComparison::kSame},
    {"startswith", ScriptComparison::kAffix},
    {"endswith", ScriptComparison::kAffix},
    {"startsWith", ScriptComparison::kAffix},
    {"endsWith", ScriptComparison::kAffix},
    {"str_starts_with", ScriptComparison::kAffix},
    {"str_ends_with", ScriptComparison::kAffix},
    {"in_array", ScriptComparison::kElement},
    {"includes", ScriptComparison::kElement},
    {"contains", ScriptComparison::kElement},
    {"has", ScriptComparison::kElement}};

bool IsTrue(const ScriptValue& value) {
  const std::string_view text =
      value.constant() ? value.text : value.reference.last();
  return text == "1" || text == "PAM_SUCCESS" ||
         Lower(text.substr(0, 5)) == "true";
}

bool IsAdministrator(const ScriptValue& value) {
  return value.constant() && value.text.size() < kMaxName &&
         OneOf(Lower(value.text), kAdministrators);
}

// At least eight characters that nobody would choose as a name of something:
// of one word with two digits, or of three kinds of characters.
bool LooksSecret(std::string_view text) {
  constexpr std::size_t kLeast = 8;
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f; };
  const auto is_lower = [](char c) { return IsLetter(c) && !IsUpper(c); };
  const auto is_other = [](char c) { return !IsLetter(c) && !IsDigit(c); };
  const auto has = [&](auto kind) {
    return std::any_of(text.begin(), text.end(), kind);
  };
  if (text.size() < kLeast || text.size() > kMaxName || text.front() == '/' ||
      !has(IsLetter) || !std::all_of(text.begin(), text.end(), plain)) {
    return false;
  }
  const auto digits = std::count_if(text.begin(), text.end(), IsDigit);
  const bool words = text.find(' ') != std::string_view::npos;
  const int kinds = (has(is_lower) ? 1 : 0) + (has(IsUpper) ? 1 : 0) +
                    (digits > 0 ? 1 : 0) + (has(is_other) ? 1 : 0);
  return (digits >= 2 && !words) || (digits >= 1 && kinds >= 3);
}

bool IsDigest(std::string_view text) {
  static constexpr std::size_t kSizes[] = {32, 40, 56, 64, 96, 128};
  const auto hex = [](char c) {
    const char low = static_cast<char>(c | 0x20);
    return IsDigit(c) || (low >= 'a' && low <= 'f');
  };
  return std::find(std::begin(kSizes), std::end(kSizes), text.size()) !=
             std::end(kSizes) &&
         std::all_of(text.begin(), text.end(), hex);
}

}  // namespace

ScriptSource::Bits CredentialOf(std::string_view name) {
  static constexpr std::string_view kPlaces[] = {
      "lat", "lon", "lng", "latitude", "longitude", "gps", "gnss", "geofence"};
  const std::string word = LastWord(name);
  if (OneOf(word, kPlaces)) {
    return Source::kPlace;
  }
  return OneOf(word, kSecrets)   ? Source::kCredential
         : OneOf(word, kRelated) ? Source::kRelated
         : OneOf(word, kOwners)  ? Source::kAccount
                                 : Source::Bits{0};
}

ScriptSource::Bits SourceOf(ScriptLanguage language, std::string_view name) {
  const auto& known = kSources[static_cast<std::size_t>(language)];
  const auto found =
      std::find_if(known.begin(), known.end(),
                   [&](const Function& one) { return one.name == name; });
  return found == known.end() ? Source::Bits{0} : found->sources;
}

bool Carries(std::string_view function) {
  return function.size() < kMaxName && OneOf(Lower(function), kCarriers);
}

bool MakesDate(std::string_view function) {
  static constexpr std::string_view kMakers[] = {
      "datetime.date",
      "datetime.datetime",
      "date",
      "datetime",
      "Date",
      "Date.UTC",
      "Date.parse",
      "strtotime",
      "mktime",
      "datetime.date.fromisoformat",
      "datetime.datetime.fromisoformat",
      "datetime.datetime.strptime",
      "time.mktime",
      "time.strptime"};
  return OneOf(function, kMakers);
}

ScriptComparison ComparisonOf(std::string_view function) {
  const auto* found =
      std::find_if(std::begin(kComparing), std::end(kComparing),
                   [&](const Comparing& one) { return one.name == function; });
  return found == std::end(kComparing) ? ScriptComparison::kNone
                                       : found->comparison;
}

std::uint8_t EffectOfReturn(const ScriptValue& value) {
  static constexpr std::string_view kNothing[] = {
      "",     "False", "false",     "FALSE", "None", "null",
      "NULL", "nil",   "undefined", "0",     "401",  "403"};
  if (value.grants != 0) {
    return value.grants;
  }
  if (IsAdministrator(value)) {
    return Effect::kPrivilege;
  }
  if (IsTrue(value)) {
    return Effect::kSuccess;
  }
  const bool plain = value.reference.count == 1 && !value.constant();
  const std::string_view name = value.constant() ? value.text
                                : plain          ? value.reference.last()
                                                 : "?";
  if (OneOf(name, kNothing)) {
    return Effect::kDenies;
  }
  return plain && OneOf(LastWord(name), kProofs) ? Effect::kSuccess
                                                 : std::uint8_t{0};
}

std::uint8_t EffectOfAssignment(std::string_view name,
                                const ScriptValue& value) {
  const std::string word = LastWord(name);
  const bool account = OneOf(word, kAccounts);
  if (IsAdministrator(value)) {
    return Effect::kPrivilege;
  }
  static constexpr std::string_view kSessions[] = {
      "request", "req", "session", "$_SESSION", "g", "ctx", "state"};
  const std::size_t dot = name.rfind('.');
  const std::string_view object =
      name.substr(0, dot == std::string_view::npos ? 0 : dot);
  const bool session =
      account && OneOf(object.substr(object.rfind('.') + 1), kSessions);
  if (session && EffectOfReturn(value) != Effect::kDenies) {
    return Effect::kPrivilege;
  }
  if (account && value.grants != 0) {
    return Effect::kPrivilege;
  }
  const bool zero = value.constant() && value.text == "0";
  if ((OneOf(word, kAdministrators) && IsTrue(value)) ||
      ((word == "uid" || word == "euid") && zero)) {
    return Effect::kPrivilege;
  }
  return OneOf(word, kSuccesses) && IsTrue(value) ? Effect::kSuccess
                                                  : std::uint8_t{0};
}

std::uint8_t EffectOfElement(std::string_view key, const ScriptValue& value) {
  const std::uint8_t effect = EffectOfAssignment(key, value);
  const std::string word = LastWord(key);
  const bool role = OneOf(word, kRoles);
  return effect != 0 ? effect : role ? Effect::kSuccess : std::uint8_t{0};
}

std::uint8_t EffectOfCall(std::string_view function, const ScriptValue* first) {
  static constexpr std::string_view kStops[] = {
      "exit", "die", "sys.exit", "abort", "process.exit", "os.exit"};
  static constexpr std::string_view kAnswers[] = {
      "status", "sendStatus",         "writeHead",
      "header", "http_response_code", "abort"};
  static constexpr std::string_view kNexts[] = {"next", "done", "call_next",
                                                "$next", "self.get_response"};
  // What makes the caller somebody without having asked.
  static constexpr std::string_view kLogins[] = {
      "login_user",   "wp_set_auth_cookie", "wp_set_current_user",
      "loginUsingId", "force_login",        "logIn"};
  if (OneOf(function, kNexts)) {
    return Effect::kNext;
  }
  if (OneOf(function, kStops)) {
    return Effect::kDenies;
  }
  const std::string_view last =
      function.substr(function.rfind('.') + 1);  // npos + 1 is 0
  if (OneOf(last, kLogins)) {
    return Effect::kPrivilege;
  }
  const bool refused =
      first != nullptr && first->constant() &&
      (first->text == "401" || first->text == "403" ||
       first->text.find("Location:") != std::string_view::npos);
  return refused && OneOf(last, kAnswers) ? Effect::kDenies : std::uint8_t{0};
}

ScriptComparand ComparandOf(const ScriptValue& value) {
  constexpr std::size_t kLeast = 4;  // of what nobody meets by chance
  if (value.fixed) {
    return ScriptComparand::kComposed;
  }
  if (!value.constant() || value.text.size() < kLeast) {
    return ScriptComparand::kNone;
  }
  if (value.number) {
    return ScriptComparand::kNumber;
  }
  if (IsDigest(value.text)) {
    return ScriptComparand::kDigest;
  }
  if (value.composed) {
    return ScriptComparand::kComposed;
  }
  if (value.text.size() < kMaxName && OneOf(Lower(value.text), kOrdinary)) {
    return ScriptComparand::kNone;
  }
  return LooksSecret(value.text) ? ScriptComparand::kText
                                 : ScriptComparand::kWord;
}

}  // namespace assay::facts
