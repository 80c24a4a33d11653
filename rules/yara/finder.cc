#include <algorithm>
#include <cstddef>
#include <tuple>

#include "rules/yara/evaluator.h"

namespace assay::yara {
namespace {

// Puts in order what a form added to the places of others: those behind
// `before`. Of two forms at a place one counts.
void Merge(std::size_t before, std::size_t most, std::vector<Range>& places) {
  std::inplace_merge(
      places.begin(), places.begin() + static_cast<std::ptrdiff_t>(before),
      places.end(), [](const Range& a, const Range& b) {
        return std::tie(a.offset, a.length) < std::tie(b.offset, b.length);
      });
  places.erase(std::unique(places.begin(), places.end(),
                           [](const Range& a, const Range& b) {
                             return a.offset == b.offset;
                           }),
               places.end());
  places.resize(std::min(places.size(), most));
}

}  // namespace

bool Finder::Note(const PatternUse& use, std::uint64_t end) {
  Seen& seen = seen_[use.string];
  const Form& form = program_.strings[use.string].forms[use.form];
  seen.forms.push_back({use.form, form.EarliestStart(end), end});
  return seen.forms.size() == 1;
}

void Finder::Begin(std::uint64_t steps) {
  effort_ = {steps};
  places_left_ = kMostListed;
  for (const std::uint32_t string : listed_) {
    seen_[string].all.reset();
  }
  listed_.clear();
}

void Finder::AddPlaces(const Form& form, Range within, std::size_t most,
                       std::vector<Range>& into) {
  const std::uint64_t end = std::min<std::uint64_t>(within.end(), data_.size());
  std::size_t found = 0;
  for (std::uint64_t from = within.offset; from < end && found < most;) {
    const std::uint64_t at = form.NextCandidate(data_, from, end);
    if (!effort_.Spend(1 + (at - from) / kBytesPerStep) || at == end) {
      return;
    }
    from = at + 1;
    if (const auto length = form.MatchAt(data_, at, run_, effort_)) {
      into.push_back({at, *length});
      ++found;
    }
  }
}

std::vector<Range> Finder::PlacesIn(std::uint32_t string, Range within,
                                    std::size_t most) {
  std::vector<Range> places;
  const auto seen = seen_.find(string);
  if (seen == seen_.end()) {
    return places;
  }
  const auto& forms = program_.strings[string].forms;
  for (const FormSeen& one : seen->second.forms) {
    const std::uint64_t start = std::max(within.offset, one.start);
    if (start < within.end()) {
      const std::size_t before = places.size();
      AddPlaces(forms[one.form], {start, within.end() - start}, most, places);
      Merge(before, most, places);
    }
  }
  return places;
}

// Most matches are short: the one whose end is known begins close before it.
std::optional<Range> Finder::PlaceOf(const Form& form, const FormSeen& seen) {
  for (std::uint64_t at = std::min<std::uint64_t>(seen.end, data_.size());
       at > seen.start && !effort_.given_up; --at) {
    if (!form.MayBeginWith(data_[at - 1])) {
      continue;
    }
    if (const auto length = form.MatchAt(data_, at - 1, run_, effort_)) {
      return Range{at - 1, *length};
    }
  }
  std::vector<Range> places;
  AddPlaces(form, {seen.end, data_.size() - seen.end}, 1, places);
  return places.empty() ? std::nullopt : std::optional(places.front());
}

std::optional<Range> Finder::Place(std::uint32_t string) {
  const auto seen = seen_.find(string);
  std::optional<Range> place;
  for (std::size_t i = 0;
       seen != seen_.end() && !place && i < seen->second.forms.size(); ++i) {
    const FormSeen& one = seen->second.forms[i];
    place = PlaceOf(program_.strings[string].forms[one.form], one);
  }
  return place;
}

const std::vector<Range>& Finder::AllPlaces(std::uint32_t string) {
  static const std::vector<Range> kNowhere;
  const auto seen = seen_.find(string);
  if (seen == seen_.end()) {
    return kNowhere;
  }
  if (!seen->second.all) {
    const std::size_t most = std::min(kMostPlaces, places_left_);
    seen->second.all = PlacesIn(string, {0, data_.size()}, most);
    listed_.push_back(string);
    places_left_ -= seen->second.all->size();
    if (places_left_ == 0) {
      effort_.given_up = true;
    }
  }
  return *seen->second.all;
}

bool Finder::Occurs(std::uint32_t string) {
  const auto seen = seen_.find(string);
  if (seen == seen_.end() || program_.strings[string].exact) {
    return seen != seen_.end();
  }
  if (!seen->second.occurs) {
    seen->second.occurs = Place(string).has_value();
  }
  return *seen->second.occurs;
}

Value Finder::Run(const Call& call, std::span<const Value> arguments) {
  constexpr std::size_t kMostKnown = 256;
  constexpr std::uint64_t kBytesDigested = 4;  // with a step
  const auto data = DataOf(call, data_, arguments);
  if (!data) {
    return {};
  }
  const auto run = [&]() -> Value {
    return effort_.Spend(1 + data->size() / kBytesDigested)
               ? call.run(*data, arguments)
               : Value();
  };
  const bool is_range = arguments.size() == 2 && IntegerOf(arguments[0]) &&
                        IntegerOf(arguments[1]) && call.data == 0;
  if (!is_range) {
    return run();
  }
  const auto key =
      std::tuple(&call, *IntegerOf(arguments[0]), *IntegerOf(arguments[1]));
  const auto known = known_.find(key);
  if (known != known_.end()) {
    return known->second;
  }
  Value value = run();
  if (known_.size() < kMostKnown && !effort_.given_up) {
    known_.emplace(key, value);
  }
  return value;
}

bool Finder::OccursAt(std::uint32_t string, std::uint64_t offset) {
  return !PlacesIn(string, {offset, 1}, 1).empty();
}

bool Finder::OccursIn(std::uint32_t string, std::uint64_t first,
                      std::uint64_t last) {
  const std::uint64_t end = std::min<std::uint64_t>(last, data_.size());
  return first <= end && !PlacesIn(string, {first, end - first + 1}, 1).empty();
}

}  // namespace assay::yara
