#include "verifier/base/byte_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kStep = 256UL << 10U;
constexpr std::size_t kMostPassed = 8 * Input::kPeekLimit;

}  // namespace

Result<ByteView> Input::Peek(std::size_t length) {
  length = std::min(length, kPeekLimit);
  if (at_rest()) {
    const ByteView rest = source_.From(position_).bytes();
    return rest.first(std::min(length, rest.size()));
  }
  if (Peeked().size() < length) {
    if (peeked_from_ > kMostPassed) {
      peeked_.erase(
          peeked_.begin(),
          peeked_.begin() + static_cast<std::ptrdiff_t>(peeked_from_));
      peeked_from_ = 0;
    }
    const std::size_t had = peeked_.size();
    peeked_.resize(peeked_from_ + length);
    const auto count = stream_->Read(std::span(peeked_).subspan(had));
    peeked_.resize(had + count.value_or(0));
    // A damaged stream still shows what came before the damage.
    if (!count && Peeked().empty()) {
      return Fail(count.error());
    }
  }
  return Peeked().first(std::min(length, Peeked().size()));
}

Result<std::size_t> Input::Read(std::span<std::uint8_t> into) {
  if (at_rest()) {
    const ByteView rest = source_.From(position_).bytes();
    const std::size_t count = std::min(rest.size(), into.size());
    std::copy_n(rest.begin(), count, into.begin());
    position_ += count;
    return count;
  }
  const std::size_t ready = std::min(Peeked().size(), into.size());
  std::copy_n(Peeked().begin(), ready, into.begin());
  peeked_from_ += ready;
  std::size_t count = ready;
  if (ready < into.size()) {
    const auto more = stream_->Read(into.subspan(ready));
    if (!more && ready == 0) {
      return Fail(more.error());
    }
    count += more.value_or(0);  // the next call meets the error again
  }
  hasher_->Update(ByteView(into).first(count));
  position_ += count;
  return count;
}

// A piece of known and moderate length is read straight into its place; what
// a hostile length reserves costs address space, not memory.
Result<ByteSource> Input::TakeSmall(std::size_t length) {
  Bytes bytes;
  bytes.reserve(length);
  while (bytes.size() < length) {
    const std::size_t had = bytes.size();
    bytes.resize(had + std::min(kStep, length - had));
    const auto count = Read(std::span(bytes).subspan(had));
    if (!count) {
      return Fail(count.error());
    }
    bytes.resize(had + *count);
    if (*count == 0) {
      break;
    }
  }
  return ByteSource::Own(std::move(bytes));
}

Result<ByteSource> Input::TakeUpTo(std::uint64_t length) {
  if (length <= std::min(limits_.memory_per_member, limits_.member)) {
    return TakeSmall(static_cast<std::size_t>(length));
  }
  Spool spool(limits_.memory_per_member, limits_.member);
  Bytes buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(kStep, length)));
  while (spool.size() < length) {
    const auto want = static_cast<std::size_t>(
        std::min<std::uint64_t>(buffer.size(), length - spool.size()));
    const auto count = Read(std::span(buffer).first(want));
    if (!count) {
      return Fail(count.error());
    }
    if (const auto ok = spool.Append(ByteView(buffer).first(*count)); !ok) {
      return Fail(ok.error());
    }
    if (*count == 0) {
      break;
    }
  }
  return spool.Finish();
}

Result<ByteSource> Input::Take(std::uint64_t length) {
  if (at_rest()) {
    auto taken = source_.Slice({position_, length});
    if (taken) {
      position_ += length;
    }
    return taken;
  }
  auto taken = TakeUpTo(length);
  if (taken && taken->size() < length) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("{} bytes wanted at offset {}, {} there", length,
                            position_ - taken->size(), taken->size()));
  }
  return taken;
}

Result<void> Input::Skip(std::uint64_t length) {
  if (at_rest()) {
    if (length > source_.size() - position_) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("{} bytes wanted at offset {}, {} there", length,
                              position_, source_.size() - position_));
    }
    position_ += length;
    return {};
  }
  Bytes buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(kStep, length)));
  while (length > 0) {
    const auto want = static_cast<std::size_t>(
        std::min<std::uint64_t>(buffer.size(), length));
    const auto count = Read(std::span(buffer).first(want));
    if (!count) {
      return Fail(count.error());
    }
    if (*count == 0) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("the stream ends at offset {}", position_));
    }
    length -= *count;
  }
  return {};
}

Result<ByteSource> Input::TakeRest() {
  if (at_rest()) {
    ByteSource rest = source_.From(position_);
    position_ = source_.size();
    return rest;
  }
  return TakeUpTo(limits_.member + 1);  // one more: the spool then refuses
}

}  // namespace assay
