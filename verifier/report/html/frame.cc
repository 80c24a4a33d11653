#include "verifier/report/html/frame.h"

#include <fmt/format.h>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/report/html/page_data.h"

namespace assay::report::html {
namespace {

std::string StyleOfPage() {
  std::string all;
  for (const auto& [name, text] : PageData()) {
    if (name.ends_with(".css")) {
      all.append(text);
    }
  }
  return all;
}

std::string ProgramOf(const std::vector<std::string_view>& files) {
  std::string all = "\"use strict\";(()=>{\n";
  for (const std::string_view file : files) {
    for (const auto& [name, text] : PageData()) {
      all.append(name == file ? text : std::string_view());
    }
  }
  return all.append("})();\n");
}

// Content Security Policy 3, section 2.3.1: hash-source.
std::string HashSource(std::string_view text) {
  return fmt::format("'sha256-{}'", Base64(AsText(Sha256Raw(AsBytes(text)))));
}

void PutHead(Markup& page, std::string_view title, std::string_view style,
             std::string_view program) {
  page.Open("head");
  page.Void("meta", {{"charset", "utf-8"}});
  page.Void("meta",
            {{"http-equiv", "Content-Security-Policy"},
             {"content",
              fmt::format("default-src 'none'; script-src {}; style-src {}; "
                          "base-uri 'none'; form-action 'none'",
                          HashSource(program), HashSource(style))}});
  page.Void("meta", {{"name", "viewport"},
                     {"content", "width=device-width, initial-scale=1"}});
  page.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  page.Void("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  page.Leaf("title", title);
  page.Open("style");
  page.Raw(style);
  page.Close();
  page.Close();
}

// Traffic Light Protocol 2.0: the label in its own colours, on every page.
void PutLabel(Markup& page, Tlp tlp) {
  const std::string_view tone = tlp == Tlp::kRed     ? "tlp tlp-red"
                                : tlp == Tlp::kGreen ? "tlp tlp-green"
                                : tlp == Tlp::kClear ? "tlp tlp-clear"
                                                     : "tlp tlp-amber";
  page.Leaf("span", NameOf(tlp), {{"class", std::string(tone)}});
}

void PutNavigation(Markup& page, const Frame& frame) {
  page.Open("header", {{"class", "top"}});
  page.Leaf(
      "a", fmt::format("Skip to the {}", frame.skip_to.title),
      {{"class", "skip"}, {"href", fmt::format("#{}", frame.skip_to.id)}});
  page.Leaf("span", "Assay", {{"class", "brand"}});
  page.Open("nav", {{"aria-label", "Parts of the report"}});
  for (const Section& section : frame.navigation) {
    page.Leaf("a", section.title, {{"href", fmt::format("#{}", section.id)}});
  }
  page.Close();
  PutLabel(page, frame.tlp);
  page.Close();
}

void PutBlock(Markup& page, const Block& block) {
  page.Open("script",
            {{"type", std::string(block.type)}, {"id", std::string(block.id)}});
  page.Raw(block.text);
  page.Close();
  page.Raw("\n");
}

}  // namespace

std::string PageOf(const Frame& frame,
                   const std::function<void(Markup&)>& put) {
  const std::string style = StyleOfPage();
  const std::string program = ProgramOf(frame.program);
  Markup page;
  page.Raw("<!doctype html>\n");
  page.Open("html", {{"lang", "en"}});
  PutHead(page, frame.title, style, program);
  page.Open("body");
  PutNavigation(page, frame);
  page.Open("main");
  put(page);
  page.Close();
  page.Open("footer");
  page.Text(
      fmt::format("assay {}. A report says what is there, with proof; "
                  "never who did it, or why. ",
                  frame.tool_version));
  PutLabel(page, frame.tlp);
  page.Close();
  for (const Block& block : frame.blocks) {
    PutBlock(page, block);
  }
  page.Open("script");
  page.Raw(program);
  page.Close();
  page.Close();
  page.Close();
  return page.Finish();
}

void OpenSection(Markup& page, const Section& section) {
  const std::string heading = fmt::format("{}-title", section.id);
  page.Open("section", {{"class", "part"},
                        {"id", std::string(section.id)},
                        {"aria-labelledby", heading}});
  page.Leaf("h2", section.title, {{"id", heading}});
}

void PutView(Markup& page, std::string_view name) {
  page.Open("div", {{"data-view", std::string(name)}});
  page.Leaf("p",
            "This part is drawn by the page's own program, which has not run. "
            "What page one says does not need it, and the JSON report holds "
            "everything.",
            {{"class", "fallback"}});
  page.Close();
}

void PutLeftOut(Markup& page, std::size_t total, std::size_t most,
                std::string_view what) {
  if (total > most) {
    page.Leaf("p",
              fmt::format("{} of {} {} are in this page; the JSON report "
                          "holds all.",
                          most, total, what),
              {{"class", "note"}});
  }
}

}  // namespace assay::report::html
