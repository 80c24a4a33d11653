// Ceilings for hostile input, and what is left of them. All are counted in
// work, never in seconds, so that every machine stops at the same place.
#pragma once

#include <cstdint>

namespace assay {

struct Limits {
  std::uint32_t depth = 32;                   // nesting of artifacts
  std::uint64_t entries = 1'000'000;          // artifacts in a product
  std::uint64_t unpacked = 64ULL << 30U;      // decoded bytes in a product
  std::uint64_t member = 4ULL << 30U;         // decoded bytes of one member
  std::uint64_t ratio = 100;                  // decoded / encoded, one stream
  std::uint64_t ratio_floor = 512ULL << 20U;  // below it no ratio applies
  std::uint64_t name = 4096;                  // bytes of one name
  std::uint64_t facts = 20'000;               // facts of one artifact
  std::uint64_t memory_per_member = 32ULL << 20U;  // beyond it: a spill file
  // Threads that one decoder may start. Changes the speed, never the output.
  std::uint32_t decoder_threads = 1;
};

}  // namespace assay
