#include "tests/report/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::testing {
namespace {

// Every tag with its attributes as a browser finds them (HTML, 13.2.5), the
// raw text of script and style passed over.
std::vector<std::string> TagsOf(const std::string& page) {
  std::vector<std::string> tags;
  for (std::size_t at = page.find('<'); at != std::string::npos;
       at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    tags.push_back(page.substr(at + 1, end - at - 1));
    at = end;
    for (const std::string_view raw : {"script", "style"}) {
      if (tags.back().starts_with(raw)) {
        const std::string closing = "</" + std::string(raw);
        const std::string rest = Lower(page.substr(end));
        at = end + rest.find(closing);
      }
    }
  }
  return tags;
}

}  // namespace

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Between(const std::string& text, std::string_view begin,
                    std::string_view end, std::size_t from) {
  const std::size_t start = text.find(begin, from);
  if (start == std::string::npos) {
    return {};
  }
  const std::size_t inside = start + begin.size();
  return text.substr(inside, text.find(end, inside) - inside);
}

void ExpectOwnPolicy(const std::string& page) {
  const auto source = [](const std::string& text) {
    return "'sha256-" + Base64(AsText(Sha256Raw(AsBytes(text)))) + "'";
  };
  const std::string style = Between(page, "<style>", "</style>");
  const std::string program = Between(page, "<script>", "</script>");
  ASSERT_FALSE(style.empty());
  ASSERT_FALSE(program.empty());
  const std::string policy = "default-src 'none'; script-src " +
                             source(program) + "; style-src " + source(style) +
                             "; base-uri 'none'; form-action 'none'";
  std::string inert;
  for (const char c : policy) {
    inert += c == '\'' ? "&#39;" : std::string(1, c);
  }
  EXPECT_TRUE(Has(page, "http-equiv=\"Content-Security-Policy\" content=\"" +
                            inert + "\""));
  // Before anything that the policy has to hold for.
  EXPECT_LT(page.find("Content-Security-Policy"), page.find("<style>"));
}

void ExpectAlone(const std::string& page) {
  EXPECT_FALSE(Has(page, "@import"));
  EXPECT_FALSE(Has(page, "url("));
  EXPECT_FALSE(Has(page, "https:"));
  for (const std::string& tag : TagsOf(page)) {
    EXPECT_FALSE(Has(tag, " src=")) << tag;
    EXPECT_FALSE(tag.starts_with("link")) << tag;
    EXPECT_EQ(Has(tag, " href="), Has(tag, " href=\"#")) << tag;
  }
}

void ExpectSameTags(const std::string& page, const std::string& plain) {
  const std::regex values("\"[^\"]*\"");
  const auto found = TagsOf(page);
  const auto tags = TagsOf(plain);
  ASSERT_EQ(found.size(), tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    EXPECT_EQ(std::regex_replace(found[i], values, ""),
              std::regex_replace(tags[i], values, ""));
  }
}

void ExpectKnownAttributes(const std::string& page) {
  const std::regex name(" ([^ =\"]+)=\"[^\"]*\"");
  const std::set<std::string> known = {
      "aria-hidden", "aria-label", "aria-labelledby",
      "charset",     "class",      "content",
      "cx",          "cy",         "d",
      "data-view",   "dir",        "height",
      "href",        "http-equiv", "id",
      "lang",        "name",       "preserveAspectRatio",
      "r",           "scope",      "type",
      "viewBox",     "width",      "x"};
  for (const std::string& tag : TagsOf(page)) {
    EXPECT_FALSE(Has(tag, "'")) << tag;
    for (std::sregex_iterator at(tag.begin(), tag.end(), name), end; at != end;
         ++at) {
      EXPECT_TRUE(known.contains((*at)[1])) << tag;
    }
    EXPECT_FALSE(Has(std::regex_replace(tag, name, ""), "=")) << tag;
  }
}

void ExpectReadable(const std::string& page) {
  EXPECT_TRUE(IsValidUtf8(page));
  EXPECT_TRUE(std::none_of(page.begin(), page.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n') || c == 0x7f;
  }));
  for (const std::string_view mark :
       {"\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8b", "\xef\xbb\xbf",
        "\xc2\x85"}) {
    EXPECT_FALSE(Has(page, mark));
  }
}

}  // namespace assay::testing
