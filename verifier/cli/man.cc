// Manual pages, in the man(7) language.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "verifier/base/text.h"
#include "verifier/cli/commands.h"
#include "verifier/cli/help.h"
#include "verifier/engine/version.h"

namespace assay::cli {
namespace {

// Text of a line: no escape, no request and no hyphen where a minus is meant.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '\\'   ? "\\e"
           : c == '-'  ? "\\-"
           : c == '\'' ? "\\(aq"
                       : std::string(1, c);
  }
  return !out.empty() && out[0] == '.' ? "\\&" + out : out;
}

// "assay-sbom", the name of a command's page.
std::string PageOf(std::string_view path) {
  std::string page(path);
  std::replace(page.begin(), page.end(), ' ', '-');
  return page;
}

std::string Bold(std::string_view text) {
  return "\\fB" + Roff(text) + "\\fR";
}

std::string Item(const std::string& head, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", head, Roff(text));
}

std::string OptionItem(const OptionText& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back(option.positional ? "\\fI" + Roff(name) + "\\fR"
                                      : Bold(name));
  }
  std::string head = fmt::format("{}", fmt::join(names, ", "));
  if (!option.positional && !option.value.empty()) {
    head += " \\fI" + Roff(option.value) + "\\fR";
  }
  return Item(head, HelpOf(option));
}

std::string Options(const CommandText& command, bool everywhere) {
  std::string text;
  for (const OptionText& option : command.options) {
    text += option.everywhere == everywhere ? OptionItem(option) : "";
  }
  return text;
}

std::string Synopsis(const CommandText& command) {
  const std::string usage = command.Usage();
  return fmt::format("{}{}\n", Bold(command.path),
                     Roff(usage.substr(command.path.size())));
}

std::string Examples(const CommandText& command) {
  std::string text;
  for (const Example& one : command.examples) {
    text += Item(Bold(one.command), one.purpose);
  }
  return text;
}

constexpr std::string_view kEnvironment =
    ".TP\n\\fBNO_COLOR\\fR\n"
    "When set and not empty: no colours.\n"
    ".TP\n\\fBTERM\\fR\n"
    "\"dumb\": no colours, and no line that changes.\n"
    ".TP\n\\fBTMPDIR\\fR\n"
    "Where unnamed spill files for large members lie; /tmp unless set.\n"
    ".PP\nPasswords, keys and tokens are read from files only.\n";

// Pages of the first level: the program, and its commands with what is below.
struct Page {
  CommandText command;
  std::vector<CommandText> below = {};
};

std::vector<Page> PagesOf(CLI::App& program) {
  std::vector<Page> pages;
  for (CommandText& command : DescribeAll(program)) {
    const auto depth =
        std::count(command.path.begin(), command.path.end(), ' ');
    if (depth < 2) {
      pages.push_back({.command = std::move(command)});
    } else {
      pages.back().below.push_back(std::move(command));
    }
  }
  return pages;
}

std::string Heading(const Page& page) {
  std::string title = PageOf(page.command.path);
  std::string summary(
      page.command.summary.substr(0, page.command.summary.find_first_of(":.")));
  summary[0] =
      static_cast<char>(std::tolower(static_cast<unsigned char>(summary[0])));
  const std::string name = Roff(title);
  std::transform(title.begin(), title.end(), title.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return fmt::format(
      ".TH {} 1 {} \"assay {}\" \"User Commands\"\n"
      ".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}",
      title, ASSAY_DATE, engine::Version(), name, Roff(summary),
      Synopsis(page.command));
}

std::string CommandsOf(const Page& page) {
  std::string text;
  if (page.below.empty()) {
    for (const CommandText::Child& child : page.command.children) {
      text += Item(Bold(PageOf(page.command.path + " " + child.name)) + "(1)",
                   child.summary);
    }
  }
  for (const CommandText& command : page.below) {
    text += fmt::format(".SS {}\n{}\n.PP\n{}{}{}", Roff(command.path),
                        Roff(command.summary + "."), Synopsis(command),
                        Options(command, false), Examples(command));
  }
  return text.empty() ? "" : ".SH COMMANDS\n" + text;
}

std::string ExitStatus() {
  std::string text = ".SH EXIT STATUS\n";
  for (const ExitCode& one : ExitCodes()) {
    text += Item(Bold(fmt::format("{}", one.code)),
                 fmt::format("{}: {}", one.name, one.meaning));
  }
  return text;
}

std::string SeeAlso(const std::vector<Page>& pages, const Page& page) {
  std::vector<std::string> others;
  for (const Page& other : pages) {
    if (other.command.path != page.command.path) {
      others.push_back(Bold(PageOf(other.command.path)) + "(1)");
    }
  }
  return fmt::format(".SH SEE ALSO\n{}\n", fmt::join(others, ",\n"));
}

std::string TextOf(const std::vector<Page>& pages, const Page& page) {
  const std::string examples = Examples(page.command);
  const std::string options =
      Options(page.command, false) + Options(page.command, true);
  return Heading(page) + ".SH DESCRIPTION\n" +
         Roff(page.command.summary +
              (page.command.summary.back() == '.' ? "" : ".")) +
         "\n" + (examples.empty() ? "" : ".SH EXAMPLES\n" + examples) +
         CommandsOf(page) + ".SH OPTIONS\n" + options + ExitStatus() +
         ".SH ENVIRONMENT\n" + std::string(kEnvironment) + SeeAlso(pages, page);
}

int Run(CLI::App& program, const std::string& wanted, bool list) {
  const std::vector<Page> pages = PagesOf(program);
  const std::string path =
      program.get_name() + (wanted.empty() ? "" : " " + wanted);
  std::string text;
  for (const Page& page : pages) {
    if (list) {
      text += page.command.path.substr(page.command.path.find(' ') + 1) + "\n";
    } else if (page.command.path == path) {
      text = TextOf(pages, page);
    }
  }
  if (text.empty()) {
    return Misuse(fmt::format("there is no page for \"{}\"", Escaped(wanted)));
  }
  const auto written = WriteOutput("-", text);
  return written ? static_cast<int>(kExitPass) : Complain(written.error());
}

}  // namespace

void AddMan(CLI::App& app, int& exit) {
  CLI::App* command =
      app.add_subcommand("man",
                         "Print a manual page (roff) of the program or "
                         "a command");
  AddExamples(command, {{"assay man verify | man -l -", "read it at once"},
                        {"assay man > assay.1", "for an installation"}});
  auto wanted = std::make_shared<std::string>();
  auto list = std::make_shared<bool>(false);
  command->add_option("COMMAND", *wanted, "a command; the program if missing");
  command->add_flag("--list", *list, "the commands that have a page");
  command->group(kAbout);
  command->callback(
      [&app, wanted, list, &exit] { exit = Run(app, *wanted, *list); });
}

}  // namespace assay::cli
