#include "tests/signatures/rpm_builder.h"

#include <fmt/format.h>

#include "tests/support/hex.h"

namespace assay::signatures::testing {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;

Bytes Entry(std::uint32_t tag, std::uint32_t type, std::uint32_t offset,
            std::uint32_t count) {
  return Hex(fmt::format("{:08x}{:08x}{:08x}{:08x}", tag, type, offset, count));
}

}  // namespace

RpmTag RpmText(std::uint32_t tag, std::string_view text) {
  return {tag, 6, 1, Concat(AsBytes(text), Hex("00"))};
}

RpmTag RpmStrings(std::uint32_t tag, const std::vector<std::string>& strings) {
  RpmTag made{tag, 8, static_cast<std::uint32_t>(strings.size()), {}};
  for (const std::string& one : strings) {
    made.data = Concat(made.data, Concat(AsBytes(one), Hex("00")));
  }
  return made;
}

RpmTag RpmNumber(std::uint32_t tag, std::uint32_t value) {
  return {tag, 4, 1, Hex(fmt::format("{:08x}", value))};
}

RpmTag RpmBinary(std::uint32_t tag, ByteView data) {
  return {tag, 7, static_cast<std::uint32_t>(data.size()), CopyOf(data)};
}

Bytes RpmHeaderOf(std::uint32_t region, const std::vector<RpmTag>& tags,
                  const std::vector<RpmTag>& outside) {
  Bytes index;
  Bytes store;
  const auto add = [&](const RpmTag& tag) {
    while (tag.type == 4 && store.size() % 4 != 0) {
      store.push_back(0);
    }
    index = Concat(index,
                   Entry(tag.tag, tag.type,
                         static_cast<std::uint32_t>(store.size()), tag.count));
    store = Concat(store, tag.data);
  };
  for (const RpmTag& tag : tags) {
    add(tag);
  }
  std::size_t entries = tags.size() + outside.size();
  if (region != 0) {
    ++entries;
    const auto size = static_cast<std::uint32_t>(index.size() + 16);
    index = Concat(
        Entry(region, 7, static_cast<std::uint32_t>(store.size()), 16), index);
    store = Concat(store, Entry(region, 7, ~size + 1, 16));
  }
  for (const RpmTag& tag : outside) {
    add(tag);
  }
  const Bytes intro =
      Hex(fmt::format("8eade80100000000{:08x}{:08x}", entries, store.size()));
  return Concat(intro, Concat(index, store));
}

Bytes RpmPackageOf(ByteView signature, ByteView header, ByteView payload) {
  Bytes package = Hex("edabeedb 03000000 00ff 68656c6c6f");
  package.resize(96);
  package[77] = 1;
  package[79] = 5;
  package = Concat(package, signature);
  package.resize((package.size() + 7) / 8 * 8);
  return Concat(Concat(package, header), payload);
}

}  // namespace assay::signatures::testing
