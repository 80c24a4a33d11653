#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::Hex;
using testing::Sample;
using testing::Strings;

FileMetadata Regular(std::uint32_t mode) {
  FileMetadata meta;
  meta.mode = mode;
  meta.uid = 0;
  meta.gid = 12;
  return meta;
}

TEST(MetadataTest, TellsPrivilegesAndOpenPermissions) {
  const auto seen = Examine(kMetadata, "bin/su", ByteView(), Regular(06757));
  EXPECT_EQ(seen.Lines(), (Strings{"file.setuid bin/su mode=6757 uid=0",
                                   "file.setgid bin/su mode=6757 gid=12",
                                   "file.writable bin/su mode=6757"}));
  EXPECT_FALSE(seen.understood);
}

TEST(MetadataTest, OrdinaryMembersSayNothing) {
  EXPECT_TRUE(
      Examine(kMetadata, "bin/ls", ByteView(), Regular(0755)).facts.empty());
  EXPECT_TRUE(Examine(kMetadata, "x", ByteView()).facts.empty());
  // On directories setgid passes the group on, and /tmp is open to all.
  FileMetadata folder = Regular(07777);
  folder.type = FileType::kDirectory;
  EXPECT_TRUE(Examine(kMetadata, "tmp", ByteView(), folder).facts.empty());
}

TEST(MetadataTest, NamesCapabilitiesOfAllVersions) {
  const Bytes two = Sample("facts/metadata/cap_net_raw.hex");
  struct Case {
    Bytes xattr;
    std::string line;
  };
  const std::vector<Case> cases = {
      {two, "file.capability cap_net_raw effective=yes"},
      // VFS_CAP_REVISION_1: one pair of 32-bit sets.
      {Hex("00000001 01000000 02000000"),
       "file.capability cap_chown effective=no inheritable=cap_dac_override"},
      // Revision 3 adds the uid of the name space's root; bit 63 has no name.
      {Hex("00000003 03000000 00000000 00000080 00000000 E8030000"),
       "file.capability cap_chown,cap_dac_override,63 effective=no "
       "rootid=1000"},
      {Hex("00000004 00000000 00000000 00000000 00000000"),
       "anomaly metadata.capability-malformed "
       "detail=20 bytes in security.capability"},
      {Hex("01"),
       "anomaly metadata.capability-malformed "
       "detail=1 bytes in security.capability"},
  };
  for (const Case& one : cases) {
    FileMetadata meta = Regular(0755);
    meta.xattrs = {{"user.note", "x"},
                   {"security.capability", std::string(AsText(one.xattr))}};
    EXPECT_EQ(Examine(kMetadata, "bin/ping", ByteView(), meta).Lines(),
              Strings{one.line});
  }
}

TEST(MetadataTest, EveryPrefixOfACapabilityIsMalformed) {
  const Bytes whole = Sample("facts/metadata/cap_net_raw.hex");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FileMetadata meta = Regular(0755);
    meta.xattrs = {{"security.capability",
                    std::string(AsText(ByteView(whole).first(size)))}};
    const auto seen = Examine(kMetadata, "x", ByteView(), meta);
    EXPECT_EQ(seen.Values("anomaly").size(), 1U) << size;
    ExpectLawful(seen, {});
  }
}

TEST(MetadataTest, TellsDevicesAndLinks) {
  FileMetadata device;
  device.type = FileType::kBlockDevice;
  device.mode = 0660;
  device.device_major = 8;
  device.device_minor = 1;
  EXPECT_EQ(Examine(kMetadata, "dev/sda1", ByteView(), device).Lines(),
            Strings{"file.device block major=8 minor=1 mode=660"});
  FileMetadata link;
  link.type = FileType::kSymlink;
  link.link_target = "../../etc/passwd";
  EXPECT_EQ(Examine(kMetadata, "a", ByteView(), link).Lines(),
            Strings{"file.link ../../etc/passwd type=symlink"});
}

}  // namespace
}  // namespace assay::facts
