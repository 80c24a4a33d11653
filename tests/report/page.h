// What tests of HTML pages share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::testing {

[[nodiscard]] bool Has(std::string_view text, std::string_view part);

// What stands between the two, from `from` on; "" without a beginning.
[[nodiscard]] std::string Between(const std::string& text,
                                  std::string_view begin, std::string_view end,
                                  std::size_t from = 0);

// Each fails the test when it is not so.
// The policy allows the page's own style and program, by digest, and no more.
void ExpectOwnPolicy(const std::string& page);
// It names nothing outside of itself.
void ExpectAlone(const std::string& page);
// Tags and attributes are the same in the same order, whatever the values.
void ExpectSameTags(const std::string& page, const std::string& plain);
// Attributes are ours, and none runs anything.
void ExpectKnownAttributes(const std::string& page);
// Valid UTF-8 without controls and marks that reorder.
void ExpectReadable(const std::string& page);

}  // namespace assay::testing
