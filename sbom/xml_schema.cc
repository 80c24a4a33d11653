#include "sbom/xml_schema.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

#include <mutex>

#include "verifier/base/bytes.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// What the schema that this thread compiles may import.
thread_local const std::vector<XmlSchema::Part>* imports_now = nullptr;

xmlParserInputPtr LoadImport(const char* url, const char* /*id*/,
                             xmlParserCtxtPtr context) {
  if (imports_now == nullptr || url == nullptr) {
    return nullptr;
  }
  for (const XmlSchema::Part& part : *imports_now) {
    if (part.name == url) {
      xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
          part.text.data(), static_cast<int>(part.text.size()),
          XML_CHAR_ENCODING_NONE);
      return buffer == nullptr
                 ? nullptr
                 : xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
    }
  }
  return nullptr;
}

std::string_view NameOf(const xmlNode* node) {
  return node->type != XML_ELEMENT_NODE
             ? std::string_view()
             : AsText({node->name,
                       static_cast<std::size_t>(xmlStrlen(node->name))});
}

void RemoveIdentityConstraints(xmlNodePtr element) {
  for (xmlNodePtr child = element->children; child != nullptr;) {
    xmlNodePtr next = child->next;
    if (NameOf(child) == "unique") {
      xmlUnlinkNode(child);
      xmlFreeNode(child);
    }
    child = next;
  }
}

void KeepFirst(void* data, xmlErrorPtr error) {
  auto& first = *static_cast<std::string*>(data);
  if (first.empty() && error->message != nullptr) {
    first = fmt::format("line {}: {}", error->line, Trim(error->message));
  }
}

xmlSchemaPtr CompileDocument(xmlDocPtr document, std::string& why) {
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewDocParserCtxt(document);
  if (parser == nullptr) {
    return nullptr;
  }
  xmlSchemaSetParserStructuredErrors(parser, KeepFirst, &why);
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  return schema;
}

}  // namespace

void WarmUpXml() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSchemaInitTypes();
    xmlSetExternalEntityLoader(LoadImport);
  });
}

Result<std::unique_ptr<XmlSchema>> XmlSchema::Compile(
    const Part& main, const std::vector<Part>& imports) {
  WarmUpXml();
  std::unique_ptr<XmlSchema> compiled(new XmlSchema);
  compiled->name_ = main.name;
  std::string why;
  compiled->document_ =
      xmlReadMemory(main.text.data(), static_cast<int>(main.text.size()),
                    nullptr, nullptr, XML_PARSE_NONET);
  xmlDocPtr document = compiled->document_;
  if (document != nullptr) {
    for (xmlNodePtr child = xmlDocGetRootElement(document)->children;
         child != nullptr; child = child->next) {
      if (NameOf(child) == "element") {
        RemoveIdentityConstraints(child);
      }
    }
    imports_now = &imports;
    compiled->schema_ = CompileDocument(document, why);
    imports_now = nullptr;
  }
  if (compiled->schema_ == nullptr) {
    return Fail(ErrorCode::kInternal,
                fmt::format("{} does not compile: {}", main.name, why));
  }
  return compiled;
}

// libxml2 leaves the document of a schema to its maker.
XmlSchema::~XmlSchema() {
  xmlSchemaFree(schema_);
  xmlFreeDoc(document_);
}

}  // namespace assay::sbom
