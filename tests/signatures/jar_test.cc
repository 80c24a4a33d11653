#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/signatures/apk_maker.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/zip_member.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::DigestsAgree;
using testing::FindAll;
using testing::Identity;
using testing::Issue;
using testing::IssueCa;
using testing::Joined;
using testing::kCertNow;
using testing::Le;
using testing::SignCms;
using testing::Situation;
using testing::Verdict;
using testing::Verdicts;
using testing::X509Anchor;

using Words = std::vector<std::string>;

const std::string kFolder = "signatures/jar/";
const Words kPassed = {"TOTAL-PASSED"};
const Words kMalformed = {"TOTAL-FAILED FORMAT_FAILURE"};
const Words kHashFailure = {"TOTAL-FAILED HASH_FAILURE"};
constexpr UnixTime kNow = 1'800'000'000;

Situation With(const std::string& certificate, UnixTime at = kNow,
               TrustAnchor::Type type = TrustAnchor::Type::kX509Ca) {
  return {.anchors = {{.name = "vendor",
                       .type = type,
                       .key = Sample(kFolder + certificate)}},
          .at = at};
}

Bytes MemberOf(ByteView zip, std::string_view name) {
  const auto directory = formats::FindZipDirectory(zip);
  for (const auto& entry : formats::ReadZipEntries(zip, *directory, 100)) {
    if (entry.name == name) {
      return formats::ReadZipMember(zip, *directory, entry, 1U << 20U)
          .value_or(Bytes{});
    }
  }
  return {};
}

TEST(JarTest, PassesWhatJarsignerMakes) {
  for (const char* name : {"rsa.jar", "sections.jar", "internal.jar"}) {
    EXPECT_EQ(Verdicts(kJar, Sample(kFolder + name), With("ca.crt.pem")),
              kPassed)
        << name;
  }
  EXPECT_EQ(Verdicts(kJar, Sample(kFolder + "both.jar"), With("ca.crt.pem")),
            (Words{"TOTAL-PASSED", "TOTAL-PASSED"}));
}

// The central directory decides, as for Android and java.util.zip; the zip
// format reports the difference.
TEST(JarTest, TheLocalHeadersMethodDoesNotCount) {  // N48
  Bytes jar = Sample(kFolder + "rsa.jar");
  const Bytes manifest = MemberOf(jar, "META-INF/MANIFEST.MF");
  const std::string_view name = "META-INF/MANIFEST.MF";
  const std::size_t at = AsText(jar).find(name);
  ASSERT_GE(at, 30U);
  std::uint8_t& method = jar[at - 30 + 8];
  method = method == 0 ? 8 : 0;
  EXPECT_EQ(MemberOf(jar, name), manifest);
  EXPECT_EQ(Verdicts(kJar, jar, With("ca.crt.pem")), kPassed);
}

TEST(JarTest, ListsTheEntriesThatAreSigned) {
  const Bytes jar = Sample(kFolder + "rsa.jar");
  const auto found = FindAll(kJar, "x.jar", jar);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].listed_inside);
  ASSERT_EQ(found[0].listed.size(), 2U);
  EXPECT_EQ(found[0].listed[0].name, "one.txt");
  EXPECT_EQ(found[0].listed[1].name,
            "sub/two-with-a-name-so-long-that-the-manifest-has-to-break-its-"
            "line-in-two.txt");
  for (const ListedFile& file : found[0].listed) {
    ASSERT_EQ(file.digests.size(), 1U);
    EXPECT_EQ(file.digests[0].hex, Sha256Hex(MemberOf(jar, file.name)));
  }
}

TEST(JarTest, PassesWhatApksignerMakes) {
  const Bytes apk = Sample(kFolder + "all.apk");
  // Android looks at no time and at no chain.
  const Situation pinned = With("apk.crt.pem", 1, TrustAnchor::Type::kX509Pin);
  EXPECT_EQ(Verdicts(kJar, apk, pinned), kPassed);
  EXPECT_EQ(Verdicts(kApkV2, apk, pinned), kPassed);
  EXPECT_EQ(Verdicts(kApkV3, apk, pinned), kPassed);
  EXPECT_EQ(FindAll(kJar, "", apk)[0].listed.size(), 3U);
}

TEST(JarTest, TimeAndAnchorCount) {
  const Bytes jar = Sample(kFolder + "rsa.jar");
  EXPECT_EQ(Verdicts(kJar, jar, With("apk.crt.pem")),
            Words{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
  EXPECT_EQ(Verdicts(kJar, jar, {}),
            Words{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
  EXPECT_EQ(Verdicts(kJar, jar, With("ca.crt.pem", 1)),
            Words{"INDETERMINATE OUT_OF_BOUNDS_NO_POE"});
  EXPECT_EQ(Verdicts(kJar, jar,
                     With("rsa.crt.pem", kNow, TrustAnchor::Type::kX509Pin)),
            kPassed);
}

TEST(JarTest, WeakDigestsNeedALegacyPolicy) {
  const Bytes jar = Sample(kFolder + "sha1.jar");
  Situation situation = With("ca.crt.pem");
  EXPECT_EQ(Verdicts(kJar, jar, situation),
            Words{"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"});
  situation.legacy = true;
  EXPECT_EQ(Verdicts(kJar, jar, situation), kPassed);
}

TEST(JarTest, NoChangedByteOfASignatureVouchesForOtherEntries) {
  const Bytes jar = Sample(kFolder + "rsa.jar");
  const auto whole = FindAll(kJar, "x.jar", jar);
  ASSERT_EQ(whole.size(), 1U);
  const auto names = [](const std::vector<ListedFile>& listed) {
    std::string text;
    for (const ListedFile& file : listed) {
      text += file.name + "=" +
              (file.digests.empty() ? "" : file.digests[0].hex) + "\n";
    }
    return text;
  };
  for (std::size_t at = 0; at < jar.size(); at += 3) {
    Bytes changed = jar;
    changed[at] ^= 1;
    const auto found = FindAll(kJar, "x.jar", changed);
    if (Verdicts(kJar, changed, With("ca.crt.pem")) == kPassed) {
      EXPECT_EQ(found[0].message, whole[0].message) << at;
      EXPECT_EQ(names(found[0].listed), names(whole[0].listed)) << at;
    }
  }
}

TEST(JarTest, NoPrefixPasses) {
  const Bytes jar = Sample(kFolder + "rsa.jar");
  for (std::size_t size = 0; size < jar.size(); ++size) {
    EXPECT_NE(Verdicts(kJar, ByteView(jar).first(size), With("ca.crt.pem")),
              kPassed)
        << size;
  }
}

using Member = std::pair<std::string, Bytes>;

Bytes Text(std::string_view text) {
  return CopyOf(AsBytes(text));
}

// Stored members.
Bytes MakeZip(const std::vector<Member>& members) {
  Bytes front;
  Bytes directory;
  for (const auto& [name, content] : members) {
    const Bytes head =
        Joined({Le(20, 2), Bytes(8), Le(0, 4), Le(content.size(), 4),
                Le(content.size(), 4), Le(name.size(), 2), Le(0, 2)});
    directory = Joined({directory, Text("PK\x01\x02"), Le(20, 2), head,
                        Bytes(10), Le(front.size(), 4), Text(name)});
    front = Joined({front, Text("PK\x03\x04"), head, Text(name), content});
  }
  return Joined({front, directory, Text("PK\x05\x06"), Bytes(4),
                 Le(members.size(), 2), Le(members.size(), 2),
                 Le(directory.size(), 4), Le(front.size(), 4), Le(0, 2)});
}

std::string DigestLine(std::string_view key, ByteView bytes) {
  const Bytes raw = *BytesFromHex(Sha256Hex(bytes));
  return std::string(key) + ": " + Base64(AsText(raw)) + "\r\n";
}

// JARs that no tool would sign.
class MadeJarTest : public ::testing::Test {
 protected:
  static std::string Section(std::string_view name, ByteView content) {
    return "Name: " + std::string(name) + "\r\n" +
           DigestLine("SHA-256-Digest", content) + "\r\n";
  }
  std::string SignatureFile() const {
    return "Signature-Version: 1.0\r\n" +
           DigestLine("SHA-256-Digest-Manifest", AsBytes(manifest_)) + "\r\n" +
           Section("a.txt", AsBytes(section_));
  }
  Bytes Sign(std::string_view file) const {
    return SignCms({signer_}, AsBytes(file));
  }
  // With the manifest as it is now.
  std::vector<Member> Members(const std::string& file) const {
    return {{"META-INF/MANIFEST.MF", Text(manifest_)},
            {"META-INF/V.SF", Text(file)},
            {"META-INF/V.EC", Sign(file)},
            {"a.txt", Text("inert")}};
  }
  Words Judge(ByteView jar, const std::string& name = "x.jar") const {
    Words verdicts;
    const Situation situation = Trusted();
    const Trust trust{.anchors = situation.anchors, .at = situation.at};
    for (const SignatureCandidate& one : FindAll(kJar, name, jar)) {
      const std::string verdict = Verdict(kJar.verify(one, {}, trust));
      verdicts.push_back(verdict == "TOTAL-PASSED" && !DigestsAgree(one)
                             ? kHashFailure[0]
                             : verdict);
    }
    return verdicts;
  }
  Words JudgeFile(const std::string& file) const {
    return Judge(MakeZip(Members(file)));
  }
  Situation Trusted() const {
    return {.anchors = {X509Anchor(ca_)}, .at = kCertNow};
  }

  Identity ca_ = IssueCa("CA");
  Identity signer_ = Issue("signer", &ca_);
  std::string section_ = Section("a.txt", Text("inert"));
  std::string manifest_ = "Manifest-Version: 1.0\r\n\r\n" + section_;
};

TEST_F(MadeJarTest, Passes) {
  EXPECT_EQ(JudgeFile(SignatureFile()), kPassed);
}

TEST_F(MadeJarTest, AnAddedEntryIsNotListed) {  // N44
  auto members = Members(SignatureFile());
  members.emplace_back("evil.class", Text("evil"));
  const Bytes jar = MakeZip(members);
  EXPECT_EQ(Judge(jar), kPassed);  // as jarsigner has it
  const auto found = FindAll(kJar, "x.jar", jar);
  ASSERT_EQ(found[0].listed.size(), 1U);
  EXPECT_EQ(found[0].listed[0].name, "a.txt");
  // Nor do the ranges reach it.
  const std::string_view text = AsText(jar);
  const std::uint64_t evil = text.find("evil", text.find("evil.class") + 5);
  for (const ClaimedRange& range : found[0].ranges) {
    EXPECT_FALSE(range.range.offset <= evil && evil < range.range.end());
  }
}

TEST_F(MadeJarTest, AnEntryAddedToTheManifestIsNotListed) {
  const std::string file = SignatureFile();
  manifest_ += Section("evil.class", Text("evil"));
  auto members = Members(file);
  members.emplace_back("evil.class", Text("evil"));
  const Bytes jar = MakeZip(members);
  // The whole manifest is another; the section of a.txt is the same.
  EXPECT_EQ(Judge(jar), kPassed);
  const auto found = FindAll(kJar, "x.jar", jar);
  ASSERT_EQ(found[0].listed.size(), 1U);
  EXPECT_EQ(found[0].listed[0].name, "a.txt");
}

TEST_F(MadeJarTest, AChangedManifestFails) {
  const std::string file = SignatureFile();
  manifest_ = "Manifest-Version: 1.0\r\n\r\n" + Section("a.txt", Text("evil"));
  EXPECT_EQ(JudgeFile(file), kHashFailure);
  manifest_ = "Manifest-Version: 1.0\r\n\r\n";
  EXPECT_EQ(JudgeFile(file), kMalformed);  // signed and not there
}

TEST_F(MadeJarTest, ChangedMainAttributesFailWhereTheyAreSigned) {
  const std::string main = "Manifest-Version: 1.0\r\n\r\n";
  const std::string file =
      "Signature-Version: 1.0\r\n" +
      DigestLine("SHA-256-Digest-Manifest-Main-Attributes", AsBytes(main)) +
      "\r\n" + Section("a.txt", AsBytes(section_));
  EXPECT_EQ(JudgeFile(file), kPassed);
  manifest_ = "Manifest-Version: 1.0\r\nMain-Class: Evil\r\n\r\n" + section_;
  EXPECT_EQ(JudgeFile(file), kHashFailure);
}

TEST_F(MadeJarTest, TheBlockSignsItsOwnSignatureFile) {
  auto members = Members(SignatureFile());
  members[2].second = Sign("another text");
  EXPECT_EQ(Judge(MakeZip(members)), kHashFailure);
  members[2].second = Text("no CMS");
  EXPECT_EQ(Judge(MakeZip(members)), kMalformed);
}

TEST_F(MadeJarTest, BothHalvesOfASignatureMustBeThere) {
  auto members = Members(SignatureFile());
  members[1].first = "META-INF/W.SF";
  EXPECT_EQ(Judge(MakeZip(members)), (Words{kMalformed[0], kMalformed[0]}));
  members = Members(SignatureFile());
  members[0].first = "META-INF/OTHER.MF";
  EXPECT_EQ(Judge(MakeZip(members)), kMalformed);
  EXPECT_TRUE(Judge(MakeZip({{"a.txt", Text("inert")}})).empty());
}

TEST_F(MadeJarTest, ABrokenSecondSignerShows) {  // N50
  auto members = Members(SignatureFile());
  members.emplace_back("META-INF/W.SF", Text(SignatureFile()));
  members.emplace_back("META-INF/W.RSA", Sign("another text"));
  EXPECT_EQ(Judge(MakeZip(members)), (Words{kPassed[0], kHashFailure[0]}));
}

TEST_F(MadeJarTest, NamesAreThereOnce) {  // N52
  auto members = Members(SignatureFile());
  members.emplace_back("a.txt", Text("evil"));
  EXPECT_EQ(Judge(MakeZip(members)), kMalformed);
  std::swap(members[3], members[4]);
  EXPECT_EQ(Judge(MakeZip(members)), kMalformed);
  manifest_ += section_;
  EXPECT_EQ(JudgeFile(SignatureFile()), kMalformed);
}

TEST_F(MadeJarTest, StrippedApkSignaturesAreMissed) {  // N46
  for (const char* schemes : {"2", "2, 3", "3"}) {
    std::string file = SignatureFile();
    file.insert(file.find("SHA-256"),
                "X-Android-APK-Signed: " + std::string(schemes) + "\r\n");
    EXPECT_EQ(JudgeFile(file), kMalformed) << schemes;
  }
}

TEST_F(MadeJarTest, AnApkBeginsWithAMember) {  // N45
  const Bytes content = Text("inert manifest");
  section_ = Section("AndroidManifest.xml", content);
  manifest_ = "Manifest-Version: 1.0\r\n\r\n" + section_;
  const std::string file =
      "Signature-Version: 1.0\r\n" +
      DigestLine("SHA-256-Digest-Manifest", AsBytes(manifest_)) + "\r\n" +
      Section("AndroidManifest.xml", AsBytes(section_));
  const Bytes apk = MakeZip({{"META-INF/MANIFEST.MF", Text(manifest_)},
                             {"META-INF/V.SF", Text(file)},
                             {"META-INF/V.EC", Sign(file)},
                             {"AndroidManifest.xml", content}});
  EXPECT_EQ(Judge(apk, "x.apk"), kPassed);
  EXPECT_EQ(Judge(Joined({Text("dex\n035"), apk}), "x.apk"), kMalformed);
}

TEST_F(MadeJarTest, UnknownVersionsAndDigestsAreUnsupported) {
  const Words unsupported = {"UNSUPPORTED"};
  std::string file = SignatureFile();
  file.replace(file.find("1.0"), 3, "2.0");
  EXPECT_EQ(JudgeFile(file), unsupported);
  file = "Signature-Version: 1.0\r\nFOO-Digest-Manifest: AAAA\r\n\r\n" +
         Section("a.txt", AsBytes(section_));
  EXPECT_EQ(JudgeFile(file), unsupported);
  file =
      "Signature-Version: 1.0\r\n\r\nName: a.txt\r\nFOO-Digest: AAAA\r\n"
      "\r\n";
  EXPECT_EQ(JudgeFile(file), unsupported);
}

TEST_F(MadeJarTest, TextThatIsNoSignatureFileIsMalformed) {
  for (const char* file : {"", "no version: 1\r\n\r\n", "Signature-Version\r\n",
                           " Signature-Version: 1.0\r\n", "Name: a.txt\r\n\r\n",
                           "Signature-Version: 1.0\r\n\r\nDigest: x\r\n\r\n"}) {
    EXPECT_EQ(JudgeFile(file), kMalformed) << file;
  }
}

TEST_F(MadeJarTest, LineBreaksOfAllKindsAreRead) {
  for (const char* ending : {"\n", "\r"}) {
    std::string manifest = manifest_;
    for (std::size_t at = 0;
         (at = manifest.find("\r\n", at)) != std::string::npos; ++at) {
      manifest.replace(at, 2, ending);
    }
    const std::string section = manifest.substr(manifest.find("Name"));
    const std::string file =
        "Signature-Version: 1.0\n\n" + Section("a.txt", AsBytes(section));
    EXPECT_EQ(Judge(MakeZip({{"META-INF/MANIFEST.MF", Text(manifest)},
                             {"meta-inf/v.sf", Text(file)},
                             {"META-INF/V.RSA", Sign(file)},
                             {"a.txt", Text("inert")}})),
              kPassed);
  }
}

}  // namespace
}  // namespace assay::signatures
