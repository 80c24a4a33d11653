// Addresses that a product may talk to: URLs anywhere, IPv4 addresses in
// texts and as whole strings of binaries. Grammar: RFC 3986.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "verifier/base/text.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/ip_address.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::uint64_t kMaxFacts = 2000;
constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxScheme = 16;
constexpr std::string_view kMark = "://";

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}

// RFC 3986 section 2, without "'" and "*", which quote URLs more often than
// they are part of them.
bool IsUrlChar(char c) {
  static const std::array<bool, 256> kTable = [] {
    std::array<bool, 256> table = {};
    for (std::size_t i = 0; i < 128; ++i) {
      const char each = static_cast<char>(i);
      table.at(i) = IsAlnum(each) ||
                    std::string_view("-._~:/?#[]@!$&()+,;=%").find(each) !=
                        std::string_view::npos;
    }
    return table;
  }();
  return kTable[static_cast<unsigned char>(c)];
}

bool IsScheme(std::string_view scheme) {
  static constexpr std::array<std::string_view, 27> kSchemes = {
      "http", "https", "ftp",   "ftps",   "sftp", "tftp",  "ws",
      "wss",  "tcp",   "udp",   "tls",    "ssl",  "mqtt",  "mqtts",
      "coap", "coaps", "ssh",   "telnet", "ldap", "ldaps", "rtsp",
      "rtmp", "git",   "rsync", "smb",    "nfs",  "socks5"};
  return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

struct Url {
  std::string_view text = {};
  std::string scheme = {};
  std::string host = {};  // lower case; "" when it is a placeholder
  std::string port = {};
  bool credentials = false;
};

// A registered name that could resolve: letters, digits, "-", "_" and dots.
bool IsHostName(std::string_view host) {
  return !host.empty() && host.size() <= 253 && IsAlnum(host.front()) &&
         host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return IsAlnum(c) || c == '-' || c == '.' || c == '_';
         });
}

// Punctuation after a URL belongs to the sentence around it.
std::string_view WithoutTail(std::string_view url) {
  const auto count = [&](char c) {
    return std::count(url.begin(), url.end(), c);
  };
  auto surplus = count(')') - count('(') + count(']') - count('[');
  while (!url.empty()) {
    const char last = url.back();
    const bool closes = last == ')' || last == ']';
    surplus -= closes ? 1 : 0;
    if ((closes && surplus < 0) ||
        std::string_view(".,;:!?()[]&").find(last) == std::string_view::npos) {
      break;
    }
    url.remove_suffix(1);
  }
  return url;
}

void SplitAuthority(std::string_view authority, Url& url) {
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) {
    const std::string_view info = authority.substr(0, user);
    url.credentials = info.find(':') != std::string_view::npos;
    authority.remove_prefix(user + 1);
  }
  const std::size_t colon = authority.front() == '[' ? authority.find("]:") + 1
                                                     : authority.rfind(':');
  if (colon != std::string_view::npos && colon != 0) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  const bool literal = authority.size() > 2 && authority.front() == '[' &&
                       authority.back() == ']';
  const std::string_view host =
      literal ? authority.substr(1, authority.size() - 2) : authority;
  if (literal || IsHostName(host)) {
    url.host = Lower(host);
    while (url.host.size() > 1 && url.host.back() == '.') {
      url.host.pop_back();
    }
  }
  if (!NumberOf(url.port)) {
    url.port.clear();
  }
}

// The URL around the "://" at `at`.
std::optional<Url> UrlAt(std::string_view text, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && at - start < kMaxScheme && IsAlnum(text[start - 1])) {
    --start;
  }
  Url url{.scheme = Lower(text.substr(start, at - start))};
  // "wget%20http://": the tail of an escape is no part of the scheme.
  if (!IsScheme(url.scheme)) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(at + 3, kMaxUrl);
  const auto end = std::find_if_not(rest.begin(), rest.end(), IsUrlChar);
  const std::string_view behind =
      WithoutTail(rest.substr(0, static_cast<std::size_t>(end - rest.begin())));
  const std::string_view authority =
      behind.substr(0, behind.find_first_of("/?#"));
  if (authority.empty() || authority.back() == '@') {
    return std::nullopt;
  }
  url.text = text.substr(start, at - start + 3 + behind.size());
  SplitAuthority(authority, url);
  return url;
}

class EndpointWriter {
 public:
  EndpointWriter(std::string_view text, FactWriter& facts)
      : text_(text), facts_(facts) {}

  void AddUrls() {
    std::size_t at = text_.find(kMark);
    while (at != std::string_view::npos && !facts_.full()) {
      const auto url = UrlAt(text_, at);
      std::size_t next = at + kMark.size();
      if (url) {
        AddUrl(*url);
        next = std::max(next, OffsetOf(*url) + url->text.size());
        // A redirector's target stands inside of its URL.
        const std::size_t inner = text_.rfind(kMark, next - 1);
        const auto target =
            inner > at ? UrlAt(text_, inner) : std::optional<Url>();
        if (target) {
          AddUrl(*target);
        }
      }
      at = text_.find(kMark, next);
    }
  }

  // `whole`: only a quad that is a string of its own, as in a binary.
  void AddAddresses(bool whole) {
    for (std::size_t dot = text_.find('.');
         dot != std::string_view::npos && !facts_.full();
         dot = text_.find('.', dot + 1)) {
      const auto place = QuadAround(text_, dot, whole);
      if (place) {
        AddAddress(std::string(text_.substr(place->offset, place->length)),
                   *place);
        dot = place->end();
      }
    }
  }

 private:
  [[nodiscard]] bool IsNew(std::string_view kind, std::string_view value) {
    return seen_.insert(std::string(kind) + " " + std::string(value)).second;
  }

  [[nodiscard]] std::size_t OffsetOf(const Url& url) const {
    return static_cast<std::size_t>(url.text.data() - text_.data());
  }

  void AddUrl(const Url& url) {
    if (!IsNew("url", url.text)) {
      return;
    }
    const Range place{OffsetOf(url), url.text.size()};
    facts_.Add({.kind = "url",
                .value = std::string(url.text),
                .attributes = {{"scheme", url.scheme},
                               {"host", url.host},
                               {"port", url.port},
                               {"credentials", url.credentials ? "yes" : ""}},
                .place = place});
    if (url.host.empty()) {
      return;
    }
    if (AddressClass(url.host)) {
      AddAddress(url.host, place);
    } else if (IsNew("domain", url.host)) {
      facts_.Add({.kind = "domain", .value = url.host, .place = place});
    }
  }

  void AddAddress(const std::string& address, Range place) {
    const auto kind = AddressClass(address);
    if (kind && IsNew("address", address)) {
      facts_.Add({.kind = "address",
                  .value = address,
                  .attributes = {{"class", std::string(*kind)}},
                  .place = place});
    }
  }

  std::string_view text_;
  FactWriter& facts_;
  std::unordered_set<std::string> seen_;
};

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.size() < 7) {
    return false;
  }
  FactWriter facts("endpoints", subject, into, kMaxFacts);
  EndpointWriter writer(AsText(subject.content), facts);
  writer.AddUrls();
  const bool text = IsText(subject.content);
  if (!text || subject.content.size() <= kMaxTextFile) {
    writer.AddAddresses(!text);
  }
  return false;
}

}  // namespace

const Analysis kEndpoints = {
    .name = "endpoints",
    .title = "URLs, host names and IP addresses",
    .examine = Examine,
};

}  // namespace assay::facts
