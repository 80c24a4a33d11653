#include "sbom/xml_tree.h"

#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sbom/document_builder.h"
#include "sbom/xml_schema.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// libxml2 is fed in pieces, so that a problem ends the work at once.
constexpr std::size_t kPiece = std::size_t{1} << 16U;

// Every name of the tree repeats the one of its namespace.
constexpr std::size_t kLongestNamespace = 1024;

std::string_view TextOf(const xmlChar* text) {
  return text == nullptr
             ? std::string_view()
             : AsText({text, static_cast<std::size_t>(xmlStrlen(text))});
}

std::string OneLine(const char* message) {
  return std::string(Trim(message == nullptr ? "" : message));
}

// Without a handler of its own libxml2 writes to the terminal.
void Swallow(void* /*context*/, const char* /*format*/, ...) {}

// The encoding that an XML declaration names, in lower case; "" for none.
std::string EncodingOf(ByteView bytes) {
  constexpr std::size_t kLookedAt = 1024;
  constexpr std::string_view kName = "encoding";
  std::string head(AsText(bytes).substr(0, kLookedAt));
  head.erase(std::remove(head.begin(), head.end(), '\0'), head.end());
  head.resize(std::min(head.find("?>"), head.size()));
  const std::size_t name = head.find(kName);
  const std::size_t open =
      name == std::string::npos ? name : head.find_first_of("'\"", name);
  if (open == std::string::npos) {
    return "";
  }
  const std::size_t close = head.find(head[open], open + 1);
  return Lower(head.substr(open + 1, close - open - 1));
}

// Those that libxml2 decodes itself. For others it asks iconv, which opens
// files: that a confined process must not do.
bool HasKnownEncoding(ByteView bytes) {
  constexpr std::array<std::string_view, 8> kKnown = {
      "",         "utf-8", "utf-16",   "utf-16le",
      "utf-16be", "ascii", "us-ascii", "iso-8859-1"};
  constexpr std::string_view kFourBytes("<\0\0", 3);  // UCS-4
  return AsText(bytes).substr(0, kFourBytes.size()) != kFourBytes &&
         std::find(kKnown.begin(), kKnown.end(), EncodingOf(bytes)) !=
             kKnown.end();
}

// One parse: libxml2's context and what its callbacks build.
struct Parse {
  TreeBuilder builder = TreeBuilder::ForLines();
  xmlParserCtxtPtr context = nullptr;
  std::string root_space;
  std::vector<std::string> texts;  // of each open element
  std::string problem;
  std::vector<SbomProblem>* schema_problems = nullptr;
  std::string_view schema_name;
  XmlRoot* only_root = nullptr;

  [[nodiscard]] std::uint32_t line() const {
    const int at = context == nullptr ? 0 : xmlSAX2GetLineNumber(context);
    return static_cast<std::uint32_t>(std::max(at, 0));
  }
  void Stop(std::string why) {
    if (problem.empty()) {
      problem = fmt::format("line {}: {}", line(), why);
    }
    xmlStopParser(context);
  }
};

Parse& Of(void* data) {
  return *static_cast<Parse*>(data);
}

void OnDoctype(void* data, const xmlChar* /*name*/, const xmlChar* /*public*/,
               const xmlChar* /*system*/) {
  Of(data).Stop("a document type declaration is refused");
}

std::string_view SpaceOf(Parse& parse, const xmlChar* uri) {
  const std::string_view space = TextOf(uri);
  if (space.size() > kLongestNamespace) {
    parse.Stop(
        fmt::format("a namespace of more than {} bytes", kLongestNamespace));
    return "";
  }
  return space;
}

std::string NameOfElement(Parse& parse, const xmlChar* name,
                          const xmlChar* uri) {
  const std::string_view space = SpaceOf(parse, uri);
  return space == parse.root_space
             ? std::string(TextOf(name))
             : fmt::format("{{{}}}{}", space, TextOf(name));
}

// The text of the innermost open element, before something else follows.
void FlushText(Parse& parse) {
  if (parse.texts.empty()) {
    return;
  }
  const std::string_view text = Trim(parse.texts.back());
  if (!text.empty()) {
    parse.builder.Key("#text");
    parse.builder.String(text, parse.line());
  }
  parse.texts.back().clear();
}

// Attributes come as five pointers each: name, prefix, URI, begin and end. Once
// the parser is stopped, what they point to is gone.
void AddAttributes(Parse& parse, int count, const xmlChar** attributes) {
  const auto fields = std::span<const xmlChar*>(
      attributes, static_cast<std::size_t>(std::max(count, 0)) * 5);
  for (std::size_t i = 0; i + 5 <= fields.size(); i += 5) {
    const auto length = static_cast<std::size_t>(fields[i + 4] - fields[i + 3]);
    const std::string name =
        fields[i + 2] == nullptr
            ? fmt::format("@{}", TextOf(fields[i]))
            : fmt::format("@{{{}}}{}", SpaceOf(parse, fields[i + 2]),
                          TextOf(fields[i]));
    if (!parse.problem.empty()) {
      return;
    }
    parse.builder.Key(name);
    parse.builder.String(AsText({fields[i + 3], length}), parse.line());
  }
}

// NOLINTNEXTLINE(readability-function-size): libxml2 gives nine parameters.
void OnStart(void* data, const xmlChar* name, const xmlChar* /*prefix*/,
             const xmlChar* uri, int /*namespace_count*/,
             const xmlChar** /*namespaces*/, int attribute_count,
             int /*defaulted*/, const xmlChar** attributes) {
  Parse& parse = Of(data);
  if (parse.texts.empty()) {
    parse.root_space = SpaceOf(parse, uri);
  }
  if (parse.only_root != nullptr) {
    *parse.only_root = {std::string(TextOf(name)), parse.root_space};
    xmlStopParser(parse.context);
    return;
  }
  FlushText(parse);
  parse.builder.Key(NameOfElement(parse, name, uri));
  parse.builder.OpenObject(parse.line());
  parse.texts.emplace_back();
  if (parse.problem.empty()) {
    AddAttributes(parse, attribute_count, attributes);
  }
  if (!parse.builder.ok()) {
    parse.Stop(parse.builder.problem());
  }
}

void OnEnd(void* data, const xmlChar* /*name*/, const xmlChar* /*prefix*/,
           const xmlChar* /*uri*/) {
  Parse& parse = Of(data);
  FlushText(parse);
  if (!parse.texts.empty()) {
    parse.texts.pop_back();
  }
  parse.builder.Close();
  if (!parse.builder.ok()) {
    parse.Stop(parse.builder.problem());
  }
}

void OnText(void* data, const xmlChar* text, int length) {
  Parse& parse = Of(data);
  if (!parse.texts.empty() && length > 0) {
    parse.texts.back() += AsText({text, static_cast<std::size_t>(length)});
  }
}

void OnReference(void* data, const xmlChar* name) {
  Of(data).Stop(fmt::format("the entity &{};", Escaped(TextOf(name))));
}

void OnSchemaError(void* data, xmlErrorPtr error) {
  Parse& parse = Of(data);
  if (parse.schema_problems == nullptr ||
      parse.schema_problems->size() >= DocumentBuilder::kMaxProblems) {
    return;
  }
  SbomProblem problem{.rule = "sbom.schema",
                      .detail = Escaped(OneLine(error->message)),
                      .reference = std::string(parse.schema_name)};
  problem.line = parse.line();
  parse.schema_problems->push_back(std::move(problem));
}

xmlSAXHandler Handlers() {
  xmlSAXHandler sax = {};
  sax.initialized = XML_SAX2_MAGIC;
  sax.internalSubset = OnDoctype;
  sax.startElementNs = OnStart;
  sax.endElementNs = OnEnd;
  sax.characters = OnText;
  sax.cdataBlock = OnText;
  sax.ignorableWhitespace = OnText;
  sax.reference = OnReference;
  sax.warning = Swallow;
  sax.error = Swallow;
  return sax;
}

void Feed(Parse& parse, ByteView bytes) {
  std::string_view rest = AsText(bytes);
  while (!rest.empty() && parse.problem.empty() &&
         (parse.only_root == nullptr || parse.only_root->name.empty())) {
    const std::string_view piece = rest.substr(0, kPiece);
    rest.remove_prefix(piece.size());
    xmlParseChunk(parse.context, piece.data(), static_cast<int>(piece.size()),
                  rest.empty() ? 1 : 0);
  }
}

// Ends with the context, which libxml2 gives no owner.
struct ContextEnd {
  void operator()(xmlParserCtxtPtr context) const {
    if (context->myDoc != nullptr) {
      xmlFreeDoc(context->myDoc);
    }
    xmlFreeParserCtxt(context);
  }
};
using Context = std::unique_ptr<xmlParserCtxt, ContextEnd>;

Context Open(xmlSAXHandler& sax, Parse& parse) {
  WarmUpXml();
  Context context(
      xmlCreatePushParserCtxt(&sax, &parse, nullptr, 0, "document"));
  if (context) {
    // XML_PARSE_HUGE is left out: libxml2's own limits hold.
    xmlCtxtUseOptions(context.get(), XML_PARSE_NONET);
    parse.context = context.get();
  }
  return context;
}

// Validates while the document is parsed.
class SchemaPlug {
 public:
  SchemaPlug(const XmlSchema* schema, Parse& parse) {
    if (schema == nullptr) {
      return;
    }
    context_ = xmlSchemaNewValidCtxt(schema->get());
    xmlSchemaSetValidStructuredErrors(context_, OnSchemaError, &parse);
    plug_ = xmlSchemaSAXPlug(context_, &parse.context->sax,
                             &parse.context->userData);
  }
  ~SchemaPlug() {
    if (plug_ != nullptr) {
      xmlSchemaSAXUnplug(plug_);
    }
    if (context_ != nullptr) {
      xmlSchemaFreeValidCtxt(context_);
    }
  }
  SchemaPlug(const SchemaPlug&) = delete;
  SchemaPlug& operator=(const SchemaPlug&) = delete;

 private:
  xmlSchemaValidCtxtPtr context_ = nullptr;
  xmlSchemaSAXPlugPtr plug_ = nullptr;
};

}  // namespace

Result<Tree> XmlTree(ByteView bytes, const XmlSchema* schema,
                     std::vector<SbomProblem>* problems) {
  if (!HasKnownEncoding(bytes)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("XML in the encoding \"{}\" is not read",
                            Escaped(EncodingOf(bytes))));
  }
  Parse parse;
  parse.builder.AllowRepeats();
  parse.builder.OpenObject(1);
  parse.schema_problems = problems;
  if (schema != nullptr) {
    parse.schema_name = schema->name();
  }
  xmlSAXHandler sax = Handlers();
  const Context context = Open(sax, parse);
  if (!context) {
    return Fail(ErrorCode::kInternal, "libxml2 gives no parser");
  }
  {
    const SchemaPlug plug(schema, parse);
    Feed(parse, bytes);
  }
  if (parse.problem.empty() && context->wellFormed == 0) {
    const xmlErrorPtr error = xmlCtxtGetLastError(context.get());
    parse.problem = error == nullptr
                        ? "line 1: nothing is there"
                        : fmt::format("line {}: {}", error->line,
                                      Escaped(OneLine(error->message)));
  }
  if (!parse.problem.empty()) {
    return Fail(ErrorCode::kMalformed, "not XML: " + parse.problem);
  }
  return parse.builder.Finish();
}

XmlRoot RootOfXml(ByteView bytes) {
  XmlRoot root;
  if (!HasKnownEncoding(bytes)) {
    return root;
  }
  Parse parse;
  parse.only_root = &root;
  xmlSAXHandler sax = Handlers();
  const Context context = Open(sax, parse);
  if (context) {
    Feed(parse, bytes);
  }
  return root;
}

}  // namespace assay::sbom
