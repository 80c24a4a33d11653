#include "verifier/formats/archives/apk_adb_package.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/formats/archives/adb_value.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"

namespace assay::formats {
namespace {

using adb::BlockHead;
using adb::kAdb;
using adb::kData;
using adb::kSignature;
using adb::ReadBlock;
using adb::Slots;

struct FileHeader {
  Be32 magic;  // "ADB."
  Le32 schema;
};

struct AdbHeader {
  std::uint8_t compatible = 0, version = 0;
  Le16 reserved;
  Le32 root;
};
static_assert(sizeof(AdbHeader) == 8 && FileStruct<AdbHeader>);

struct DataHeader {
  Le32 path, file;
};

constexpr std::uint32_t kPlain = 0x4144422e;      // "ADB."
constexpr std::uint32_t kPackage = 0x676b6370;    // "pckg"
constexpr std::uint32_t kIndex = 0x78646e69;      // "indx"
constexpr std::uint32_t kInstalled = 0x00626469;  // "idb"
constexpr std::uint64_t kAlignment = 8;
constexpr std::uint64_t kLargestAdb = 256ULL << 20U;

// Fields of a package, a directory, a file and an access list.
enum Field : std::uint32_t {
  kPackagePaths = 2,
  kPackageScripts = 3,
  kName = 1,
  kAcl = 2,
  kDirectoryFiles = 3,
  kFileSize = 3,
  kFileMtime = 4,
  kFileHash = 5,
  kFileTarget = 6,
  kAclMode = 1,
  kAclUser = 2,
  kAclGroup = 3,
  kAclXattrs = 4,
};

constexpr std::array<std::string_view, 7> kScripts = {
    "trigger",        "pre-install", "post-install", "pre-deinstall",
    "post-deinstall", "pre-upgrade", "post-upgrade"};

// The names and types of a package; its content comes in later blocks.
class Package {
 public:
  Package(Input& input, ArtifactSink& sink) : input_(input), sink_(sink) {}

  Result<void> Run() {
    const auto head = TakeWhole(input_, sizeof(FileHeader), "ADB header");
    if (!head) {
      return Fail(head.error());
    }
    const std::uint32_t schema = ReadAt<FileHeader>(head->bytes(), 0)->schema;
    sink_.Claim({0, sizeof(FileHeader)}, RegionUse::kMetadata);
    if (auto ok = TakeAdb(); !ok) {
      return ok;
    }
    const auto header = *ReadAt<AdbHeader>(adb_.bytes(), 0);
    const Slots root(adb_.bytes(), header.root);
    if (auto ok = AddScripts(schema == kPackage ? root : Slots()); !ok) {
      return ok;
    }
    if (auto ok =
            AddPaths(schema == kPackage ? root.Object(kPackagePaths) : Slots());
        !ok) {
      return ok;
    }
    while (true) {
      const auto more = NextBlock();
      if (!more || !*more) {
        return more ? AddMissing() : Fail(more.error());
      }
    }
  }

 private:
  struct File {
    Slots slots;
    std::string name;
    std::uint64_t size = 0;
  };

  Result<BlockHead> TakeBlockHead() {
    const auto head = input_.Peek(16);
    if (!head) {
      return Fail(head.error());
    }
    const auto block = ReadBlock(*head);
    if (!block) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("no ADB block at offset {}", input_.position()));
    }
    sink_.Claim({input_.position(), block->header}, RegionUse::kMetadata);
    if (auto ok = input_.Skip(block->header); !ok) {
      return Fail(ok.error());
    }
    return *block;
  }

  Result<void> TakeAdb() {
    const auto block = TakeBlockHead();
    if (!block) {
      return Fail(block.error());
    }
    if (block->type != kAdb || block->size < sizeof(AdbHeader)) {
      return Fail(ErrorCode::kMalformed, "an ADB file that begins with no ADB");
    }
    if (block->size > kLargestAdb) {
      return Fail(ErrorCode::kLimit,
                  fmt::format("an ADB block of {} bytes", block->size));
    }
    adb_at_ = input_.position();
    auto bytes = TakeWhole(input_, block->size, "ADB block");
    if (!bytes) {
      return Fail(bytes.error());
    }
    adb_ = std::move(*bytes);
    return {};
  }

  // Scripts are members, what lies between them is metadata.
  Result<void> AddScripts(const Slots& root) {
    Coverage coverage;
    const Slots scripts = root.Object(kPackageScripts);
    for (std::uint32_t i = 0; i < kScripts.size(); ++i) {
      const auto place = scripts.Place(i + 1);
      if (!place || place->length == 0) {
        continue;
      }
      const Range origin{adb_at_ + place->offset, place->length};
      if (coverage.Touches(origin)) {
        sink_.Report({.id = "apk_adb.overlapping-scripts",
                      .range = origin,
                      .detail = "two scripts share bytes"});
        continue;
      }
      coverage.Add(origin);
      if (auto ok =
              sink_.Add({.name = fmt::format("scripts/{}", kScripts.at(i)),
                         .origin = origin,
                         .stored = true},
                        *adb_.Slice(*place));
          !ok) {
        return ok;
      }
    }
    coverage.ClaimFree({adb_at_, adb_.size()}, RegionUse::kMetadata, sink_);
    return PassFiller(input_, GapTo(kAlignment, input_.position()), 0, sink_);
  }

  [[nodiscard]] Range AdbRange() const { return {adb_at_, adb_.size()}; }

  Result<void> AddPaths(const Slots& paths) {
    // Each takes a slot of four bytes; arrays that are shared would make more.
    std::uint64_t left = adb_.size() / sizeof(Le32);
    for (std::uint32_t i = 1; i <= paths.count(); ++i) {
      const Slots path = paths.Object(i);
      const Slots files = path.Object(kDirectoryFiles);
      if (files.count() >= left) {
        return Fail(ErrorCode::kMalformed,
                    "an ADB package with more files than there is room for");
      }
      left -= files.count() + 1;
      const std::string folder =
          BoundedName(path.Text(kName), "apk_adb", AdbRange(), sink_);
      Member member{.name = folder.empty() ? "." : folder,
                    .meta = MetadataOf(path.Object(kAcl))};
      member.meta.type = FileType::kDirectory;
      if (auto ok = sink_.AddEmpty(std::move(member)); !ok) {
        return ok;
      }
      for (std::uint32_t j = 1; j <= files.count(); ++j) {
        if (auto ok = AddFile({i, j}, folder, files.Object(j)); !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  static FileMetadata MetadataOf(const Slots& acl) {
    FileMetadata meta;
    if (acl.count() > 0) {
      meta.mode = static_cast<std::uint32_t>(acl.Number(kAclMode) & 07777U);
    }
    meta.owner = std::string(acl.Text(kAclUser));
    meta.group = std::string(acl.Text(kAclGroup));
    const Slots xattrs = acl.Object(kAclXattrs);
    for (std::uint32_t i = 1; i <= xattrs.count(); ++i) {
      const std::string_view text = xattrs.Text(i);
      const auto end = text.find('\0');
      if (end != std::string_view::npos) {
        meta.xattrs.emplace_back(text.substr(0, end), text.substr(end + 1));
      }
    }
    return meta;
  }

  // Files with content wait for their blocks.
  Result<void> AddFile(std::pair<std::uint32_t, std::uint32_t> key,
                       const std::string& folder, const Slots& slots) {
    const std::string name = BoundedName(
        folder.empty() ? std::string(slots.Text(kName))
                       : fmt::format("{}/{}", folder, slots.Text(kName)),
        "apk_adb", AdbRange(), sink_);
    const ByteView target = slots.Blob(kFileTarget);
    const std::uint64_t size = slots.Number(kFileSize);
    if (target.empty() && size > 0) {
      waiting_.emplace(key, File{slots, name, size});
      return {};
    }
    Member member = MemberOf(slots, name);
    if (target.empty()) {
      return sink_.Add(std::move(member), ByteSource());
    }
    SetTarget(target, member);
    return sink_.AddEmpty(std::move(member));
  }

  static Member MemberOf(const Slots& slots, const std::string& name) {
    Member member{.name = name, .meta = MetadataOf(slots.Object(kAcl))};
    member.meta.mtime = static_cast<std::int64_t>(slots.Number(kFileMtime));
    return member;
  }

  // A type as in a mode, and a path or a device number.
  void SetTarget(ByteView target, Member& member) {
    const auto type = ReadAt<Le16>(target, 0);
    FileMetadata& meta = member.meta;
    meta.type = TypeOfMode(type ? std::uint32_t{*type} : 0U);
    const ByteView value =
        target.subspan(std::min<std::size_t>(2, target.size()));
    const auto device = ReadAt<Le64>(value, 0);
    if (meta.type == FileType::kSymlink) {
      meta.link_target =
          BoundedName(AsText(value), "apk_adb", AdbRange(), sink_);
    } else if (device && meta.type != FileType::kRegular) {
      // As glibc packs them.
      const std::uint64_t number = *device;
      meta.device_major = static_cast<std::uint32_t>(
          (number >> 8U & 0xfffU) | (number >> 32U & ~0xfffULL));
      meta.device_minor = static_cast<std::uint32_t>(
          (number & 0xffU) | (number >> 12U & 0xffffff00ULL));
    }
  }

  // False when no further block follows.
  Result<bool> NextBlock() {
    const auto head = input_.Peek(16);
    if (!head) {
      return Fail(head.error());
    }
    const auto block = ReadBlock(*head);
    if (!block || block->type == kAdb ||
        (block->type == kData && block->size < sizeof(DataHeader))) {
      return false;
    }
    if (auto ok = TakeBlockHead(); !ok) {
      return Fail(ok.error());
    }
    auto added = block->type == kSignature ? AddSignature(block->size)
                                           : AddData(block->size);
    if (!added) {
      return Fail(added.error());
    }
    // The last block need not be filled up.
    const std::uint64_t gap = GapTo(kAlignment, input_.position());
    const auto rest = input_.Peek(static_cast<std::size_t>(gap));
    if (!rest) {
      return Fail(rest.error());
    }
    if (auto ok = PassFiller(input_, rest->size(), 0, sink_); !ok) {
      return Fail(ok.error());
    }
    return true;
  }

  Result<void> AddSignature(std::uint64_t size) {
    const Range origin{input_.position(), size};
    auto bytes = TakeWhole(input_, size, "ADB signature");
    if (!bytes) {
      return Fail(bytes.error());
    }
    return sink_.Add({.name = fmt::format("signature{}", ++signatures_),
                      .origin = origin,
                      .stored = true},
                     std::move(*bytes));
  }

  Result<void> AddData(std::uint64_t size) {
    const std::uint64_t at = input_.position();
    const auto head = TakeWhole(input_, sizeof(DataHeader), "ADB data header");
    if (!head) {
      return Fail(head.error());
    }
    const auto header = *ReadAt<DataHeader>(head->bytes(), 0);
    sink_.Claim({at, sizeof(DataHeader)}, RegionUse::kMetadata);
    const Range origin{input_.position(), size - sizeof(DataHeader)};
    auto content = TakeWhole(input_, origin.length, "ADB data");
    if (!content) {
      return Fail(content.error());
    }
    const auto found = waiting_.find({header.path, header.file});
    if (found == waiting_.end()) {
      sink_.Report(
          {.id = "apk_adb.unlisted-data",
           .range = origin,
           .detail = fmt::format(
               "data for file {} of path {}, which is not listed or "
               "had its data",
               std::uint32_t{header.file}, std::uint32_t{header.path})});
      return sink_.Add(
          {.name = fmt::format("data/{}/{}", std::uint32_t{header.path},
                               std::uint32_t{header.file}),
           .origin = origin,
           .stored = true},
          std::move(*content));
    }
    const File file = std::move(found->second);
    waiting_.erase(found);
    Check(file, *content, origin);
    Member member = MemberOf(file.slots, file.name);
    member.origin = origin;
    member.stored = true;
    return sink_.Add(std::move(member), std::move(*content));
  }

  void Check(const File& file, const ByteSource& content, Range origin) {
    if (content.size() != file.size) {
      sink_.Report({.id = "apk_adb.size-mismatch",
                    .range = origin,
                    .detail = fmt::format("\"{}\": {} bytes are listed, {} are "
                                          "there",
                                          Escaped(file.name), file.size,
                                          content.size())});
    }
    // The algorithm follows from the length.
    const ByteView hash = file.slots.Blob(kFileHash);
    for (const auto algorithm :
         {DigestAlgorithm::kSha1, DigestAlgorithm::kSha256,
          DigestAlgorithm::kSha512}) {
      if (hash.size() == SizeOf(algorithm) &&
          HexOf(hash) != DigestOf(algorithm, content.bytes()).hex) {
        sink_.Report(
            {.id = "apk_adb.checksum-mismatch",
             .range = origin,
             .detail = fmt::format("\"{}\" does not have the {} that "
                                   "is listed",
                                   Escaped(file.name), NameOf(algorithm))});
      }
    }
  }

  Result<void> AddMissing() {
    for (const auto& [key, file] : waiting_) {
      sink_.Report({.id = "apk_adb.missing-data",
                    .range = AdbRange(),
                    .detail = fmt::format("\"{}\" of {} bytes has no data",
                                          Escaped(file.name), file.size)});
      if (auto ok = sink_.AddOpaque(MemberOf(file.slots, file.name),
                                    "its data are missing");
          !ok) {
        return ok;
      }
    }
    return {};
  }

  Input& input_;
  ArtifactSink& sink_;
  ByteSource adb_;
  std::uint64_t adb_at_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, File> waiting_;
  unsigned signatures_ = 0;
};

}  // namespace

bool IsAdbFile(ByteView head) {
  const auto file = ReadAt<FileHeader>(head, 0);
  if (!file || file->magic != kPlain ||
      (file->schema != kPackage && file->schema != kIndex &&
       file->schema != kInstalled)) {
    return false;
  }
  const auto block = ReadBlock(head.subspan(sizeof(FileHeader)));
  const auto header =
      block ? ReadAt<AdbHeader>(head, sizeof(FileHeader) + block->header)
            : std::nullopt;
  return header && block->type == kAdb && block->size >= sizeof(AdbHeader) &&
         header->compatible == 0 && header->reserved == 0;
}

Result<void> UnpackAdbFile(Input& input, ArtifactSink& sink) {
  return Package(input, sink).Run();
}

}  // namespace assay::formats
