// The common archive of ar(1): static libraries, Debian's .deb and .udeb, and
// old .ipk packages. An 8-byte magic, then members, each behind a 60-byte
// text header and padded to an even offset with a newline. There is no end
// marker. Thin archives ("!<thin>\n"), whose members are other files, are not
// this format.
//
// Reference: ar(5); deb(5) for the members of a Debian package.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/ar_members.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";

struct Header {
  std::array<std::uint8_t, 16> name = {};
  std::array<std::uint8_t, 12> mtime = {};
  std::array<std::uint8_t, 6> uid = {};
  std::array<std::uint8_t, 6> gid = {};
  std::array<std::uint8_t, 8> mode = {};
  std::array<std::uint8_t, 10> size = {};
  std::array<std::uint8_t, 2> end = {};
};
static_assert(sizeof(Header) == 60 && FileStruct<Header>);

bool EndsWell(const Header& header) {
  return AsText(header.end) == "`\n";
}

std::string_view Stripped(ByteView field) {
  std::string_view text = AsText(field);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  return text;
}

// A field that holds no number at all, only blanks, is absent: GNU ar leaves
// those of its own tables empty.
Result<std::optional<std::uint64_t>> Number(ByteView field, unsigned base,
                                            std::string_view what,
                                            std::uint64_t at) {
  const std::string_view digits = Stripped(field);
  if (digits.empty()) {
    return std::nullopt;
  }
  const auto value = FieldNumber(digits, base);
  if (!value) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("ar header at offset {}: {} is \"{}\"", at, what,
                            Escaped(digits)));
  }
  return value;
}

struct Entry {
  std::uint64_t at = 0;  // of the header
  std::uint64_t size = 0;
  Member member = {};
};

Result<Entry> Decode(const Header& header, std::uint64_t at) {
  if (!EndsWell(header)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("no ar header at offset {}", at));
  }
  const auto mtime = Number(header.mtime, 10, "the time", at);
  const auto uid = Number(header.uid, 10, "the user", at);
  const auto gid = Number(header.gid, 10, "the group", at);
  const auto mode = Number(header.mode, 8, "the mode", at);
  const auto size = Number(header.size, 10, "the size", at);
  for (const auto* field : {&mtime, &uid, &gid, &mode, &size}) {
    if (!*field) {
      return Fail(field->error());
    }
  }
  if (!*size) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("ar header at offset {}: no size", at));
  }
  Entry entry{.at = at, .size = **size};
  entry.member.name = std::string(Stripped(header.name));
  entry.member.meta.uid = *uid;
  entry.member.meta.gid = *gid;
  if (*mode) {
    entry.member.meta.mode = static_cast<std::uint32_t>(**mode & 07777U);
  }
  if (*mtime) {
    entry.member.meta.mtime = static_cast<std::int64_t>(**mtime);
  }
  return entry;
}

// Watches the order that deb(5) lays down: debian-binary, control.tar*,
// data.tar*. dpkg skips members that begin with '_', so whatever else lies
// there is read by some tools and not by others.
class DebOrder {
 public:
  void See(const Entry& entry, ArtifactSink& sink) {
    const std::string& name = entry.member.name;
    const Range range{entry.at, sizeof(Header) + entry.size};
    if (count_++ == 0) {
      is_deb_ = IsTheMember(name, "debian-binary");
      return;
    }
    if (!is_deb_) {
      return;
    }
    if (name.rfind("_gpg", 0) == 0) {
      sink.Report({.id = "ar.deb-signature-member",
                   .range = range,
                   .detail = fmt::format("\"{}\": signed by debsigs; dpkg "
                                         "does not read it",
                                         Escaped(name))});
      return;
    }
    const std::string_view expected = next_ == 0   ? "control.tar"
                                      : next_ == 1 ? "data.tar"
                                                   : "";
    if (!expected.empty() && IsTar(name, expected)) {
      ++next_;
      return;
    }
    sink.Report({.id = "ar.deb-unexpected-member",
                 .range = range,
                 .detail = fmt::format("\"{}\" where {} belongs", Escaped(name),
                                       next_ == 2 ? "the end" : expected)});
    next_ = next_ == 0 && IsTar(name, "data.tar") ? 2 : next_;
  }

  void AtEnd(std::uint64_t at, ArtifactSink& sink) const {
    if (is_deb_ && next_ < 2) {
      sink.Report({.id = "ar.deb-missing-member",
                   .range = {at, 0},
                   .detail = fmt::format(
                       "the package ends without {}",
                       next_ == 0 ? "control.tar and data.tar" : "data.tar")});
    }
  }

 private:
  // Old dpkg-deb and GNU ar end names with a slash.
  static bool IsTheMember(std::string_view name, std::string_view wanted) {
    return name == wanted ||
           (name.size() == wanted.size() + 1 && name.back() == '/' &&
            name.substr(0, wanted.size()) == wanted);
  }
  static bool IsTar(std::string_view name, std::string_view stem) {
    constexpr std::array<std::string_view, 6> kEndings = {
        "", ".gz", ".xz", ".zst", ".bz2", ".lzma"};
    for (const std::string_view ending : kEndings) {
      if (IsTheMember(name, std::string(stem).append(ending))) {
        return true;
      }
    }
    return false;
  }

  std::uint64_t count_ = 0;
  bool is_deb_ = false;
  int next_ = 0;  // how many of control.tar, data.tar were seen
};

// One walk over an archive.
class Walk {
 public:
  Walk(Input& input, ArtifactSink& sink) : input_(input), sink_(sink) {}

  Result<void> Run() {
    std::array<std::uint8_t, kMagic.size()> magic = {};
    const std::uint64_t start = input_.position();
    const auto whole = ReadWhole(input_, magic, "ar magic");
    if (!whole || !*whole || AsText(magic) != kMagic) {
      return Fail(ErrorCode::kNotThisFormat, "no ar magic");
    }
    sink_.Claim({start, magic.size()}, RegionUse::kMetadata);
    while (true) {
      Header header;
      std::array<std::uint8_t, sizeof(Header)> raw = {};
      const std::uint64_t at = input_.position();
      const auto more = ReadWhole(input_, raw, "ar header");
      if (!more) {
        return Fail(more.error());
      }
      if (!*more) {
        deb_.AtEnd(at, sink_);
        return {};
      }
      header = *ReadAt<Header>(raw, 0);
      auto entry = Decode(header, at);
      if (!entry) {
        return Fail(entry.error());
      }
      sink_.Claim({at, sizeof(Header)}, RegionUse::kMetadata);
      deb_.See(*entry, sink_);
      if (auto ok = Content(std::move(*entry)); !ok) {
        return ok;
      }
    }
  }

 private:
  Result<void> Content(Entry entry) {
    const std::string stored = entry.member.name;
    const bool odd = entry.size % 2 != 0;
    if (auto ok = ResolveName(entry); !ok) {
      return ok;
    }
    const std::uint64_t at = input_.position();
    const std::string& name = entry.member.name;
    const bool index = stored == "/" || stored == "/SYM64/" ||
                       name == "__.SYMDEF" || name == "__.SYMDEF SORTED";
    if (index || stored == "//") {
      const auto table = TakeWhole(input_, entry.size, "ar table");
      if (!table) {
        return Fail(table.error());
      }
      sink_.Claim({at, entry.size}, RegionUse::kMetadata);
      if (stored == "//") {
        names_ = *table;
      }
    } else {
      const auto content = TakeWhole(input_, entry.size, "ar member");
      if (!content) {
        return Fail(content.error());
      }
      entry.member.origin = Range{at, entry.size};
      entry.member.stored = true;
      if (auto ok = sink_.Add(std::move(entry.member), *content); !ok) {
        return ok;
      }
    }
    return odd ? PassPadding() : Result<void>();
  }

  // The last member's newline is missing in some archives.
  Result<void> PassPadding() {
    const auto next = input_.Peek(1);
    if (!next) {
      return Fail(next.error());
    }
    return PassFiller(input_, next->size(), '\n', sink_);
  }

  // GNU "/<offset>" into the table "//", or "name/"; BSD "#1/<length>", the
  // name then stands before the content and counts as part of it.
  Result<void> ResolveName(Entry& entry) {
    std::string& name = entry.member.name;
    if (name.rfind("#1/", 0) == 0) {
      const auto length = FieldNumber(std::string_view(name).substr(3), 10);
      if (!length || *length > entry.size || *length > sink_.limits().name) {
        return BadName(entry);
      }
      const Range range{input_.position(), *length};
      const auto bytes = TakeWhole(input_, *length, "ar member name");
      if (!bytes) {
        return Fail(bytes.error());
      }
      sink_.Claim(range, RegionUse::kMetadata);
      entry.size -= *length;
      name = std::string(AsText(bytes->bytes()));
      name.erase(name.find_last_not_of('\0') + 1);  // padded with NULs
      return {};
    }
    if (name.size() > 1 && name[0] == '/' && name[1] >= '0' && name[1] <= '9') {
      const auto offset = FieldNumber(std::string_view(name).substr(1), 10);
      const std::string_view table = AsText(names_.bytes());
      if (!offset || *offset >= table.size()) {
        return BadName(entry);
      }
      std::string_view found = table.substr(static_cast<std::size_t>(*offset));
      // GNU ends an entry with "/\n", Microsoft's tools with a NUL.
      const std::size_t end = found.find_first_of(std::string_view("\n\0", 2));
      if (end == std::string_view::npos) {
        return BadName(entry);
      }
      found = found.substr(0, end);
      name = BoundedName(WithoutSlash(found), "ar", {entry.at, 16}, sink_);
      return {};
    }
    if (name != "/" && name != "//" && name != "/SYM64/") {
      name = std::string(WithoutSlash(name));
    }
    return {};
  }

  static std::string_view WithoutSlash(std::string_view name) {
    return name.substr(
        0, name.size() - (!name.empty() && name.back() == '/' ? 1U : 0U));
  }

  static Result<void> BadName(const Entry& entry) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("ar header at offset {}: the long name \"{}\" "
                            "leads nowhere",
                            entry.at, Escaped(entry.member.name)));
  }

  Input& input_;
  ArtifactSink& sink_;
  DebOrder deb_;
  ByteSource names_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  return Walk(input, sink).Run();
}

bool Matches(ByteView head) {
  if (AsText(head.first(std::min(head.size(), kMagic.size()))) != kMagic) {
    return false;
  }
  const auto header = ReadAt<Header>(head, kMagic.size());
  return header ? Decode(*header, kMagic.size()).has_value()
                : head.size() == kMagic.size();
}

// Other bytes may follow an archive in an image; it ends where no header
// begins. At least one member, for the magic alone is a text that occurs in
// every linker.
Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no ar magic");
  }
  const std::vector<ArMember> members = ReadArMembers(bytes);
  const std::uint64_t end =
      members.empty() ? kMagic.size() : members.back().end;
  if (const auto header = ReadAt<Header>(bytes, end);
      header && Decode(*header, end)) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("the ar member at offset {} ends past the input", end));
  }
  if (members.empty()) {
    return Fail(ErrorCode::kNotThisFormat, "an ar magic without a member");
  }
  return end;
}

constexpr Magic kMagics[] = {{kMagic, 0}};  // NOLINT: a table

}  // namespace

extern const Format kAr;
const Format kAr = {
    .name = "ar",
    .title = "ar archive (.deb, .udeb, .ipk, static library)",
    .reference = "ar(5), deb(5)",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

std::vector<ArMember> ReadArMembers(ByteView archive) {
  std::vector<ArMember> members;
  std::uint64_t at = kMagic.size();
  while (const auto header = ReadAt<Header>(archive, at)) {
    const auto entry = Decode(*header, at);
    const std::uint64_t content = at + sizeof(Header);
    if (!entry || entry->size > archive.size() - content) {
      break;
    }
    ArMember member{.name = entry->member.name,
                    .header = {at, sizeof(Header)},
                    .content = {content, entry->size},
                    .end = content + entry->size};
    if (member.name.size() > 1 && member.name.back() == '/') {
      member.name.pop_back();
    }
    const auto padding = Slice(archive, member.end, 1);
    member.end += member.end % 2 != 0 && padding && padding->front() == '\n';
    at = member.end;
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace assay::formats
