// OpenPGP packets: keyrings, transferable keys, binary signatures.
// Layout: RFC 9580, section 4 (packet headers) and 5 (packets); sequences:
// section 10. The format is only structure: what keys mean is the business of
// signatures/.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint8_t kSignature = 2;
constexpr std::uint8_t kSecretKey = 5;
constexpr std::uint8_t kPublicKey = 6;
// Of keys and what belongs to them: signatures, subkeys, trust, user ids,
// attributes, padding.
constexpr std::array<std::uint8_t, 9> kTags = {
    kSignature, kSecretKey, kPublicKey, 7, 12, 13, 14, 17, 21};

struct Packet {
  std::uint8_t tag = 0;
  std::uint64_t body = 0;  // where it begins
  std::uint64_t end = 0;
};

// Partial and indeterminate lengths are for messages; none is in a keyring.
std::optional<Packet> PacketAt(ByteView bytes, std::uint64_t at) {
  constexpr std::uint8_t kAlways = 0x80;
  constexpr std::uint8_t kNewForm = 0x40;
  const auto first = ReadAt<Stored<std::uint8_t, ByteOrder::kBig>>(bytes, at);
  if (!first || (*first & kAlways) == 0) {
    return std::nullopt;
  }
  const std::uint8_t head = *first;
  Packet packet;
  std::uint64_t length = 0;
  std::uint64_t field = at + 1;
  const auto number = [&]<typename T>(T) -> bool {
    const auto value = ReadAt<T>(bytes, field);
    field += sizeof(T);
    length = value ? std::uint64_t{*value} : 0;
    return value.has_value();
  };
  using Byte = Stored<std::uint8_t, ByteOrder::kBig>;
  bool known = number(Byte());
  if ((head & kNewForm) != 0) {
    packet.tag = head & 0x3FU;
    if (known && length >= 192 && length < 224) {
      const std::uint64_t high = length - 192;
      known = number(Byte());
      length += (high << 8U) + 192;
    } else if (known && length == 255) {
      known = number(Be32());
    } else {
      known = known && length < 192;
    }
  } else {
    packet.tag = head >> 2U & 0x0FU;
    field = at + 1;
    const unsigned form = head & 3U;
    known = form == 0   ? number(Byte())
            : form == 1 ? number(Be16())
            : form == 2 ? number(Be32())
                        : false;
  }
  packet.body = field;
  packet.end = field + length;
  const bool sane =
      known && std::find(kTags.begin(), kTags.end(), packet.tag) != kTags.end();
  return sane ? std::optional(packet) : std::nullopt;
}

// RFC 9580 5.2.2-5.2.3 and 5.5.2: the version, and where an algorithm stands.
bool BeginsSanely(ByteView bytes, const Packet& packet) {
  const auto body = Slice(bytes, packet.body, 6);
  if (!body) {
    return false;
  }
  const std::uint8_t version = (*body)[0];
  if (packet.tag == kSignature) {
    const std::uint8_t algorithm = (*body)[2];
    return version >= 4 && version <= 6 && (*body)[1] <= 0x50 &&
           algorithm >= 1 && algorithm <= 28;
  }
  const std::uint8_t algorithm = (*body)[5];
  return (packet.tag == kPublicKey || packet.tag == kSecretKey) &&
         version >= 4 && version <= 6 && algorithm >= 1 && algorithm <= 28;
}

// Where the packets end that begin at 0; `seen` counts them.
std::uint64_t EndOfPackets(ByteView bytes, std::size_t& seen) {
  std::uint64_t at = 0;
  while (const auto packet = PacketAt(bytes, at)) {
    if (packet->end > bytes.size()) {
      break;
    }
    at = packet->end;
    ++seen;
  }
  return at;
}

bool Matches(ByteView head) {
  const auto first = PacketAt(head, 0);
  if (!first || !BeginsSanely(head, *first)) {
    return false;
  }
  if (first->tag == kSignature) {
    return true;
  }
  // A key is followed by what binds it, as far as the head shows it.
  const auto second = PacketAt(head, first->end);
  return first->end >= head.size() || second.has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  std::size_t seen = 0;
  const std::uint64_t end = Matches(bytes) ? EndOfPackets(bytes, seen) : 0;
  if (seen == 0) {
    return Fail(ErrorCode::kNotThisFormat, "no OpenPGP packets");
  }
  return end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  std::uint64_t at = 0;
  while (const auto packet = PacketAt(bytes, at)) {
    sink.Claim({at, packet->body - at}, RegionUse::kMetadata);
    if (packet->end > bytes.size()) {
      sink.Claim({packet->body, bytes.size() - packet->body},
                 RegionUse::kContent);
      return Fail(ErrorCode::kTruncated,
                  fmt::format("the OpenPGP packet at {} ends at {} of {} bytes",
                              at, packet->end, bytes.size()));
    }
    sink.Claim({packet->body, packet->end - packet->body}, RegionUse::kContent);
    at = packet->end;
  }
  return at > 0
             ? input.Skip(at)
             : Result<void>(Fail(ErrorCode::kMalformed, "no OpenPGP packet"));
}

}  // namespace

extern const Format kOpenpgp;
const Format kOpenpgp = {
    .name = "openpgp",
    .title = "OpenPGP keys or signatures",
    .reference = "RFC 9580, sections 4, 5 and 10",
    .proof = Proof::kMagic,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
