#include "verifier/model/reference.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"

namespace assay {
namespace {

const Publication kShell{.name = "shell.deb",
                         .sha256 = "aa",
                         .anchor = "archive",
                         .signer = "Archive Key"};
const Publication kTools{.name = "tools.deb", .sha256 = "bb"};

Artifact File(std::string_view place, std::string_view content,
              std::uint32_t mode = 0755) {
  Artifact artifact;
  artifact.inner_path = place;
  artifact.has_content = true;
  artifact.size = content.size();
  artifact.digests = {{DigestAlgorithm::kSha256, Sha256Hex(AsBytes(content))}};
  artifact.meta.mode = mode;
  artifact.meta.uid = 0;
  artifact.meta.gid = 0;
  return artifact;
}

Bytes Built() {
  ReferenceBuilder builder;
  builder.Add(kTools, File("usr/bin/tool", "tool"));
  builder.Add(kShell, File("bin/sh", "shell"));
  builder.Add(kShell, File("bin/su", "su", 04755));
  builder.Add(kShell, File("etc/empty", ""));
  return builder.Finish();
}

ReferenceSet Read(const Bytes& bytes) {
  auto set = ReferenceSet::Read(ByteSource::Own(bytes));
  EXPECT_TRUE(set.has_value()) << (set ? "" : set.error().what);
  return *set;
}

TEST(Reference, FindsContentPlaceAndRights) {
  const ReferenceSet set = Read(Built());
  EXPECT_EQ(set.originals(), 3U);
  struct Case {
    Artifact artifact;
    OriginalMatch match;
  };
  for (const Case& one : {
           Case{File("bin/sh", "shell"), OriginalMatch::kFile},
           Case{File("usr/bin/sh", "shell"), OriginalMatch::kFile},
           Case{File("tmp/sh", "shell"), OriginalMatch::kContent},
           Case{File("usr/share/bin/sh", "shell"), OriginalMatch::kContent},
           Case{File("bin/sh", "shell", 04755), OriginalMatch::kPlace},
           Case{File("bin/su", "su", 04755), OriginalMatch::kFile},
           Case{File("bin/sh", "shell!"), OriginalMatch::kNone},
           Case{File("etc/empty", ""), OriginalMatch::kNone},
       }) {
    EXPECT_EQ(set.Find(one.artifact).match, one.match)
        << one.artifact.inner_path;
  }
  EXPECT_EQ(set.Find(File("bin/sh", "shell")).publication->name, "shell.deb");
  EXPECT_EQ(set.Find(File("bin/x", "x")).publication, nullptr);
}

// A container that says nothing of rights does not have the original's.
TEST(Reference, AbsentRightsAreNotRights) {
  const ReferenceSet set = Read(Built());
  Artifact bare = File("bin/sh", "shell");
  bare.meta = {};
  EXPECT_EQ(set.Find(bare).match, OriginalMatch::kPlace);
  Artifact other = File("bin/sh", "shell");
  other.meta.uid = 1000;
  EXPECT_EQ(set.Find(other).match, OriginalMatch::kPlace);
}

// Capabilities and access control lists are rights; labels are not.
TEST(Reference, ExtendedAttributesThatGiveRightsCount) {
  const ReferenceSet set = Read(Built());
  for (const auto& [name, match] :
       {std::pair("security.capability", OriginalMatch::kPlace),
        std::pair("system.posix_acl_access", OriginalMatch::kPlace),
        std::pair("security.selinux", OriginalMatch::kFile)}) {
    Artifact file = File("bin/sh", "shell");
    file.meta.xattrs = {{name, "value"}};
    EXPECT_EQ(set.Find(file).match, match) << name;
  }
}

TEST(Reference, TheOrderOfArrivalDoesNotMatter) {
  ReferenceBuilder builder;
  builder.Add(kShell, File("bin/su", "su", 04755));
  builder.Add(kShell, File("bin/sh", "shell"));
  builder.Add(kTools, File("usr/bin/tool", "tool"));
  builder.Add(kTools, File("usr/bin/tool", "tool"));
  EXPECT_EQ(builder.Finish(), Built());
}

TEST(Reference, WhatIsCutOrForeignIsRefused) {
  const Bytes whole = Built();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const ByteView part = ByteView(whole).first(size);
    EXPECT_FALSE(ReferenceSet::Read(ByteSource::Borrow(part)).has_value())
        << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(ReferenceSet::Read(ByteSource::Borrow(longer)).has_value());
  Bytes newer = whole;
  newer[8] = 2;
  const auto refused = ReferenceSet::Read(ByteSource::Borrow(newer));
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().what.find("version 2"), std::string::npos);
}

// Whatever its head says, a damaged set neither reads outside of its bytes nor
// finds what it does not hold.
TEST(Reference, FlippedBytesFindNothingNew) {
  const Bytes whole = Built();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= 0xFFU;
    const auto set = ReferenceSet::Read(ByteSource::Borrow(damaged));
    if (set) {
      EXPECT_EQ(set->Find(File("bin/x", "unknown")).match,
                OriginalMatch::kNone);
    }
  }
}

}  // namespace
}  // namespace assay
