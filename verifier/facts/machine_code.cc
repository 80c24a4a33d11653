// What the machine code of a program does: conditions on constants, as the
// facts `gate` that scripts have too, and calls with what they are given.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/code/abilities.h"
#include "verifier/code/study.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/program_words.h"
#include "verifier/facts/script_words.h"
#include "verifier/facts/text_lines.h"
#include "verifier/formats/executables/elf_dynamic.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::facts {
namespace {

using code::Comparand;
using code::Gate;
using code::KeyCall;
using code::Origin;
using formats::ElfSymbol;
using formats::ElfView;

constexpr std::uint64_t kMaxFacts = 1500;
constexpr std::size_t kLongestText = 256;
constexpr std::uint64_t kRecent = 1600000000;  // seconds since 1970: 2020

// What does harm, or protects, or makes memory for code.
bool Counts(std::string_view function) {
  const bool protects =
      code::IsTold(function) && function[0] >= 'A' && function[0] <= 'Z';
  const std::string_view ability = code::AbilityOf(function);
  return protects || code::IsHarmful(ability) || ability == "time.read" ||
         code::IsProtective(function);
}

// Without such abilities a program has nothing to hide behind a condition.
bool IsWorthReading(const ElfView& view) {
  const formats::ElfDynamic dynamic(view);
  bool worth = false;
  formats::ForEachSymbol(view, dynamic.symbols(), [&](const ElfSymbol& symbol) {
    worth = worth ||
            (!symbol.defined() && Counts(dynamic.StringAt(symbol.name).text));
  });
  return worth;
}

using Name = std::pair<Origin::Bits, std::string_view>;

constexpr std::array<Name, 14> kOrigins = {{
    {Origin::kCredential, "credential"},
    {Origin::kRequest, "request"},
    {Origin::kNetwork, "network"},
    {Origin::kEnvironment, "environment"},
    {Origin::kInput, "input"},
    {Origin::kArgument, "argument"},
    {Origin::kSetting, "setting"},
    {Origin::kFile, "file"},
    {Origin::kClock, "clock"},
    {Origin::kHost, "host"},
    {Origin::kRandom, "random"},
    {Origin::kAccount, "account"},
    {Origin::kDigest, "digest"},
    {Origin::kParameter, "caller"},
}};

// The first of them, or all with commas.
std::string NameOf(Origin::Bits origin, bool all) {
  std::string names;
  for (const auto& [bit, name] : kOrigins) {
    if ((origin & bit) != 0 && (all || names.empty())) {
      AppendWord(names, name, ",");
    }
  }
  return names;
}

// In large programs values from everywhere meet: it tells little that one of
// them is compared.
bool IsMixed(Origin::Bits origin) {
  constexpr int kMany = 3;
  return std::popcount(origin & (Origin::kOutside | Origin::kClock |
                                 Origin::kHost | Origin::kRandom)) > kMany;
}

bool Has(std::string_view abilities, std::string_view one) {
  const std::string list = fmt::format(",{},", abilities);
  return list.find(fmt::format(",{},", one)) != std::string::npos;
}

bool HasOneOf(std::string_view abilities,
              std::initializer_list<std::string_view> some) {
  return std::any_of(some.begin(), some.end(),
                     [&](std::string_view one) { return Has(abilities, one); });
}

// In the words of the gates of scripts.
std::string_view Opens(const Gate& gate) {
  if (HasOneOf(gate.opens, {"privilege.set", "account.write"})) {
    return "privilege";
  }
  if (HasOneOf(gate.skips, {"password.check", "signature.check"}) ||
      ((gate.origin & Origin::kCredential) != 0 && gate.returns) ||
      (gate.given && !gate.order && !gate.bits)) {
    return "success";
  }
  if (HasOneOf(gate.opens, {"library.load", "memory.protect", "memory.file"})) {
    return "code";
  }
  if (HasOneOf(gate.opens, {"process.shell", "process.start"})) {
    return "process";
  }
  const bool date = gate.order && (gate.origin & Origin::kClock) != 0 &&
                    gate.number >= kRecent;
  if (HasOneOf(gate.opens, {"power.off", "file.delete"}) ||
      (date && HasOneOf(gate.opens, {"file.move", "process.kill"}))) {
    return "destroys";
  }
  if (HasOneOf(gate.opens, {"network.listen", "network.bind"})) {
    return "listens";
  }
  return HasOneOf(gate.opens,
                  {"network.send", "network.connect", "network.fetch"})
             ? "sends"
             : std::string_view(date || gate.assigns || gate.masked ||
                                        gate.returns || !gate.skips.empty()
                                    ? "state"
                                    : "");
}

std::string_view ComparandOf(const Gate& gate) {
  constexpr unsigned kDigest = 16;  // bytes: MD5
  constexpr unsigned kSum = 4;
  // Compilers compare short texts as the numbers that their bytes are.
  const bool text = gate.comparand == Comparand::kText ||
                    (!gate.order && gate.text.size() >= gate.bytes);
  if (text) {
    return NameOf(ComparandOf(ConstantText(gate.text)));
  }
  switch (gate.comparand) {
    case Comparand::kText:
    case Comparand::kBytes:
      return gate.bytes >= kDigest ? "digest" : "composed";
    case Comparand::kComposed:
      return "composed";
    case Comparand::kListed:
      return "listed";
    case Comparand::kNumber:
      return gate.computed && gate.bytes >= kSum ? "digest" : "number";
  }
  return {};
}

void AddGate(const Gate& gate, bool unlisted, FactWriter& facts) {
  const std::string_view opens = Opens(gate);
  const std::string_view comparand = ComparandOf(gate);
  if ((opens.empty() && comparand != "digest") || comparand.empty()) {
    return;
  }
  // A word that is known, and nothing else is seen to happen: most parsers.
  const bool mixed = IsMixed(gate.origin);
  if (opens == "state" && mixed) {
    return;
  }
  const bool variable = gate.origin == Origin::kEnvironment;
  if (opens == "state" && !variable && !gate.order &&
      (comparand == "word" || comparand == "number") &&
      !HasOneOf(gate.skips, {"file.open", "password.read", "account.read",
                             "password.check"})) {
    return;
  }
  facts.Add(
      {.kind = "gate",
       .value = NameOf(gate.origin, false),
       .attributes = {{"comparand", std::string(comparand)},
                      {"opens", std::string(opens)},
                      {"compared", fmt::format("{}", gate.met)},
                      {"language", "machine"},
                      {"origins", NameOf(gate.origin, true)},
                      {"text",
                       gate.order ? "" : gate.text.substr(0, kLongestText)},
                      {"number", gate.comparand == Comparand::kNumber &&
                                         (gate.order || gate.text.empty())
                                     ? fmt::format("{}", gate.number)
                                     : std::string()},
                      {"bytes", fmt::format("{}", gate.bytes)},
                      {"bits", gate.bits ? "yes" : ""},
                      {"mixed", mixed ? "yes" : ""},
                      {"unlisted", unlisted ? "yes" : ""},
                      {"given", gate.given ? "yes" : ""},
                      {"masked", gate.masked ? "yes" : ""},
                      {"fan", fmt::format("{}", gate.fan)},
                      {"order", gate.order ? "yes" : ""},
                      {"returns", gate.returns ? "yes" : ""},
                      {"reaches", gate.opens},
                      {"skips", gate.skips}},
       .place = gate.place});
}

// Neither the text nor its first parts, as compilers write them into code.
bool IsNowhere(std::string_view text, ByteView content) {
  constexpr std::size_t kLeast = 8;
  constexpr std::size_t kPart = 4;
  return text.size() >= kLeast &&
         AsText(content).find(text.substr(0, kPart)) ==
             std::string_view::npos &&
         AsText(content).find(text.substr(kPart, kPart)) ==
             std::string_view::npos;
}

void AddCall(const KeyCall& call, ByteView content, FactWriter& facts) {
  static constexpr std::array<std::string_view, 6> kArguments = {
      "a0", "a1", "a2", "a3", "a4", "a5"};
  static constexpr std::array<std::string_view, 6> kFrom = {
      "from0", "from1", "from2", "from3", "from4", "from5"};
  constexpr Origin::Bits kTold = ~(Origin::kParameter | Origin::kConstant);
  Fact fact = {.kind = "code.call",
               .value = std::string(call.function),
               .attributes = {{"does", std::string(call.ability)}},
               .place = call.place};
  Origin::Bits all = 0;
  for (std::size_t i = 0; i < kArguments.size(); ++i) {
    fact.attributes.emplace_back(kArguments.at(i),
                                 call.arguments.at(i).substr(0, kLongestText));
    fact.attributes.emplace_back(kFrom.at(i),
                                 NameOf(call.origins.at(i) & kTold, true));
    all |= call.origins.at(i);
  }
  std::string fixed;
  std::string decoded;
  for (std::size_t i = 0; i < kArguments.size(); ++i) {
    if (call.fixed.at(i)) {
      AppendWord(fixed, fmt::format("{}", i), ",");
    }
    // What is not fixed was put together on the stack.
    const bool runs = call.ability.starts_with("process.") ||
                      call.ability.starts_with("library.l");
    if (call.decoded.at(i) || (i == 0 && runs && !call.fixed.at(i) &&
                               IsNowhere(call.arguments.at(i), content))) {
      AppendWord(decoded, fmt::format("{}", i), ",");
    }
  }
  fact.attributes.emplace_back("fixed", fixed);
  fact.attributes.emplace_back("decoded", decoded);
  fact.attributes.emplace_back("origin", NameOf(all & kTold, false));
  fact.attributes.emplace_back("gate", NameOf(call.gate, true));
  fact.attributes.emplace_back("constant", call.constant_gate ? "yes" : "");
  fact.attributes.emplace_back("callback", call.callback);
  facts.Add(std::move(fact));
}

void AddSpared(const code::Spared& spared, FactWriter& facts) {
  if (IsMixed(spared.origin)) {
    return;
  }
  facts.Add(
      {.kind = "code.spared",
       .value = Has(spared.check, "signature.check") ? "signature" : "password",
       .attributes = {{"by", std::string(spared.by)},
                      {"text", spared.text.substr(0, kLongestText)},
                      {"origins", NameOf(spared.origin, true)},
                      {"always", spared.always ? "yes" : ""},
                      {"reaches", spared.reaches}},
       .place = spared.place});
}

// What a text is made like, and where the rest of it comes from.
void AddFormat(const KeyCall& call, FactWriter& facts) {
  constexpr Origin::Bits kTold =
      Origin::kOutside | Origin::kHost | Origin::kAccount | Origin::kRandom;
  Origin::Bits rest = 0;
  const std::string* format = nullptr;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    rest |= format == nullptr ? 0 : call.origins.at(i) & kTold;
    const std::string& text = call.arguments.at(i);
    if (format == nullptr && text.find('%') != std::string::npos) {
      format = &text;
    }
  }
  if (rest != 0) {
    facts.Add({.kind = "code.text",
               .value = format->substr(0, kLongestText),
               .attributes = {{"function", std::string(call.function)},
                              {"from", NameOf(rest, true)}},
               .place = call.place});
  }
}

void AddTables(const code::Study& study, FactWriter& facts) {
  for (const code::StartUp& start : study.starts) {
    facts.Add({.kind = "code.start",
               .value = start.resolver ? "resolver" : "constructor",
               .attributes = {{"reaches", start.reaches}},
               .place = start.place});
  }
  for (const code::Handler& handler : study.handlers) {
    if (!handler.reaches.empty()) {
      facts.Add({.kind = "code.handler",
                 .value = handler.name,
                 .attributes = {{"reaches", handler.reaches},
                                {"rows", fmt::format("{}", handler.rows)},
                                {"silent", handler.silent ? "yes" : ""}},
                 .place = handler.place});
    }
  }
}

// Calls that tell nothing by themselves: what all programs do.
bool IsTelling(const KeyCall& call) {
  static constexpr std::array<std::string_view, 6> kCommon = {
      "account.read", "identity.read", "library.visit",
      "text.compare", "thread.start",  "time.read"};
  const bool known = !call.arguments[0].empty() || !call.arguments[1].empty() ||
                     !call.arguments[2].empty();
  const Origin::Bits compared = call.origins[0] | call.origins[1];
  const bool common =
      std::binary_search(kCommon.begin(), kCommon.end(), call.ability) &&
      (compared & Origin::kDigest) == 0;
  const bool quiet = call.ability.empty() || call.ability == "file.open" ||
                     call.ability == "wait.long" ||
                     call.ability == "environment.read";
  return !common && (!quiet || known);
}

bool Examine(const Subject& subject, Observations& into) {
  const auto view = ElfView::Parse(subject.content);
  if (!view || !IsWorthReading(*view)) {
    return false;
  }
  const auto study = code::StudyProgram(*view);
  if (!study) {
    return false;
  }
  FactWriter facts("machine_code", subject, into, kMaxFacts);
  const ProgramWords words(study->words, subject.content);
  for (const Gate& gate : study->gates) {
    AddGate(gate, words.IsUnlisted(gate), facts);
  }
  for (const KeyCall& call : study->calls) {
    if (code::IsFormatter(call.function)) {
      AddFormat(call, facts);
    } else if (IsTelling(call)) {
      AddCall(call, subject.content, facts);
    }
  }
  for (const code::Spared& spared : study->spared) {
    AddSpared(spared, facts);
  }
  AddTables(*study, facts);
  if (!study->complete) {
    facts.Truncate();
  }
  return study->complete;
}

}  // namespace

const Analysis kMachineCode = {
    .name = "machine_code",
    .title = "conditions and calls in machine code",
    .examine = Examine,
};

}  // namespace assay::facts
