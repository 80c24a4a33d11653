#include "tests/facts/examine.h"
#include "verifier/facts/setting_reader.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

Strings LinesOf(std::string_view path, std::string_view text) {
  return Examine(kSettings, path, text).Lines();
}

TEST(SettingsTest, ReadsOneOfEachSyntaxOfLines) {
  const Bytes text = Sample("facts/settings/all.conf");
  const auto seen = Examine(kSettings, "etc/all.conf", text);
  EXPECT_EQ(seen.Lines(),
            (Strings{"setting 22 key=port", "setting 8080 key=server.port",
                     "setting quoted # text key=name", "setting abc key=token",
                     "setting alice key=user section=database",
                     "setting s3cret-words key=password section=database "
                     "secret=yes login=alice",
                     "setting 2 key=level section=user 'guest'",
                     "setting /a key=path section=user 'guest'",
                     "setting 80 key=listen section=server",
                     "setting off key=auth_basic section=server",
                     "setting all granted key=require section=Directory "
                     "\"/srv\"",
                     "setting rsvc SHA \"inert-phrase-1\" AES "
                     "\"inert-phrase-2\" key=createuser section=user 'guest'",
                     "setting bob key=name section=users"}));
  EXPECT_EQ(PlaceText(seen.facts[5], text), "password = s3cret-words");
}

TEST(SettingsTest, AListInABlockGoesByTheBlock) {
  EXPECT_EQ(LinesOf("etc/apt/apt.conf.d/60x",
                    "DPkg::Post-Invoke {\"inert -s x | y\";};\n"),
            (Strings{"setting inert -s x | y key=dpkg::post-invoke "
                     "section=DPkg::Post-Invoke"}));
}

TEST(SettingsTest, ReadsJsonWithItsObjects) {
  EXPECT_EQ(
      LinesOf("etc/x.json",
              R"({"port": 80, "db": {"user": "a", "password": "in\"ert1"},
                  "list": ["x", {"k": true}], "none": null, // remark
                  "empty": ""})"),
      (Strings{"setting 80 key=port", "setting a key=user section=db",
               "setting in\"ert1 key=password section=db secret=yes login=a",
               "setting x key=list", "setting true key=k"}));
}

TEST(SettingsTest, ReadsXmlWithItsElements) {
  EXPECT_EQ(
      LinesOf("etc/x.xml",
              "<?xml version=\"1.0\"?><!-- <a>1</a> -->\n<c><User>"
              "<Name>op</Name><Password>inert-1</Password></User>"
              "<param name=\"Port\" value=\"80\"/><e></e></c>"),
      (Strings{"setting op key=name section=User",
               "setting inert-1 key=password section=User secret=yes login=op",
               "setting Port key=name section=param",
               "setting 80 key=port section=param"}));
}

struct Case {
  std::string_view line;
  bool secret;
};

TEST(SettingsTest, KnowsSecretsFromWhatIsWrittenAboutThem) {
  const std::vector<Case> cases = {
      {"password = hunter-2", true},
      {"wpa-passphrase=correct horse", false},  // quotes would be needed
      {"WpaPassphrase = \"inert-words\"", true},
      {"option key_psk 'inert-words'", true},
      {"requirepass foobared1", true},
      {"admin password = inert-1", true},
      {"password = $6$inert$0123456789", true},
      {"password = $6$", false},
      {"password =", false},
      {"password = ${DB_PASSWORD}", false},
      {"password = %s", false},
      {"password = <your password>", false},
      {"password = ****", false},
      {"password = xxxxxxx", false},
      {"password = none", false},
      {"password = /etc/secret", false},
      {"password_file = words-1", false},
      {"min_password_length = 12345", false},
      {"password-authentication = maybe", false},
      {"#password = hunter-2", false},
      {"; password = hunter-2", false},
      {"colour = hunter-2", false},
      {"password = abc", false},
  };
  for (const Case& one : cases) {
    const auto seen = Examine(kSettings, "etc/x.conf", one.line);
    const bool secret =
        !seen.facts.empty() && seen.facts[0].Attribute("secret") == "yes";
    EXPECT_EQ(secret, one.secret) << one.line;
  }
}

TEST(SettingsTest, NamesTheUserOfTheSameSectionOnly) {
  const auto seen = Examine(kSettings, "etc/x.ini",
                            "[a]\nuser=one\n[b]\npassword=inert-1\n"
                            "[c]\npassword=inert-2\nuser=three\n");
  ASSERT_EQ(seen.facts.size(), 4U);
  EXPECT_EQ(seen.facts[1].Attribute("login"), "");
  EXPECT_EQ(seen.facts[2].Attribute("login"), "three");
}

TEST(SettingsTest, OutsideOfSettingsOnlySecretsAreTold) {
  constexpr std::string_view kJson = R"({"a": "b", "password": "inert-1"})";
  EXPECT_EQ(LinesOf("usr/share/x/x.json", kJson),
            (Strings{"setting inert-1 key=password secret=yes"}));
  EXPECT_EQ(LinesOf("etc/x/x.json", kJson).size(), 2U);
}

TEST(SettingsTest, LeavesOtherFilesAlone) {
  constexpr std::string_view kText = "password = inert-1\n";
  EXPECT_TRUE(LinesOf("usr/share/doc/README", kText).empty());
  EXPECT_TRUE(LinesOf("etc/x", "#!/bin/sh\npassword=inert-1\n").empty());
  EXPECT_TRUE(
      LinesOf("etc/x", std::string("password=inert-1\n\0", 18)).empty());
  EXPECT_TRUE(LinesOf("etc/key.pem", "-----BEGIN X-----\na b\n").empty());
}

// A file that is all settings: what is left out is said.
TEST(SettingsTest, SaysWhenItStops) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += "k" + std::to_string(i) + " = v\n";
  }
  const auto seen = Examine(kSettings, "etc/x.conf", text);
  EXPECT_EQ(seen.facts.size(), 4000U);
  EXPECT_EQ(seen.facts.back().kind, "facts.truncated");
}

TEST(SettingsTest, UnclosedQuotesAndBlocksEnd) {
  for (const std::string_view text :
       {"a = \"b", "{{{{{{{{", "}}}}", "a { b = 'c; }", "\"", "\"a", ": :", "=",
        "option", "config", "-", "[", "<", "</", "a:"}) {
    for (const std::string_view path : {"etc/x.conf", "etc/x.json"}) {
      const auto seen = Examine(kSettings, path, text);
      ExpectLawful(seen, AsBytes(text));
    }
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) {
    deep += "{\"a\":[";
  }
  EXPECT_TRUE(LinesOf("etc/x.json", deep).empty());
  deep.clear();
  for (int i = 0; i < 1000; ++i) {
    deep += "<a>";
  }
  EXPECT_TRUE(LinesOf("etc/x.xml", deep + "b").empty());
}

TEST(SettingsTest, DamageNeverLeadsOutside) {
  Sweep(kSettings, "etc/all.conf", Sample("facts/settings/all.conf"));
  Sweep(kSettings, "etc/x.json",
        AsBytes(R"({"a": {"b": ["c", 1], "d": "e\"f"}})"));
  Sweep(kSettings, "etc/x.xml",
        AsBytes("<a b='c'><d name=\"e\" value=\"f\"/><g>h</g></a>"));
}

}  // namespace
}  // namespace assay::facts
