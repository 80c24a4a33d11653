#include "verifier/unpack/volumes.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/product.h"

namespace assay::unpack {
namespace {

using testing::ArtifactAt;
using testing::Concat;
using testing::FolderProduct;
using testing::Onlooker;
using testing::Sample;

const Bytes kGzip = Sample("formats/gzip/seq.hex");
const Bytes kTwoGzips = Concat(kGzip, kGzip);

using Files = std::vector<std::pair<std::string, Bytes>>;

// `whole` in pieces of those names, all but the last of one size.
Files Cut(ByteView whole, const std::vector<std::string>& names) {
  Files files;
  const std::size_t size = (whole.size() + names.size() - 1) / names.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t at = i * size;
    files.emplace_back(
        names[i], CopyOf(whole.subspan(at, std::min(size, whole.size() - at))));
  }
  return files;
}

// "whole = piece piece ...; " of every set that names alone suggest.
std::string SetsOf(const std::vector<std::string>& names) {
  Files files;
  for (const std::string& name : names) {
    files.emplace_back(name, Bytes());
  }
  const Product product = FolderProduct(std::move(files));
  std::string text;
  for (const VolumeSet& set : FindVolumes(product)) {
    text += set.name + " =";
    for (const std::size_t index : set.files) {
      text += " " + product.files[index].name;
    }
    text += "; ";
  }
  return text;
}

// The names of a folder's artifacts, each with its format.
std::string Opened(Files files) {
  const Survey survey =
      Walk(FolderProduct(std::move(files)), Onlooker(), WalkOptions());
  std::string text;
  for (const Node& node : survey.nodes) {
    if (node.artifact.depth == 1) {
      text += node.artifact.path + ":" + node.artifact.format + " ";
    }
  }
  std::string why;
  EXPECT_TRUE(testing::IsPartitioned(survey, &why)) << why;
  return text;
}

TEST(VolumesTest, NamesThatCountUpMakeASet) {
  EXPECT_EQ(SetsOf({"fw.7z.002", "fw.7z.001", "readme"}),
            "fw.7z = fw.7z.001 fw.7z.002; ");
  EXPECT_EQ(SetsOf({"d/fw.000", "d/fw.001"}), "d/fw = d/fw.000 d/fw.001; ");
  EXPECT_EQ(SetsOf({"fw.00", "fw.01"}), "fw = fw.00 fw.01; ");
  EXPECT_EQ(
      SetsOf({"fw.part9", "fw.part10", "fw.part1", "fw.part2", "fw.part3",
              "fw.part4", "fw.part5", "fw.part6", "fw.part7", "fw.part8"}),
      "fw = fw.part1 fw.part2 fw.part3 fw.part4 fw.part5 fw.part6 "
      "fw.part7 fw.part8 fw.part9 fw.part10; ");
  EXPECT_EQ(SetsOf({"fw.part01", "fw.part02"}), "fw = fw.part01 fw.part02; ");
  EXPECT_EQ(SetsOf({"fw.bin.aa", "fw.bin.ab"}),
            "fw.bin = fw.bin.aa fw.bin.ab; ");
  EXPECT_EQ(SetsOf({"d/xaa", "d/xab", "d/xac"}), "d/x = d/xaa d/xab d/xac; ");
  EXPECT_EQ(SetsOf({"fw_aaa", "fw_aab"}), "fw = fw_aaa fw_aab; ");
  EXPECT_EQ(SetsOf({"fw.zip", "fw.z02", "fw.z01"}),
            "fw.split.zip = fw.z01 fw.z02 fw.zip; ");
}

TEST(VolumesTest, NamesThatDoNotCountUpMakeNone) {
  for (const std::vector<std::string>& names :
       std::initializer_list<std::vector<std::string>>{
           {"fw.001"},                  // one piece
           {"fw.001", "fw.003"},        // a gap
           {"fw.002", "fw.003"},        // no beginning
           {"fw.001", "fw.0002"},       // other widths
           {"a/fw.001", "b/fw.002"},    // other folders
           {"fw.001", "fw.002", "fw"},  // the whole is there
           {"fw.001", "fw.01"},
           {"libc.1", "libc.0"},  // one digit
           {"fw.part1", "fw.part3"},
           {"fw.part1", "fw.part01"},  // twice the same
           {"fw.part2", "fw.part3"},
           {"fwpart1", "fwpart2"},
           {".part1", ".part2"},  // of nothing
           {".001", ".002"},
           {"fw.ab", "fw.ac"},
           {"fw.aa", "fw.ac"},
           {"aa", "ab"},
           {"d/aa", "d/ab"},
           {"fw.z01", "fw.z02"},  // without the last
           {"fw.zip"},
           {"fw.z02", "fw.zip"},
           {"fw.z01", "fw.z03", "fw.zip"},
           {"fw.z01", "other.zip"},
           {"fw.1234567890", "fw.1234567891"}}) {
    EXPECT_EQ(SetsOf(names), "") << names.front();
  }
}

TEST(VolumesTest, PiecesOfAProvenWholeAreJoined) {
  const Bytes zip = testing::WriteArchive("zip", testing::SomeFiles(false));
  const Bytes sevenzip = Sample("formats/sevenzip/plain.hex");
  for (const auto& names : std::initializer_list<std::vector<std::string>>{
           {"s.part1", "s.part2"},
           {"s.part01", "s.part02", "s.part03"},
           {"s.aa", "s.ab"},
           {"s.00", "s.01", "s.02"},
           {"s.001", "s.002"}}) {
    for (const auto& [format, bytes] :
         {std::pair("gzip", kGzip), {"zip", zip}, {"sevenzip", sevenzip}}) {
      std::string expected;
      for (const std::string& name : names) {
        expected += name + ":volume ";
      }
      EXPECT_EQ(Opened(Cut(bytes, names)), expected + "s:" + format + " ");
    }
  }
}

TEST(VolumesTest, TheWholeIsUnpacked) {
  const Survey survey = Walk(FolderProduct(Cut(kGzip, {"xaa", "xab", "xac"})),
                             Onlooker(), WalkOptions());
  EXPECT_EQ(ArtifactAt(survey, "x").sha256(), Sha256Hex(kGzip));
  EXPECT_EQ(ArtifactAt(survey, "x!/content").size, 692U);
}

TEST(VolumesTest, EvenNumberedPiecesNeedNoFormat) {
  const Bytes raw(64, 0x5A);
  EXPECT_EQ(Opened(Cut(raw, {"d.001", "d.002", "d.003"})),
            "d.001:volume d.002:volume d.003:volume d:text ");
}

TEST(VolumesTest, FilesThatMakeNothingStayFiles) {
  // No format goes over the joint.
  const Bytes raw(64, 0x5A);
  EXPECT_EQ(Opened(Cut(raw, {"d.part1", "d.part2"})),
            "d.part1:text d.part2:text ");
  EXPECT_EQ(Opened(Cut(raw, {"daa", "dab"})), "daa:text dab:text ");
  EXPECT_EQ(Opened({{"d.001", Bytes(16, 0x5A)}, {"d.002", Bytes(32, 0x5A)}}),
            "d.001:text d.002:text ");
  // It does, but something follows.
  EXPECT_EQ(
      Opened(Cut(Concat(kGzip, raw), {"s.part1", "s.part2"})).find("volume"),
      std::string::npos);
  // A piece is missing at the end.
  Files cut = Cut(kGzip, {"s.aa", "s.ab", "s.ac"});
  cut.pop_back();
  EXPECT_EQ(Opened(cut).find("volume"), std::string::npos);
  // Pieces in another order.
  cut = Cut(kGzip, {"s.ab", "s.aa"});
  EXPECT_EQ(Opened(cut).find("volume"), std::string::npos);
}

TEST(VolumesTest, CompleteFilesAreNobodysPieces) {
  // Together they would be one gzip file as well.
  for (const auto& names : std::initializer_list<std::vector<std::string>>{
           {"s.part1", "s.part2"}, {"s.001", "s.002"}, {"saa", "sab"}}) {
    EXPECT_EQ(Opened(Cut(kTwoGzips, names)),
              names[0] + ":gzip " + names[1] + ":gzip ");
  }
  EXPECT_EQ(Opened({{"s.001", {}}, {"s.002", kGzip}}), "s.001: s.002:gzip ");
}

TEST(VolumesTest, AnUnreadablePieceLeavesTheOthersAlone) {
  Product product = FolderProduct(Cut(kGzip, {"s.001", "s.002"}));
  product.files[1].open = [] {
    return Result<ByteSource>(Fail(ErrorCode::kUnreadable, "refused"));
  };
  const Survey survey = Walk(product, Onlooker(), WalkOptions());
  EXPECT_TRUE(
      testing::HasAnomaly(ArtifactAt(survey, "s.002"), "unpack.unreadable"));
  EXPECT_EQ(ArtifactAt(survey, "s.001").format, "gzip");
}

TEST(VolumesTest, AWholeBeyondTheLimitIsSaid) {
  WalkOptions options;
  options.limits.member = 100;
  const Survey survey =
      Walk(FolderProduct(Cut(kGzip, {"s.001", "s.002"})), Onlooker(), options);
  EXPECT_TRUE(testing::HasAnomaly(ArtifactAt(survey, "s"), "unpack.limit"));
}

}  // namespace
}  // namespace assay::unpack
