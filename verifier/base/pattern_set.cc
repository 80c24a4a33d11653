#include "verifier/base/pattern_set.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/pattern_archive.h"
#include "verifier/base/pattern_expression.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

// hs_scan takes an unsigned int; larger inputs go in overlapping blocks.
constexpr std::size_t kBlock = 1UL << 30U;
constexpr std::size_t kOverlap = 1UL << 16U;

using Database = std::unique_ptr<hs_database_t, decltype(&hs_free_database)>;

// Starts are not tracked where they are looked for later.
unsigned FlagsOf(const Expression& expression) {
  constexpr unsigned kTracked = HS_FLAG_SOM_LEFTMOST;
  return expression.width == kLater
             ? (expression.flags & ~kTracked) | HS_FLAG_SINGLEMATCH
             : expression.flags;
}

using Scratch = std::unique_ptr<hs_scratch_t, decltype(&hs_free_scratch)>;

// What decides the bytes of a database, but for the machine.
std::string DigestOf(const std::vector<Expression>& expressions) {
  std::string text = hs_version();
  for (const Expression& expression : expressions) {
    text += fmt::format("\n{} {} {}", FlagsOf(expression),
                        expression.regex.size(), expression.regex);
  }
  return Sha256Hex(AsBytes(text));
}

// Null when there is none, or when it is for another machine.
Database PrecompiledDatabase(const std::string& digest) {
  hs_database_t* database = nullptr;
  if (const auto bytes = pattern_archive::Find(digest)) {
    const std::string_view text = AsText(*bytes);
    if (hs_deserialize_database(text.data(), text.size(), &database) !=
        HS_SUCCESS) {
      database = nullptr;
    }
  }
  return {database, &hs_free_database};
}

Bytes Serialized(const hs_database_t& database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(&database, &bytes, &size) != HS_SUCCESS) {
    throw std::bad_alloc();
  }
  Bytes copy = CopyOf(AsBytes(std::string_view(bytes, size)));
  std::free(bytes);  // NOLINT: allocated by Hyperscan with malloc
  return copy;
}

Result<Database> CompiledDatabase(const std::vector<Expression>& expressions) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const Expression& expression : expressions) {
    texts.push_back(expression.regex.c_str());
    flags.push_back(FlagsOf(expression));
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  const hs_platform_info_t any_machine = {};
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t status =
      hs_compile_multi(texts.data(), flags.data(), ids.data(),
                       static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                       pattern_archive::IsRecording() ? &any_machine : nullptr,
                       &database, &error);
  if (status != HS_SUCCESS) {
    const std::string why = error != nullptr ? error->message : "refused";
    const int at = error != nullptr ? error->expression : -1;
    hs_free_compile_error(error);
    return Fail(ErrorCode::kConfig, fmt::format("pattern {}: {}", at, why));
  }
  return Database(database, &hs_free_database);
}

Result<Database> DatabaseOf(const std::vector<Expression>& expressions) {
  const std::string digest = DigestOf(expressions);
  Database precompiled = PrecompiledDatabase(digest);
  pattern_archive::Count(precompiled != nullptr);
  if (precompiled) {
    return precompiled;
  }
  auto database = CompiledDatabase(expressions);
  if (database && pattern_archive::IsRecording()) {
    pattern_archive::Keep(digest, Serialized(**database));
  }
  return database;
}

// Finds the places of one pattern; compiled when it first occurs.
struct Locator {
  Expression expression;
  std::once_flag once = {};
  Database database = {nullptr, &hs_free_database};
};

struct Collector {
  const std::vector<std::uint64_t>* widths = nullptr;
  std::vector<std::uint32_t> counts = {};
  std::vector<std::uint32_t> later = {};
  std::vector<PatternHit> hits = {};
  std::uint32_t most = 0;  // hits of one pattern
  bool alone = false;      // there is no other pattern: `most` is enough
  std::uint64_t base = 0;
  std::uint64_t seen_until = 0;  // ends up to here came with the last block
};

// A regex of varying width reports every end of one match; the last is kept.
bool Extends(Collector& collector, const PatternHit& longer) {
  const auto last = std::find_if(
      collector.hits.rbegin(), collector.hits.rend(),
      [&](const auto& hit) { return hit.pattern == longer.pattern; });
  if (last == collector.hits.rend() || last->offset != longer.offset) {
    return false;
  }
  last->length = longer.length;
  return true;
}

int Collect(unsigned id, unsigned long long from, unsigned long long to,
            unsigned /*flags*/, void* context) {
  Collector& collector = *static_cast<Collector*>(context);
  const std::uint64_t end = collector.base + to;
  if (end <= collector.seen_until || collector.counts[id] >= collector.most) {
    return 0;
  }
  const std::uint64_t width = (*collector.widths)[id];
  if (width == kNoWidth || width == kLater || width == kFirstEnd) {
    // Once per scan of a block; a second block must not add another.
    if (collector.counts[id]++ == 0 && width == kLater) {
      collector.later.push_back(id);
    } else if (collector.counts[id] == 1) {
      collector.hits.push_back({id, width == kFirstEnd ? end : 0, 0});
    }
    return 0;
  }
  const std::uint64_t start = width != 0 ? end - width : collector.base + from;
  if (width == 0 && Extends(collector, {id, start, end - start})) {
    return 0;
  }
  collector.hits.push_back({id, start, end - start});
  const bool last = ++collector.counts[id] >= collector.most;
  return collector.alone && last ? 1 : 0;
}

// False when Hyperscan fails.
bool ScanBlocks(const hs_database_t& database, hs_scratch_t* scratch,
                ByteView bytes, Collector& collector) {
  for (std::size_t at = 0; at < bytes.size(); at += kBlock - kOverlap) {
    const ByteView block =
        bytes.subspan(at, std::min(kBlock, bytes.size() - at));
    collector.base = at;
    const std::string_view text = AsText(block);
    const hs_error_t status =
        hs_scan(&database, text.data(), static_cast<unsigned>(text.size()), 0,
                scratch, Collect, &collector);
    if (status == HS_SCAN_TERMINATED) {
      return true;
    }
    if (status != HS_SUCCESS) {
      return false;
    }
    collector.seen_until = at + block.size();
    if (block.size() < kBlock) {
      break;
    }
  }
  return true;
}

// The hits of the locator's pattern, as pattern 0.
std::vector<PatternHit> PlacesOf(Locator& locator, ByteView bytes,
                                 std::uint32_t most) {
  std::call_once(locator.once, [&locator] {
    locator.expression.width = 0;
    if (auto database = DatabaseOf({locator.expression})) {
      locator.database = std::move(*database);
    }
  });
  hs_scratch_t* raw = nullptr;
  const bool ready =
      locator.database != nullptr &&
      hs_alloc_scratch(locator.database.get(), &raw) == HS_SUCCESS;
  const Scratch scratch(raw, &hs_free_scratch);
  const std::vector<std::uint64_t> widths = {0};
  Collector collector{.widths = &widths};
  collector.counts.resize(1);
  collector.most = most;
  collector.alone = true;
  if (!ready || !ScanBlocks(*locator.database, raw, bytes, collector)) {
    throw std::runtime_error("Hyperscan failed on a pattern it took");
  }
  return std::move(collector.hits);
}

}  // namespace

struct PatternSet::State {
  Database database = {nullptr, &hs_free_database};
  hs_scratch_t* prototype = nullptr;
  std::vector<std::uint64_t> widths;
  std::vector<std::unique_ptr<Locator>> locators;  // by pattern, or null
  std::uint32_t hits_per_pattern = kHitsPerPattern;
  std::mutex mutex;
  std::vector<hs_scratch_t*> idle;  // scratches between two scans

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (hs_scratch_t* scratch : idle) {
      hs_free_scratch(scratch);
    }
    hs_free_scratch(prototype);
  }

  hs_scratch_t* Borrow() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) {
      hs_scratch_t* scratch = nullptr;
      if (hs_clone_scratch(prototype, &scratch) != HS_SUCCESS) {
        throw std::bad_alloc();
      }
      return scratch;
    }
    hs_scratch_t* scratch = idle.back();
    idle.pop_back();
    return scratch;
  }

  void Return(hs_scratch_t* scratch) {
    const std::lock_guard lock(mutex);
    idle.push_back(scratch);
  }
};

PatternSet::PatternSet(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::string PatternSet::LibraryVersion() {
  return hs_version();
}

std::size_t PatternSet::size() const {
  return state_->widths.size();
}

Result<PatternSet> PatternSet::Compile(const std::vector<Pattern>& patterns,
                                       std::uint32_t hits_per_pattern) {
  // A machine may have this fork in the library's place (ARCHITECTURE.md).
  if (LibraryVersion().starts_with("5.4.9 ")) {
    return Fail(ErrorCode::kConfig,
                "libhs is Vectorscan 5.4.9, which passes over matches: install "
                "libhyperscan5 instead");
  }
  auto state = std::make_unique<State>();
  state->hits_per_pattern = hits_per_pattern;
  std::vector<Expression> expressions;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto expression = ExpressionOf(patterns[i], i);
    if (!expression) {
      return Fail(expression.error());
    }
    state->widths.push_back(expression->width);
    state->locators.push_back(nullptr);
    if (expression->width == kLater) {
      state->locators.back() = std::make_unique<Locator>();
      state->locators.back()->expression = *expression;
    }
    expressions.push_back(std::move(*expression));
  }
  if (expressions.empty()) {
    return PatternSet(std::move(state));
  }
  auto database = DatabaseOf(expressions);
  if (!database) {
    return Fail(database.error());
  }
  state->database = std::move(*database);
  if (hs_alloc_scratch(state->database.get(), &state->prototype) !=
      HS_SUCCESS) {
    return Fail(ErrorCode::kInternal, "no memory to scan with");
  }
  return PatternSet(std::move(state));
}

Result<void> PatternSet::Check(const Pattern& pattern) {
  auto expression = ExpressionOf(pattern, 0);
  if (!expression) {
    return Fail(expression.error());
  }
  expression->width = 0;
  const auto database = DatabaseOf({*expression});
  return database ? Result<void>() : Fail(database.error());
}

std::vector<PatternHit> PatternSet::Scan(ByteView bytes) const {
  if (state_->database == nullptr) {
    return {};
  }
  Collector collector{.widths = &state_->widths};
  collector.counts.resize(state_->widths.size());
  collector.most = state_->hits_per_pattern;
  hs_scratch_t* scratch = state_->Borrow();
  const bool whole = ScanBlocks(*state_->database, scratch, bytes, collector);
  state_->Return(scratch);
  for (const std::uint32_t id : collector.later) {
    auto hits = PlacesOf(*state_->locators[id], bytes, collector.most);
    for (PatternHit& hit : hits) {
      hit.pattern = id;
      collector.hits.push_back(hit);
    }
  }
  if (!whole) {
    throw std::runtime_error("Hyperscan failed on a valid input");
  }
  std::sort(collector.hits.begin(), collector.hits.end(),
            [](const PatternHit& a, const PatternHit& b) {
              return std::tie(a.offset, a.pattern, a.length) <
                     std::tie(b.offset, b.pattern, b.length);
            });
  return std::move(collector.hits);
}

}  // namespace assay
