// Bundles as bytes, and statements in a bundle that is spelled well. What is
// accepted has names that no file system reads as paths, and writing it again
// gives the same entries.

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/fuzz.h"
#include "verifier/report/bundle/bundle.h"

namespace assay::report {
namespace {

using fuzz::Require;

void ReadAll(ByteView bytes) {
  const auto archive = Archive::Open(bytes);
  if (!archive) {
    return;
  }
  ArchiveWriter writer;
  for (const ArchiveEntry& entry : archive->entries()) {
    Require(IsBundleName(entry.name), "a name is a bundle's");
    const auto content = archive->Read(entry);
    if (!content) {
      return;
    }
    Require(content->size() == entry.size, "the size is the header's");
    Require(writer.Add(entry.name, *content).has_value(),
            "what is read can be written");
  }
  const std::string again = writer.Finish().value_or("");
  const auto read = Archive::Open(AsBytes(again));
  Require(read.has_value(), "what is written can be read");
  for (const ArchiveEntry& entry : archive->entries()) {
    const ArchiveEntry* const same = read->Find(entry.name);
    Require(same != nullptr && same->crc == entry.crc, "nothing is lost");
  }
}

void Check(ByteView bytes) {
  const auto bundle = Bundle::Open(bytes);
  if (bundle) {
    Require(!bundle->Check().empty(), "a bundle has entries");
  }
}

void One(ByteView data) {
  ReadAll(data);
  Check(data);
  ArchiveWriter writer;
  if (writer.Add(kBundleStatement, AsText(data)) &&
      writer.Add(kBundledReport, "{}")) {
    const std::string bundle = writer.Finish().value_or("");
    Check(AsBytes(bundle));
  }
}

}  // namespace
}  // namespace assay::report

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::report::One({data, size});
  return 0;
}
