// Detached signatures and lists speak of the files beside them, in whichever
// folder of whichever container that is.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/golden/verified.h"
#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"

namespace assay {
namespace {

using testing::ArchivedFile;
using testing::Sample;
using testing::SamplePath;
using testing::ScratchFolder;
using testing::VerdictsOn;

constexpr UnixTime kAt = 1'800'000'000;  // 2027-01-15

struct Signed {
  std::string type;    // of the anchor
  std::string key;     // sample
  std::string target;  // name of what has to pass
  std::vector<std::pair<std::string, std::string>> files;  // name, sample
};

const std::vector<Signed>& AllSigned() {
  static const std::vector<Signed> all = {
      {"minisign-key",
       "minisign/key.pub",
       "firmware.txt",
       {{"firmware.txt", "minisign/firmware.txt"},
        {"firmware.txt.minisig", "minisign/firmware.txt.minisig"}}},
      {"signify-key",
       "signify/key.pub",
       "firmware.txt",
       {{"firmware.txt", "signify/firmware.txt"},
        {"firmware.txt.sig", "signify/firmware.txt.sig"}}},
      {"ssh-signers",
       "sshsig/allowed",
       "firmware.txt",
       {{"firmware.txt", "sshsig/firmware.txt"},
        {"firmware.txt.sig", "sshsig/ed25519.sig"}}},
      {"openpgp-cert",
       "openpgp_detached/key.asc",
       "firmware.txt",
       {{"firmware.txt", "openpgp_detached/firmware.txt"},
        {"firmware.txt.asc", "openpgp_detached/firmware.txt.asc"}}},
      {"x509-ca",
       "cms_detached/ca.pem",
       "firmware.txt",
       {{"firmware.txt", "cms_detached/firmware.txt"},
        {"firmware.txt.p7s", "cms_detached/firmware.txt.p7s"}}},
      {"raw-key",
       "swupdate/rsa.pub.pem",
       "rootfs.img",
       {{"sw-description", "swupdate/sw-description"},
        {"sw-description.sig", "swupdate/rsa.sig"},
        {"rootfs.img", "swupdate/rootfs.img"},
        {"update.sh", "swupdate/update.sh"}}},
      {"raw-key",
       "mender/rsa.pub.pem",
       "version",
       {{"manifest", "mender/rsa.manifest"},
        {"manifest.sig", "mender/rsa.manifest.sig"},
        {"version", "mender/version"}}},
  };
  return all;
}

std::vector<ArchivedFile> FilesOf(const Signed& one,
                                  const std::string& folder) {
  std::vector<ArchivedFile> files;
  for (const auto& [name, sample] : one.files) {
    ArchivedFile& file = files.emplace_back();
    file.name = folder + name;
    file.content = AsText(Sample("signatures/" + sample));
  }
  return files;
}

// The verdicts on `target` of a product with these files.
std::string Judged(const Signed& one, const std::string& container,
                   const std::vector<ArchivedFile>& files,
                   const std::string& target) {
  const ScratchFolder product;
  if (container.empty()) {
    for (const ArchivedFile& file : files) {
      product.Write(file.name, file.content);
    }
  } else {
    product.Write("product", AsText(testing::WriteArchive(container, files)));
  }
  const Report report = testing::SignaturesUnder(
      fmt::format("anchors: [{{name: vendor, type: {}, file: \"{}\"}}]\n",
                  one.type, SamplePath("signatures/" + one.key)),
      {.product = product.path(), .at = kAt});
  return VerdictsOn(report, container.empty() ? target : "product!/" + target);
}

bool Passes(const std::string& verdicts) {
  return verdicts.find("TOTAL-PASSED") != std::string::npos;
}

TEST(SiblingsTest, AreFoundInEveryFolder) {
  for (const Signed& one : AllSigned()) {
    for (const char* container : {"", "ustar", "zip"}) {
      for (const char* folder : {"", "sub/", "v1.0/sub/"}) {
        const std::string verdicts =
            Judged(one, container, FilesOf(one, folder), folder + one.target);
        EXPECT_TRUE(Passes(verdicts))
            << one.key << " " << container << " " << folder << verdicts;
      }
    }
  }
}

TEST(SiblingsTest, OfAnotherFolderAreNotTaken) {
  for (const Signed& one : AllSigned()) {
    for (const char* container : {"", "ustar", "zip"}) {
      std::vector<ArchivedFile> files = FilesOf(one, "sub/");
      for (ArchivedFile& file : files) {
        if (file.name == "sub/" + one.target) {
          file.name = one.target;
        }
      }
      for (const std::string& target : {one.target, "sub/" + one.target}) {
        const std::string verdicts = Judged(one, container, files, target);
        EXPECT_FALSE(Passes(verdicts))
            << one.key << " " << container << " " << target << verdicts;
      }
    }
  }
}

TEST(SiblingsTest, ChangedOnesFailInEveryFolder) {
  for (const Signed& one : AllSigned()) {
    std::vector<ArchivedFile> files = FilesOf(one, "sub/");
    for (ArchivedFile& file : files) {
      if (file.name == "sub/" + one.target) {
        file.content += "x";
      }
    }
    const std::string verdicts =
        Judged(one, "ustar", files, "sub/" + one.target);
    EXPECT_FALSE(Passes(verdicts)) << one.key << verdicts;
    EXPECT_NE(verdicts.find("TOTAL-FAILED"), std::string::npos)
        << one.key << verdicts;
  }
}

TEST(SiblingsTest, AListOfAnotherFolderSpeaksOfItsOwn) {
  const std::string sum =
      "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4  a\n";
  const ScratchFolder product;  // the digest of "hi\n"
  product.Write("sub/SHA256SUMS", sum);
  product.Write("sub/a", "hi\n");
  product.Write("a", "ho\n");
  const Report report =
      testing::SignaturesUnder("", {.product = product.path(), .at = kAt});
  EXPECT_EQ(VerdictsOn(report, "sub/a"), "DIGEST-ONLY");
  EXPECT_EQ(VerdictsOn(report, "a"), "");
}

}  // namespace
}  // namespace assay
