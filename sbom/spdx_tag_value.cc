// SPDX 2 as tag-value. Specification: SPDX 2.3, clause 5.4 and the "tag-value"
// lines of clauses 6 to 12; annex on the format's <text> marks.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sbom/registry.h"
#include "sbom/spdx2.h"
#include "sbom/spdx2_shape.h"
#include "sbom/spdx_tags.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Part = SpdxPart;
using Form = SpdxForm;

constexpr std::string_view kVersionTag = "SPDXVersion:";
constexpr std::string_view kTextBegin = "<text>";
constexpr std::string_view kTextEnd = "</text>";

struct Entry {
  std::string_view tag;
  std::string_view value;  // without its <text> marks
  std::uint32_t place = 0;
};

struct Section {
  Part part = Part::kDocument;
  std::vector<Entry> entries = {};
  std::vector<std::string_view> files = {};  // SPDXIDs of a package's files
};

// Entries that belong to the document wherever they stand.
bool IsOfDocument(std::string_view tag) {
  return tag == "Relationship" || tag == "Creator" || tag == "Created" ||
         tag == "ExternalDocumentRef" || tag == "LicenseListVersion";
}

// Lines into entries.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // Nothing at the end or when problem() says why.
  std::optional<Entry> Next() {
    while (at_ < text_.size() && problem_.empty()) {
      const std::size_t begin = at_;
      const std::size_t newline = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = Trim(text_.substr(begin, newline - begin));
      at_ = newline + 1;
      ++line_;
      if (line.empty() || line.front() == '#' || line == "\xEF\xBB\xBF") {
        continue;
      }
      return Split(line, begin);
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::optional<Entry> Split(std::string_view line, std::size_t begin) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      problem_ = fmt::format("line {}: no \"Tag: value\"", line_);
      return std::nullopt;
    }
    Entry entry{.tag = Trim(line.substr(0, colon)),
                .value = Trim(line.substr(colon + 1)),
                .place = static_cast<std::uint32_t>(begin)};
    if (entry.tag.substr(0, 3) == "\xEF\xBB\xBF") {
      entry.tag.remove_prefix(3);
    }
    const std::size_t mark = entry.value.find(kTextBegin);
    // A LicenseID or range may precede nothing else: the mark comes first.
    return mark == 0 ? TakeText(entry, begin) : entry;
  }

  // From the mark to its end, over as many lines as it takes.
  std::optional<Entry> TakeText(Entry entry, std::size_t begin) {
    const std::size_t from = text_.find(kTextBegin, begin) + kTextBegin.size();
    const std::size_t to = text_.find(kTextEnd, from);
    if (to == std::string_view::npos) {
      problem_ =
          fmt::format("line {}: {} without {}", line_, kTextBegin, kTextEnd);
      return std::nullopt;
    }
    entry.value = text_.substr(from, to - from);
    const std::size_t after = to + kTextEnd.size();
    const std::size_t newline = std::min(text_.find('\n', after), text_.size());
    line_ += static_cast<std::size_t>(
        std::count(entry.value.begin(), entry.value.end(), '\n'));
    at_ = newline + 1;
    return entry;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::string problem_;
};

// Sections into the JSON shape.
class Shaper {
 public:
  explicit Shaper(std::string_view text)
      : text_(text), builder_(TreeBuilder::ForText(text)) {
    sections_.emplace_back();
  }

  Result<Tree> Shape() {
    Lexer lexer(text_);
    while (const auto entry = lexer.Next()) {
      Add(*entry);
    }
    if (!lexer.problem().empty()) {
      return Fail(ErrorCode::kMalformed, "not tag-value: " + lexer.problem());
    }
    builder_.OpenObject(0);
    PutMembers(sections_.front());
    PutCreation();
    PutSections("packages", Part::kPackage);
    PutSections("files", Part::kFile);
    PutSections("snippets", Part::kSnippet);
    PutSections("hasExtractedLicensingInfos", Part::kLicence);
    PutRelationships();
    builder_.Close();
    if (!builder_.ok()) {
      return Fail(ErrorCode::kMalformed, builder_.problem());
    }
    return builder_.Finish();
  }

 private:
  void Add(const Entry& entry) {
    if (IsOfDocument(entry.tag)) {
      document_entries_.push_back(entry);
      return;
    }
    if (const auto part = OpenedBySpdxTag(entry.tag)) {
      sections_.push_back({.part = *part});
      package_ = *part == Part::kPackage ? sections_.size() - 1 : package_;
    }
    Section& section = sections_.back();
    section.entries.push_back(entry);
    // Clause 8: a file belongs to the package before it.
    if (section.part == Part::kFile && entry.tag == "SPDXID" && package_ != 0) {
      sections_[package_].files.push_back(entry.value);
    }
  }

  void Text(std::string_view key, std::string_view text, std::uint32_t place) {
    builder_.Key(key);
    builder_.String(text, place);
  }

  // The entries of one section, those of one key together. A tag that the part
  // does not have becomes a member "Tag:", which no object of the shape has
  // either, so that the check of the shape names it.
  void PutMembers(const Section& section) {
    std::map<std::string, std::pair<Form, std::vector<const Entry*>>> by_key;
    for (const Entry& entry : section.entries) {
      const SpdxTag* meaning = FindSpdxTag(section.part, entry.tag);
      if (meaning == nullptr && IsSpdxRemark(entry.tag)) {
        continue;
      }
      auto& [form, entries] =
          by_key[meaning == nullptr ? fmt::format("{}:", entry.tag)
                                    : std::string(meaning->key)];
      form = meaning == nullptr ? Form::kText : meaning->form;
      entries.push_back(&entry);
    }
    for (const auto& [key, member] : by_key) {
      builder_.Key(key);
      Put(member.first, member.second);
    }
    if (!section.files.empty()) {
      builder_.Key("hasFiles");
      builder_.OpenArray(section.entries.front().place);
      for (const std::string_view file : section.files) {
        builder_.String(file, section.entries.front().place);
      }
      builder_.Close();
    }
  }

  // What stands more often than it may becomes an array, whose type is wrong:
  // readers that took the first and readers that took the last would differ.
  void Put(Form form, const std::vector<const Entry*>& entries) {
    const Entry& first = *entries.front();
    const bool once = entries.size() == 1;
    if (form == Form::kText && once) {
      builder_.String(first.value, first.place);
    } else if (form == Form::kFlag && once) {
      builder_.Bool(Lower(first.value) == "true", first.place);
    } else if (form == Form::kCode && once) {
      PutCode(first);
    } else {
      builder_.OpenArray(first.place);
      for (const Entry* entry : entries) {
        PutElement(form, *entry);
      }
      builder_.Close();
    }
  }

  void PutElement(Form form, const Entry& entry) {
    if (form != Form::kChecksums && form != Form::kReferences) {
      builder_.String(entry.value, entry.place);
      return;
    }
    builder_.OpenObject(entry.place);
    if (form == Form::kChecksums) {  // "SHA1: 85ed..."
      const std::size_t colon =
          std::min(entry.value.find(':'), entry.value.size());
      Text("algorithm", Trim(entry.value.substr(0, colon)), entry.place);
      Text("checksumValue",
           colon < entry.value.size() ? Trim(entry.value.substr(colon + 1))
                                      : std::string_view(),
           entry.place);
    } else {  // "PACKAGE-MANAGER purl pkg:..."
      PutWords(entry,
               {"referenceCategory", "referenceType", "referenceLocator"});
    }
    builder_.Close();
  }

  // Three words; the last takes all that is left.
  void PutWords(const Entry& entry,
                const std::array<std::string_view, 3>& keys) {
    std::string_view rest = entry.value;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::size_t end =
          i + 1 < keys.size() ? std::min(rest.find_first_of(" \t"), rest.size())
                              : rest.size();
      Text(keys.at(i), Trim(rest.substr(0, end)), entry.place);
      rest = Trim(rest.substr(end));
    }
  }

  // Clause 7.9: "d6a7... (excludes: ./package.spdx)"
  void PutCode(const Entry& entry) {
    builder_.OpenObject(entry.place);
    Text("packageVerificationCodeValue",
         Trim(entry.value.substr(0, entry.value.find('('))), entry.place);
    builder_.Close();
  }

  void PutCreation() {
    builder_.Key("creationInfo");
    builder_.OpenObject(
        document_entries_.empty() ? 0 : document_entries_.front().place);
    PutCreationMember("Created", "created", Form::kText);
    PutCreationMember("LicenseListVersion", "licenseListVersion", Form::kText);
    PutCreationMember("Creator", "creators", Form::kTexts);
    builder_.Close();
  }

  void PutCreationMember(std::string_view tag, std::string_view key,
                         Form form) {
    std::vector<const Entry*> entries;
    for (const Entry& entry : document_entries_) {
      if (entry.tag == tag) {
        entries.push_back(&entry);
      }
    }
    if (!entries.empty()) {
      builder_.Key(key);
      Put(form, entries);
    }
  }

  void PutSections(std::string_view key, Part part) {
    builder_.Key(key);
    builder_.OpenArray(0);
    for (const Section& section : sections_) {
      if (section.part == part) {
        builder_.OpenObject(section.entries.front().place);
        PutMembers(section);
        builder_.Close();
      }
    }
    builder_.Close();
  }

  void PutRelationships() {
    builder_.Key("relationships");
    builder_.OpenArray(0);
    for (const Entry& entry : document_entries_) {
      if (entry.tag == "Relationship") {
        builder_.OpenObject(entry.place);
        PutWords(entry,
                 {"spdxElementId", "relationshipType", "relatedSpdxElement"});
        builder_.Close();
      }
    }
    builder_.Close();
  }

  std::string_view text_;
  TreeBuilder builder_;
  std::vector<Section> sections_;  // the first is the document's
  std::vector<Entry> document_entries_;
  std::size_t package_ = 0;  // the last one's section; 0: none yet
};

bool Identify(const SbomSource& source) {
  constexpr std::size_t kLookedAt = 65536;
  const std::string_view head = source.text().substr(0, kLookedAt);
  const std::size_t at = head.find(kVersionTag);
  if (at == std::string_view::npos) {
    return false;
  }
  const bool starts_line =
      at == 0 || head[at - 1] == '\n' || head.substr(0, at) == "\xEF\xBB\xBF";
  return starts_line &&
         Trim(head.substr(at + kVersionTag.size())).substr(0, 7) == "SPDX-2.";
}

Result<SbomDocument> Read(const SbomSource& source) {
  if (!IsValidUtf8(source.text())) {
    return Fail(ErrorCode::kMalformed, "tag-value that is no UTF-8");
  }
  const auto tree = Shaper(source.text()).Shape();
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadSpdx2(*tree, "SPDX tag-value");
}

SchemaCheck Validate(const SbomSource& source) {
  const auto tree = Shaper(source.text()).Shape();
  return tree ? CheckSpdx2(*tree) : SchemaCheck();
}

}  // namespace

const SbomReader kSpdxTagValue = {
    .name = "spdx-tag-value",
    .title = "SPDX 2.1-2.3, tag-value",
    .reference = "SPDX 2.3, clauses 6 to 12",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
