// Where the data of a request come from, and what names secrets.

#include <algorithm>
#include <span>

#include "verifier/facts/script_functions.h"

namespace assay::facts {
namespace {

struct Source {
  std::string_view object;  // "": any name stands alone
  std::string_view member;  // with "*" at its end: what begins so
  bool cgi = false;
};

// Members of the object that stands for a request; "post", "read" and the like
// are methods of aiohttp and Starlette that give its body.
constexpr std::string_view kPythonRequest[] = {
    "args",         "form",         "values",     "json",      "get_json",
    "data",         "get_data",     "headers",    "cookies",   "files",
    "query_string", "query_params", "GET",        "POST",      "META",
    "body",         "query",        "forms",      "params",    "matchdict",
    "json_body",    "match_info",   "rel_url",    "post",      "text",
    "read",         "stream",       "full_path",  "path",      "path_params",
    "url",          "view_args",    "arguments",  "media",     "FILES",
    "COOKIES",      "get_argument", "get_header", "get_param", "authorization"};
constexpr std::string_view kJavascriptRequest[] = {"query",
                                                   "body",
                                                   "params",
                                                   "headers",
                                                   "cookies",
                                                   "url",
                                                   "payload",
                                                   "rawHeaders",
                                                   "signedCookies",
                                                   "files",
                                                   "get",
                                                   "header",
                                                   "param",
                                                   "originalUrl",
                                                   "rawBody",
                                                   "raw",
                                                   "path",
                                                   "hostname",
                                                   "rawPath",
                                                   "pathParameters",
                                                   "queryStringParameters"};
constexpr std::string_view kPhpRequest[] = {
    "query",   "request",       "headers", "cookies",       "files",
    "get",     "input",         "post",    "all",           "getContent",
    "header",  "json",          "cookie",  "getParsedBody", "getQueryParams",
    "getBody", "getHeaderLine", "params",  "getParam",      "getHeader",
    "getPost", "getQueryParam"};

constexpr std::string_view kPythonObjects[] = {"request", "req"};
constexpr std::string_view kJavascriptObjects[] = {"req", "request", "event"};
constexpr std::string_view kPhpObjects[] = {"$request", "$req"};

struct RequestObject {
  std::span<const std::string_view> names;
  std::span<const std::string_view> members;
};
constexpr RequestObject kRequestObjects[] = {
    {kPythonObjects, kPythonRequest},
    {kJavascriptObjects, kJavascriptRequest},
    {kPhpObjects, kPhpRequest},
    {},
    {},
};

constexpr Source kPythonSources[] = {
    {"environ", "QUERY_STRING"},
    {"environ", "PATH_INFO"},
    {"environ", "REQUEST_URI"},
    {"environ", "HTTP_*"},
    {"environ", "wsgi.input"},
    {"self", "rfile"},
    {"self", "path"},
    {"self", "headers"},
    {"sys", "stdin", true},
};
constexpr Source kJavascriptSources[] = {
    {"ctx", "query"},        {"ctx", "params"}, {"ctx", "get"},
    {"ctx", "headers"},      {"ctx", "url"},    {"ctx", "cookies"},
    {"env", "QUERY_STRING"}, {"env", "HTTP_*"}, {"env", "PATH_INFO"},
};
constexpr Source kPhpSources[] = {
    {"", "$_GET"},
    {"", "$_POST"},
    {"", "$_REQUEST"},
    {"", "$_COOKIE"},
    {"", "$_FILES"},
    {"", "$HTTP_RAW_POST_DATA"},
    {"$GLOBALS", "_GET"},
    {"$GLOBALS", "_POST"},
    {"$GLOBALS", "_REQUEST"},
    {"$GLOBALS", "_COOKIE"},
    {"$_SERVER", "HTTP_*"},
    {"$_SERVER", "QUERY_STRING"},
    {"$_SERVER", "REQUEST_URI"},
    {"$_SERVER", "PATH_INFO"},
    {"$_SERVER", "PHP_AUTH_*"},
    {"$_SERVER", "argv", true},
};
constexpr Source kLuaSources[] = {
    {"req", "get_uri_args"},  {"req", "get_post_args"}, {"req", "get_headers"},
    {"req", "get_body_data"}, {"var", "arg_*"},         {"var", "http_*"},
    {"var", "cookie_*"},      {"var", "args"},          {"var", "query_string"},
    {"var", "request_uri"},   {"var", "request_body"},  {"cgilua", "QUERY"},
    {"cgilua", "POST"},       {"http", "formvalue"},    {"io", "stdin", true},
    {"io", "read", true},     {"env", "QUERY_STRING"},  {"env", "HTTP_*"},
    {"env", "headers"},       {"env", "REQUEST_URI"},   {"env", "PATH_INFO"},
    {"self", "params"},
};

constexpr std::string_view kPythonGlobals[] = {"builtins", "__builtins__",
                                               "__builtin__"};
constexpr std::string_view kJavascriptGlobals[] = {"globalThis", "window",
                                                   "global", "self", "this"};
constexpr std::string_view kLuaGlobals[] = {"_G", "_ENV"};

// CGI.pm, Mojolicious, Dancer; a server's variables.
constexpr Source kPerlSources[] = {
    {"$ENV", "HTTP_*"},    {"$ENV", "QUERY_STRING"}, {"$ENV", "PATH_INFO"},
    {"$ENV", "REQUEST_*"}, {"", "STDIN", true},      {"", "$FORM", true},
    {"", "$in", true},     {"$self", "param"},       {"$c", "param"},
};
constexpr std::span<const Source> kSources[] = {
    kPythonSources, kJavascriptSources, kPhpSources, kLuaSources, kPerlSources};
constexpr std::span<const std::string_view> kGlobals[] = {
    kPythonGlobals, kJavascriptGlobals, {}, kLuaGlobals, {}};

bool Fits(std::string_view pattern, std::string_view name) {
  return pattern.back() == '*'
             ? name.starts_with(pattern.substr(0, pattern.size() - 1))
             : name == pattern;
}

}  // namespace

bool IsRequest(ScriptLanguage language, std::string_view object,
               std::string_view member, bool cgi) {
  const RequestObject& request =
      kRequestObjects[static_cast<std::size_t>(language)];
  const auto in = [](std::span<const std::string_view> names,
                     std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (in(request.names, object)) {
    return in(request.members, member);
  }
  const auto sources = kSources[static_cast<std::size_t>(language)];
  return std::any_of(sources.begin(), sources.end(), [&](const Source& one) {
    return Fits(one.member, member) && one.object == object &&
           (cgi || !one.cgi);
  });
}

bool NamesSecrets(std::string_view path) {
  // Files in which programs keep keys, passwords and sessions.
  static constexpr std::string_view kFiles[] = {"etc/shadow",
                                                ".ssh",
                                                ".aws",
                                                ".npmrc",
                                                ".netrc",
                                                ".git-credentials",
                                                ".kube",
                                                ".docker/config.json",
                                                ".gnupg",
                                                ".config/gcloud",
                                                ".config/gh/hosts.yml",
                                                ".bash_history",
                                                "wallet.dat",
                                                "Login Data",
                                                "logins.json",
                                                "key4.db",
                                                ".electrum/wallets"};
  constexpr std::size_t kMaxPath = 256;
  if (path.size() > kMaxPath) {
    return false;
  }
  return std::any_of(
      std::begin(kFiles), std::end(kFiles), [&](std::string_view file) {
        const std::size_t at = path.find(file);
        const std::size_t end = at + file.size();
        return at != std::string_view::npos &&
               (at == 0 || path[at - 1] == '/' || path[at - 1] == '\\') &&
               (end == path.size() || path[end] == '/' || path[end] == '\\');
      });
}

bool IsWholeEnvironment(ScriptLanguage language, const ScriptReference& name) {
  switch (language) {
    case ScriptLanguage::kPython:
      return name.count == 2 && name.parts[0] == "os" &&
             name.parts[1] == "environ";
    case ScriptLanguage::kJavascript:
      return name.count == 2 && name.parts[0] == "process" &&
             name.parts[1] == "env";
    case ScriptLanguage::kPhp:
      return name.count == 1 && name.parts[0] == "$_ENV";
    case ScriptLanguage::kPerl:
      return name.count == 1 && name.parts[0] == "$ENV";
    case ScriptLanguage::kLua:
      break;
  }
  return false;
}

bool IsRequestVariable(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "QUERY_STRING", "PATH_INFO", "REQUEST_URI", "PATH_TRANSLATED", "HTTP_*"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view one) { return Fits(one, name); });
}

bool IsGlobals(ScriptLanguage language, std::string_view name) {
  const auto globals = kGlobals[static_cast<std::size_t>(language)];
  return std::find(globals.begin(), globals.end(), name) != globals.end();
}

}  // namespace assay::facts
