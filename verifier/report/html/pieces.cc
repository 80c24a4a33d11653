#include "verifier/report/html/pieces.h"

#include <fmt/format.h>

namespace assay::report::html {

void PutTile(Markup& page, std::string_view target, std::string_view number,
             std::string_view words) {
  page.Open("li");
  page.Open("a", {{"href", fmt::format("#{}", target)}});
  page.Leaf("strong", number);
  page.Leaf("span", words);
  page.Close();
  page.Close();
}

void PutFact(Markup& page, std::string_view name, std::string_view value,
             bool code) {
  page.Leaf("dt", name);
  page.Open("dd");
  code ? page.Code(value) : page.Name(value);
  page.Close();
}

void PutOmitted(Markup& page, std::size_t count, std::string_view where) {
  if (count > 0) {
    page.Leaf("p", fmt::format("and {} more {}", count, where),
              {{"class", "more"}});
  }
}

}  // namespace assay::report::html
