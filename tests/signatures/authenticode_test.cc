#include <gtest/gtest.h>

#include <algorithm>

#include "tests/signatures/cms_signer.h"
#include "tests/signatures/pe_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/signatures/time_stamper.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::Authenticode;
using testing::ChecksumOf;
using testing::DerOf;
using testing::Identity;
using testing::Issue;
using testing::IssueCa;
using testing::kCertBorn;
using testing::kCertNow;
using testing::PeOptions;
using testing::PlainImage;
using testing::Put16;
using testing::Put32;
using testing::SectionHeaderOf;
using testing::SecurityDirectoryOf;
using testing::SignatureList;
using testing::SignPe;
using testing::Verdict;
using testing::WinCertificate;
using testing::WithTable;
using Type = TrustAnchor::Type;

const std::string kPassed = "TOTAL-PASSED";
const std::string kNoPath = "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND";
const std::string kFormat = "TOTAL-FAILED FORMAT_FAILURE";
const std::string kRevoked = "TOTAL-FAILED REVOKED";

TrustAnchor UefiAnchor(Bytes lists, Type type = Type::kUefiDb) {
  return {.name = type == Type::kUefiDb ? "db" : "dbx",
          .type = type,
          .key = std::move(lists)};
}

class AuthenticodeTest : public ::testing::Test {
 protected:
  std::vector<SignatureCheck> CheckAll(ByteView image) const {
    std::vector<SignatureCheck> checks;
    for (const auto& candidate :
         testing::FindAll(kAuthenticode, "program.efi", image)) {
      checks.push_back(kAuthenticode.verify(
          candidate, {},
          {.anchors = anchors_, .at = at_, .legacy_algorithms = legacy_}));
    }
    return checks;
  }
  std::vector<std::string> Verdicts(ByteView image) const {
    std::vector<std::string> all;
    for (const SignatureCheck& check : CheckAll(image)) {
      all.push_back(Verdict(check));
    }
    return all;
  }
  // Of an image with one signature; "NONE" without any.
  std::string VerdictOf(ByteView image) const {
    const auto all = CheckAll(image);
    detail_ = all.empty() ? "" : all.front().detail;
    return all.empty() ? "NONE" : Verdict(all.front());
  }
  bool AnyPasses(ByteView image) const {
    return std::ranges::count(Verdicts(image), kPassed) > 0;
  }
  void TrustDb() { anchors_ = {UefiAnchor(DerOf(ca_))}; }

  Identity ca_ = IssueCa("Vendor CA");
  Identity signer_ = Issue("Signer", &ca_, {.purpose = "codeSigning"});
  Bytes image_ = PlainImage();
  std::vector<TrustAnchor> anchors_ = {testing::X509Anchor(ca_)};
  UnixTime at_ = kCertNow;
  bool legacy_ = false;
  mutable std::string detail_;
};

TEST_F(AuthenticodeTest, PassesAndSaysWhoSigned) {
  const auto checks = CheckAll(SignPe(image_, signer_));
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(Verdict(checks[0]), kPassed) << checks[0].detail;
  EXPECT_EQ(checks[0].signer, "CN=Signer");
  EXPECT_EQ(checks[0].anchor, "vendor");
  EXPECT_EQ(checks[0].steps.front(), "judged by the rules of code signing");
  EXPECT_EQ(checks[0].algorithm.digest, DigestAlgorithm::kSha256);
}

TEST_F(AuthenticodeTest, ReadsWhatTheToolsWrite) {
  const std::string folder = "signatures/authenticode/";
  anchors_ = {{.name = "root",
               .type = Type::kX509Ca,
               .key = Sample(folder + "root.pem")}};
  constexpr UnixTime kSigned = 1'720'000'000;
  constexpr UnixTime kExpired = 1'800'000'000;
  const std::string expired = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";
  at_ = kSigned;
  for (const char* name : {"stamped", "nested", "twice"}) {
    const auto all = Verdicts(Sample(folder + name + ".hex"));
    EXPECT_EQ(std::ranges::count(all, kPassed), std::ssize(all)) << name;
    EXPECT_EQ(all.size(), name == std::string("stamped") ? 1U : 2U) << name;
  }
  at_ = kExpired;  // N31, N32
  EXPECT_EQ(VerdictOf(Sample(folder + "stamped.hex")), kPassed);
  EXPECT_EQ(VerdictOf(Sample(folder + "nested.hex")), expired);
  for (const char* database : {"root.pem", "db.hex", "db_auth.hex"}) {
    anchors_ = {UefiAnchor(Sample(folder + database))};
    EXPECT_EQ(Verdicts(Sample(folder + "twice.hex")),
              (std::vector{kPassed, kPassed}))
        << database;
  }
}

TEST_F(AuthenticodeTest, UnsignedImagesAndOtherFilesGiveNothing) {
  EXPECT_TRUE(testing::FindAll(kAuthenticode, "a.efi", image_).empty());
  EXPECT_TRUE(testing::FindAll(kAuthenticode, "a", AsBytes("MZ")).empty());
  EXPECT_TRUE(testing::FindAll(kAuthenticode, "a", {}).empty());
}

TEST_F(AuthenticodeTest, RangesTileTheFile) {
  const Bytes file = SignPe(image_, signer_);
  auto ranges = testing::FindAll(kAuthenticode, "a.efi", file)[0].ranges;
  std::ranges::sort(ranges, {}, &ClaimedRange::range);
  std::uint64_t at = 0;
  for (const ClaimedRange& one : ranges) {
    EXPECT_EQ(one.range.offset, at) << one.what;
    at = one.range.end();
    EXPECT_EQ(one.coverage == Coverage::kSigned,
              one.what == "headers" || one.what == "image")
        << one.what;
  }
  EXPECT_EQ(at, file.size());
}

TEST_F(AuthenticodeTest, EveryChangeOfTheImageFails) {
  const Bytes file = SignPe(image_, signer_);
  const std::size_t checksum = ChecksumOf(file);
  for (std::size_t at = 0; at < image_.size(); ++at) {
    Bytes changed = file;
    changed[at] ^= 1;
    const bool inert = at >= checksum && at < checksum + 4;  // N27
    EXPECT_EQ(AnyPasses(changed), inert) << at;
  }
  Bytes changed = file;
  changed[image_.size() - 1] ^= 1;
  EXPECT_EQ(VerdictOf(changed), "TOTAL-FAILED HASH_FAILURE");
  EXPECT_NE(detail_.find("expected "), std::string::npos);
  EXPECT_TRUE(CheckAll(changed)[0].good_keys.empty());
}

TEST_F(AuthenticodeTest, ChangedSignaturesVouchForNothingElse) {
  const Bytes file = SignPe(image_, signer_);
  Bytes other = file;
  other[image_.size() - 1] ^= 1;
  std::size_t harmless = 0;
  for (std::size_t at = image_.size(); at < file.size(); ++at) {
    Bytes changed = file;
    changed[at] ^= 1;
    harmless += AnyPasses(changed) ? 1U : 0U;
    changed[image_.size() - 1] ^= 1;
    EXPECT_FALSE(AnyPasses(changed)) << at;
  }
  EXPECT_LT(harmless, 20U);  // versions, the list of digests to be needed
}

TEST_F(AuthenticodeTest, NoPrefixPasses) {
  const Bytes file = SignPe(image_, signer_);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(AnyPasses(ByteView(file).first(size))) << size;
  }
}

TEST_F(AuthenticodeTest, BytesThatNoSignatureReachesFail) {
  const Bytes der = Authenticode(image_, signer_);
  const auto padded = [&](std::size_t size, std::uint8_t value) {
    Bytes long_der = der;
    long_der.resize(der.size() + size, value);
    return WithTable(image_, WinCertificate(long_der));
  };
  const std::size_t gap = 8 - der.size() % 8;
  EXPECT_EQ(VerdictOf(padded(gap % 8, 0)), kPassed);
  EXPECT_EQ(VerdictOf(padded(64, 0)), kFormat);  // N25
  EXPECT_NE(detail_.find("unsigned data in the certificate"),
            std::string::npos);
  EXPECT_EQ(VerdictOf(padded(1, 'x')), kFormat);
  const Bytes file = SignPe(image_, signer_);
  const Bytes longer = Concat(file, Hex("00"));  // N26
  EXPECT_EQ(VerdictOf(longer), kFormat);
  std::uint64_t named = 0;
  const auto found = testing::FindAll(kAuthenticode, "a.efi", longer);
  for (const ClaimedRange& one : found[0].ranges) {
    named += one.range.length;
  }
  EXPECT_EQ(named, file.size());
}

TEST_F(AuthenticodeTest, TablesOfWrongSizesFail) {
  const Bytes file = SignPe(image_, signer_);
  for (const std::uint32_t length : {0U, 7U, 8U, 0xffffffffU}) {  // N38
    Bytes changed = file;
    Put32(changed, image_.size(), length);
    EXPECT_EQ(VerdictOf(changed), kFormat) << length;
  }
  const std::size_t directory = SecurityDirectoryOf(file);
  for (const std::uint32_t offset : {8U, 0x100U, 0xfffffff8U}) {
    Bytes changed = file;
    Put32(changed, directory, offset);
    EXPECT_EQ(VerdictOf(changed), kFormat) << offset;
  }
  Bytes changed = file;
  Put32(changed, directory + 4, 0xffffffff);
  EXPECT_EQ(VerdictOf(changed), kFormat);
  // A section that ends in the table would be loaded and not be signed.
  Bytes reaching = image_;
  Put32(reaching, SectionHeaderOf(image_, ".sbat") + 16, 0x1000);
  EXPECT_EQ(VerdictOf(SignPe(reaching, signer_)), kFormat);
  EXPECT_NE(detail_.find("reaches into"), std::string::npos);
}

TEST_F(AuthenticodeTest, EveryEntryIsJudged) {  // N29
  const Bytes good = WinCertificate(Authenticode(image_, signer_));
  Bytes other_image = image_;
  other_image.back() ^= 1;
  const Bytes bad = WinCertificate(Authenticode(other_image, signer_));
  EXPECT_EQ(Verdicts(WithTable(image_, Concat(good, bad))),
            (std::vector<std::string>{kPassed, "TOTAL-FAILED HASH_FAILURE"}));
  EXPECT_EQ(Verdicts(WithTable(image_, Concat(bad, good))),
            (std::vector<std::string>{"TOTAL-FAILED HASH_FAILURE", kPassed}));
}

TEST_F(AuthenticodeTest, NestedSignaturesAreJudgedOnTheirOwn) {  // N30
  const Identity stranger =
      Issue("Stranger", nullptr, {.purpose = "codeSigning"});
  const auto nest = [&](const Bytes& inner) {
    return testing::Stamping("1.3.6.1.4.1.311.2.4.1",
                             [inner](ByteView) { return inner; });
  };
  const Bytes innermost = Authenticode(image_, signer_);
  const Bytes inner =
      Authenticode(image_, stranger, {.cms = {.afterwards = nest(innermost)}});
  const Bytes file =
      SignPe(image_, stranger, {.cms = {.afterwards = nest(inner)}});
  EXPECT_EQ(Verdicts(file), (std::vector{kNoPath, kNoPath, kPassed}));
  const auto found = testing::FindAll(kAuthenticode, "a.efi", file);
  const auto place = Slice(file, found[2].place.offset, found[2].place.length);
  EXPECT_TRUE(std::ranges::equal(*place, innermost));
}

TEST_F(AuthenticodeTest, ManyNestedSignaturesAreBounded) {  // N130
  Bytes inner = Hex("3000");
  for (int i = 0; i < 100; ++i) {
    inner = Authenticode(image_, signer_,
                         {.cms = {.flags = CMS_NOCERTS,
                                  .afterwards = testing::Stamping(
                                      "1.3.6.1.4.1.311.2.4.1",
                                      [inner](ByteView) { return inner; })}});
  }
  EXPECT_LE(Verdicts(WithTable(image_, WinCertificate(inner))).size(), 64U);
  const Bytes entry = WinCertificate(Hex("3000"));
  Bytes table;
  for (int i = 0; i < 1'000; ++i) {
    table.insert(table.end(), entry.begin(), entry.end());
  }
  EXPECT_LE(Verdicts(WithTable(image_, table)).size(), 64U);
  Bytes deep;
  for (int i = 0; i < 200'000; ++i) {
    deep.push_back(0x30);
    deep.push_back(0x80);
  }
  EXPECT_EQ(VerdictOf(WithTable(image_, WinCertificate(deep))), kFormat);
}

TEST_F(AuthenticodeTest, PathsMustEndInAnAnchor) {  // N28
  const Identity root = IssueCa("Evil root");
  const Identity middle = IssueCa("Evil CA", &root);
  const Identity leaf = Issue("Evil", &middle, {.purpose = "codeSigning"});
  const Bytes file = SignPe(image_, leaf, {.cms = {.enclosed = {middle}}});
  EXPECT_EQ(VerdictOf(file), kNoPath);
  EXPECT_EQ(VerdictOf(SignPe(image_, leaf,
                             {.cms = {.enclosed = {middle, root, ca_}}})),
            kNoPath);
  TrustDb();
  EXPECT_EQ(VerdictOf(file), kNoPath);
  const Identity self = Issue("Self", nullptr, {.purpose = "codeSigning"});
  EXPECT_EQ(VerdictOf(SignPe(image_, self)), kNoPath);
}

TEST_F(AuthenticodeTest, TheAnchorSaysWhoseRulesApply) {
  const Identity plain = Issue("Plain", &ca_);  // not for code signing
  const Bytes file = SignPe(image_, plain);
  EXPECT_EQ(VerdictOf(file), "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
  TrustDb();
  at_ = kCertBorn + 4000L * 86400;  // firmware does not look at the time
  EXPECT_EQ(VerdictOf(file), kPassed) << detail_;
  anchors_.push_back(testing::X509Anchor(ca_));
  const auto both = CheckAll(file);
  EXPECT_EQ(Verdict(both[0]), kPassed);
  EXPECT_EQ(both[0].anchor, "db");
  EXPECT_EQ(both[0].steps.front(), "judged by the rules of UEFI Secure Boot");
  // db is of no use to a Windows program.
  Bytes windows = image_;
  Put16(windows, ChecksumOf(image_) + 4, 3);
  TrustDb();
  EXPECT_EQ(VerdictOf(SignPe(windows, plain)), kNoPath);
}

TEST_F(AuthenticodeTest, AnyCertificateInDbEndsAPath) {
  const Identity middle = IssueCa("Middle", &ca_);
  const Identity leaf = Issue("Leaf", &middle);
  const Bytes file = SignPe(image_, leaf);
  for (const Identity& one : {middle, leaf}) {
    anchors_ = {UefiAnchor(SignatureList("x509", DerOf(one)))};
    EXPECT_EQ(VerdictOf(file), kPassed) << detail_;
  }
  TrustDb();
  EXPECT_EQ(VerdictOf(file), kNoPath);  // the link is missing
  const Identity modules =
      Issue("Modules", nullptr, {.purpose = "1.3.6.1.4.1.2312.16.1.2"});
  anchors_ = {UefiAnchor(DerOf(modules))};
  EXPECT_EQ(VerdictOf(SignPe(image_, modules)), kNoPath);
}

TEST_F(AuthenticodeTest, DbMayListTheImageItself) {
  const Identity stranger = Issue("Stranger", nullptr);
  const Bytes file = SignPe(image_, stranger);
  const auto digest =
      testing::FindAll(kAuthenticode, "a.efi", file)[0].message_digests[0];
  anchors_ = {UefiAnchor(SignatureList("sha256", *BytesFromHex(digest.hex)))};
  const auto checks = CheckAll(file);
  EXPECT_EQ(Verdict(checks[0]), kPassed);
  EXPECT_EQ(testing::GoodKeys(checks[0]), std::vector{digest.hex});
  EXPECT_EQ(checks[0].signer, "(none: the image is listed)");
  anchors_ = {UefiAnchor(SignatureList("sha256", Bytes(32, 0xAA)))};
  EXPECT_EQ(VerdictOf(file), kNoPath);
}

TEST_F(AuthenticodeTest, DbxForbids) {  // N37
  const Bytes file = SignPe(image_, signer_);
  const auto digest =
      testing::FindAll(kAuthenticode, "a.efi", file)[0].message_digests[0];
  const auto tbs = [](const Identity& one, DigestAlgorithm algorithm) {
    Bytes entry = *BytesFromHex(DigestOf(algorithm, testing::TbsOf(one)).hex);
    entry.resize(entry.size() + 16);
    return entry;
  };
  const Identity other = Issue("Other", &ca_);
  struct {
    Bytes list;
    bool forbids;
  } cases[] = {
      {SignatureList("sha256", *BytesFromHex(digest.hex)), true},
      {SignatureList("x509", DerOf(signer_)), true},
      {SignatureList("x509", DerOf(ca_)), true},
      {SignatureList("x509-sha256", tbs(signer_, DigestAlgorithm::kSha256)),
       true},
      {SignatureList("x509-sha384", tbs(ca_, DigestAlgorithm::kSha384)), true},
      {SignatureList("x509-sha512", tbs(ca_, DigestAlgorithm::kSha512)), true},
      {SignatureList("sha256", Bytes(32, 0xAA)), false},
      {SignatureList("x509", DerOf(other)), false},
      {SignatureList("x509-sha256", tbs(other, DigestAlgorithm::kSha256)),
       false}};
  for (const auto& one : cases) {
    TrustDb();
    anchors_.push_back(UefiAnchor(one.list, Type::kUefiDbx));
    EXPECT_EQ(VerdictOf(file), one.forbids ? kRevoked : kPassed) << detail_;
    EXPECT_EQ(CheckAll(file)[0].good_keys.empty(), one.forbids);
  }
}

TEST_F(AuthenticodeTest, SbatRefusesOldGenerations) {  // N36
  const auto verdict = [&](const Bytes& image, std::string_view level) {
    TrustDb();
    anchors_.push_back({.name = "level",
                        .type = Type::kSbatLevel,
                        .key = CopyOf(AsBytes(level))});
    return VerdictOf(SignPe(image, signer_));
  };
  EXPECT_EQ(verdict(image_, "sbat,1,2025051000\nshim,4\n"), kPassed);
  EXPECT_EQ(verdict(image_, "sbat,2\n"), kRevoked);
  EXPECT_EQ(detail_,
            "SBAT level level: sbat is of generation 1, the level wants 2");
  const std::size_t header = SectionHeaderOf(image_, ".sbat");
  Bytes without = image_;
  without[header + 1] = 'x';
  EXPECT_EQ(verdict(without, "sbat,1\n"), kRevoked);
  Bytes twice = without;
  const std::size_t data = SectionHeaderOf(image_, ".data");
  for (const std::size_t at : {data, header}) {
    std::ranges::copy(AsBytes(std::string_view(".sbat\0\0", 6)),
                      twice.begin() + static_cast<std::ptrdiff_t>(at));
  }
  EXPECT_EQ(verdict(twice, "sbat,1\n"), kRevoked);
  // GRUB has kernels verified by shim's protocol, which asks for no section.
  Bytes kernel = without;
  std::ranges::copy(AsBytes("HdrS"), kernel.begin() + 0x202);
  EXPECT_EQ(verdict(kernel, "sbat,1\n"), kPassed);
  Bytes driver = without;
  Put16(driver, ChecksumOf(image_) + 4, 11);
  EXPECT_EQ(verdict(driver, "sbat,1\n"), kPassed);
  Bytes broken = image_;  // five fields
  const ByteView entry = AsBytes(",sbat,1,https");
  *std::search(broken.begin(), broken.end(), entry.begin(), entry.end()) = ' ';
  EXPECT_EQ(verdict(broken, "sbat,1\n"), kRevoked);
}

TEST_F(AuthenticodeTest, WhatIsUnknownIsUnsupported) {
  const Bytes der = Authenticode(image_, signer_);
  for (const auto& [revision, type] :
       {std::pair<std::uint16_t, std::uint16_t>{0x100, 2},
        {0x200, 1},
        {0x200, 0xef1}}) {
    EXPECT_EQ(VerdictOf(WithTable(image_, WinCertificate(der, revision, type))),
              "UNSUPPORTED");
  }
  EXPECT_EQ(VerdictOf(SignPe(image_, signer_,
                             {.imprint = DigestAlgorithm::kBlake2b512})),
            "UNSUPPORTED");
}

TEST_F(AuthenticodeTest, WhatIsSignedMustBeAPeImage) {
  EXPECT_EQ(VerdictOf(SignPe(image_, signer_, {.spc = 0x15})), kPassed);
  EXPECT_EQ(VerdictOf(SignPe(image_, signer_, {.spc = 0x1E})), kFormat);
  EXPECT_EQ(
      VerdictOf(SignPe(image_, signer_, {.type = "1.2.840.113549.1.9.16.1.4"})),
      kFormat);
  EXPECT_EQ(
      VerdictOf(SignPe(image_, signer_, {.imprint = DigestAlgorithm::kSha384})),
      kFormat);  // the signer signs with SHA-256
  EXPECT_EQ(VerdictOf(SignPe(image_, signer_,
                             {.cms = {.digest = EVP_sha384()},
                              .imprint = DigestAlgorithm::kSha384})),
            kPassed);
}

TEST_F(AuthenticodeTest, WeakAlgorithmsNeedALegacyPolicy) {
  const Bytes file = SignPe(
      image_, signer_,
      {.cms = {.digest = EVP_sha1()}, .imprint = DigestAlgorithm::kSha1});
  EXPECT_EQ(VerdictOf(file), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  legacy_ = true;
  EXPECT_EQ(VerdictOf(file), kPassed) << detail_;
}

TEST_F(AuthenticodeTest, ForgedNumbersDoNotPass) {
  const auto zero = [](CMS_ContentInfo* cms) {  // N127: r = s = 0
    ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(
        sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0));
    const Bytes zeros = Hex("3006020100020100");
    ASN1_OCTET_STRING_set(value, zeros.data(), static_cast<int>(zeros.size()));
  };
  EXPECT_EQ(VerdictOf(SignPe(image_, signer_, {.cms = {.afterwards = zero}})),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  const Identity three = Issue(
      "Three", &ca_,
      {.purpose = "codeSigning", .rsa_bits = 2048, .rsa_exponent = 3});  // N128
  EXPECT_EQ(VerdictOf(SignPe(image_, three)),
            "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  // N39: a curve of the certificate's own making, CVE-2020-0601.
  const Identity curve =
      Issue("Curve", &ca_, {.purpose = "codeSigning", .explicit_curve = true});
  EXPECT_NE(VerdictOf(SignPe(image_, curve)), kPassed);
  TrustDb();
  EXPECT_NE(VerdictOf(SignPe(image_, curve)), kPassed);
}

TEST_F(AuthenticodeTest, ShimsKeysAreFound) {
  const Bytes certificate = DerOf(ca_);
  const Bytes dbx = SignatureList("sha256", Bytes(32, 0xAA));
  Bytes table(16);
  Put32(table, 0, static_cast<std::uint32_t>(certificate.size()));
  Put32(table, 4, static_cast<std::uint32_t>(dbx.size()));
  Put32(table, 8, 16);
  Put32(table, 12, static_cast<std::uint32_t>(16 + certificate.size()));
  table = Concat(Concat(table, certificate), dbx);
  const auto size = static_cast<std::uint32_t>(table.size());
  Bytes shim = image_;
  const std::size_t header = SectionHeaderOf(image_, ".sbat");
  std::ranges::copy(AsBytes(std::string_view("/4\0\0\0\0\0\0", 8)),
                    shim.begin() + static_cast<std::ptrdiff_t>(header));
  Put32(shim, header + 8, size);
  Put32(shim, header + 16, size);
  Put32(shim, header + 20, static_cast<std::uint32_t>(shim.size()));
  const std::size_t file_header = *ReadAt<Le32>(shim, 0x3c);
  shim = Concat(shim, table);
  Put32(shim, file_header + 12, static_cast<std::uint32_t>(shim.size()));
  Put32(shim, file_header + 16, 0);
  shim = Concat(shim, Hex("11000000 2E76656E646F725F63657274 00"));
  Artifact artifact;
  artifact.name = "shimx64.efi";
  const Limits limits;
  Observations seen;
  EXPECT_TRUE(kAuthenticode.find(
      {.artifact = artifact, .content = shim, .limits = limits}, seen));
  ASSERT_EQ(seen.keys.size(), 2U);
  EXPECT_EQ(seen.keys[0].what, "shim's vendor certificate CN=Vendor CA");
  EXPECT_EQ(seen.keys[0].type, Type::kUefiDb);
  EXPECT_EQ(seen.keys[0].key, certificate);
  EXPECT_EQ(seen.keys[0].place,
            (Range{image_.size() + 16, certificate.size()}));
  EXPECT_EQ(seen.keys[1].type, Type::kUefiDbx);
  EXPECT_EQ(seen.keys[1].key, dbx);
}

TEST_F(AuthenticodeTest, VariablesOfAStoreAreKeys) {
  Artifact artifact;
  const Limits limits;
  const auto keys = [&](std::string name, ByteView content) {
    artifact.name = std::move(name);
    Observations seen;
    static_cast<void>(kAuthenticode.find(
        {.artifact = artifact, .content = content, .limits = limits}, seen));
    return std::move(seen.keys);
  };
  const Bytes list = SignatureList("x509", DerOf(ca_));
  const std::string guid = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
  ASSERT_EQ(keys("db" + guid, list).size(), 1U);
  EXPECT_EQ(keys("db" + guid, list)[0].type, Type::kUefiDb);
  EXPECT_EQ(keys("dbx" + guid, list)[0].type, Type::kUefiDbx);
  EXPECT_TRUE(keys("KEK" + guid, list).empty());
  EXPECT_TRUE(keys("db" + guid, AsBytes("no list")).empty());
}

}  // namespace
}  // namespace assay::signatures
