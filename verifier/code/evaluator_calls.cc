// Calls: who is called, what it is given, what it leaves.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/code/evaluator.h"
#include "verifier/code/library.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

constexpr Origin::Bits kWithin = Origin::kParameter | Origin::kConstant;

// What is read through a socket comes from a network.
Origin::Bits Through(Origin::Bits handle) {
  return (handle & Origin::kSocket) == 0
             ? handle
             : (handle & ~Origin::kSocket) | Origin::kNetwork;
}

// A function of the program that a library calls with what it receives.
struct Callback {
  std::string_view given_to = {};
  std::size_t argument = 0;  // that is the function
  std::size_t receives = 0;  // its argument
  Origin::Bits origin = 0;
};
constexpr std::array<Callback, 12> kCallbacks = {{
    {"MHD_start_daemon", 4, 2, Origin::kRequest},
    {"SSL_CTX_set_cert_verify_callback", 1, 0, Origin::kNetwork},
    {"SSL_CTX_set_verify", 2, 1, Origin::kNetwork},
    {"SSL_set_verify", 2, 1, Origin::kNetwork},
    {"curl_easy_setopt", 2, 0, Origin::kNetwork},
    {"evhttp_set_cb", 2, 0, Origin::kRequest},
    {"evhttp_set_gencb", 1, 0, Origin::kRequest},
    {"mosquitto_message_callback_set", 1, 2, Origin::kNetwork},
    {"pcap_dispatch", 2, 2, Origin::kNetwork},
    {"pcap_loop", 2, 2, Origin::kNetwork},
    {"soup_server_add_handler", 2, 1, Origin::kRequest},
    {"uv_read_start", 2, 2, Origin::kNetwork},
}};

bool MayPoint(const Value& value) {
  return value.is(Kind::kFrame) || value.is(Kind::kConstant) ||
         value.is(Kind::kResult) || value.is(Kind::kArgument);
}

}  // namespace

Callee Evaluator::CalleeOf(const Operation& operation,
                           const State& state) const {
  if (operation.target != 0) {
    return knowledge_.Resolve(operation.target);
  }
  const Value value = Read(operation.a, machine_.word, state);
  if (value.is(Kind::kSlot)) {
    return knowledge_.InSlot(value.number);
  }
  return value.constant() && !value.loose ? knowledge_.Resolve(value.number)
                                          : Callee{};
}

Value Evaluator::ArgumentOf(std::size_t index, const State& state) const {
  if (!machine_.stack_arguments && index < machine_.arguments) {
    return state.At(machine_.argument.at(index));
  }
  const Value& stack = state.At(machine_.stack);
  const std::size_t slot =
      machine_.stack_arguments ? index : index - machine_.arguments;
  return stack.is(Kind::kFrame) && !stack.loose
             ? state
                   .Load(static_cast<std::int64_t>(stack.number +
                                                   machine_.stack_start +
                                                   slot * machine_.word),
                         machine_.word, machine_.order)
                   .value_or(Value{})
             : Value{};
}

// struct sockaddr_in: family 2, then port and address in network order.
std::optional<std::string> Evaluator::EndpointAt(const Value& value,
                                                 const State& state) const {
  std::optional<std::vector<std::uint8_t>> address;
  if (value.is(Kind::kFrame) && !value.loose) {
    const auto at = static_cast<std::int64_t>(value.number);
    const auto family = state.BytesAt(at, 2, machine_.order);
    const bool internet = family && family->front() + family->back() == 2 &&
                          family->front() != family->back();
    address =
        internet ? state.BytesAt(at + 4, 4, machine_.order) : std::nullopt;
    const auto port = state.BytesAt(at + 2, 2, machine_.order);
    if (address && port) {
      address->insert(address->end(), port->begin(), port->end());
    }
  }
  if (!address || *address == std::vector<std::uint8_t>(address->size(), 0)) {
    return std::nullopt;
  }
  std::string text = fmt::format("{}.{}.{}.{}", (*address)[0], (*address)[1],
                                 (*address)[2], (*address)[3]);
  if (address->size() == 6) {
    text += fmt::format(":{}", (*address)[4] << 8U | (*address)[5]);
  }
  return text;
}

void Evaluator::Invoke(const Operation& operation, const Place& place,
                       State& state, Trace& trace) {
  Call call = {.site = place.site,
               .address = operation.address,
               .length = operation.length,
               .block = place.block,
               .callee = CalleeOf(operation, state)};
  if (!call.callee.known()) {
    call.target = Read(operation.a, machine_.word, state);
  }
  const std::string_view name = call.callee.name;
  const bool takes_address =
      name == "bind" || name == "connect" || name == "sendto";
  const bool stack = machine_.stack_arguments || call.callee.entry != 0 ||
                     TakesMany(call.callee.name);
  const std::size_t count =
      stack ? kArguments
            : std::min<std::size_t>(machine_.arguments, kArguments);
  for (std::size_t i = 0; i < count; ++i) {
    call.arguments.at(i) = ArgumentOf(i, state);
    call.origins.at(i) = OriginOf(call.arguments.at(i), state);
    call.texts.at(i) = TextOf(call.arguments.at(i), state);
    if (!call.texts.at(i) && takes_address) {
      call.texts.at(i) = EndpointAt(call.arguments.at(i), state);
    }
  }
  const Origin::Bits origin = Effects(call, state);
  for (std::size_t i = 0; i < kRegisters; ++i) {
    if ((machine_.kept >> i & 1U) == 0) {
      state.registers.at(i) = {};
    }
  }
  state.flags = {};
  state.Set(machine_.result,
            {.kind = Kind::kResult, .origin = origin, .site = place.site});
  trace.calls.push_back(std::move(call));
}

Origin::Bits Evaluator::Effects(const Call& call, State& state) {
  // Of its own functions it is not known whether they have any on the stack.
  const bool registers = call.callee.entry != 0 && !machine_.stack_arguments;
  const std::size_t count = registers ? machine_.arguments : kArguments;
  Origin::Bits all = 0;
  for (std::size_t i = 0; i < count; ++i) {
    all |= call.origins.at(i);
  }
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  const bool leaves_alone = library != nullptr && library->inert;
  for (const Value& argument : call.arguments) {
    if (!leaves_alone && argument.is(Kind::kFrame) && !argument.loose) {
      state.Forget(static_cast<std::int64_t>(argument.number), machine_.word);
    }
  }
  return call.callee.entry != 0 && library == nullptr
             ? EffectsOfOwn(call, all)
             : EffectsOfLibrary(call, all);
}

Origin::Bits Evaluator::EffectsOfLibrary(const Call& call, Origin::Bits all) {
  const LibraryFunction* library = FindLibraryFunction(call.callee.name);
  if (call.callee.name.ends_with("_start_main")) {
    Hand(call.arguments[0], 1, Origin::kArgument);
  }
  for (const Callback& one : kCallbacks) {
    if (call.callee.name == one.given_to) {
      Hand(call.arguments.at(one.argument), one.receives, one.origin);
    }
  }
  if (library == nullptr) {
    const Origin::Bits outside = all & ~kWithin;
    for (const Value& argument : call.arguments) {
      if (outside != 0 && argument.is(Kind::kFrame)) {
        Fill(argument, Through(outside));
      }
    }
    return all;
  }
  if (library->fills != LibraryFunction::kNone) {
    const auto at = static_cast<std::size_t>(library->fills);
    Origin::Bits others = 0;
    for (std::size_t i = 0; i < kArguments; ++i) {
      others |= i == at ? 0 : call.origins.at(i);
    }
    // What a socket tells of itself are the machine's interfaces.
    const bool asks =
        (others & Origin::kSocket) != 0 && library->name == "ioctl";
    others = asks ? Origin::kHost : Through(others);
    // It is known what it is, whatever lies in registers behind the arguments.
    constexpr Origin::Bits kKnown =
        Origin::kClock | Origin::kHost | Origin::kRandom | Origin::kCredential |
        Origin::kAccount | Origin::kStatus | Origin::kDigest;
    others = (library->fills_with & kKnown) != 0 ? 0 : others;
    Origin::Bits origin = library->fills_with;
    if (!call.arguments.at(at).is(Kind::kFrame)) {
      origin &= ~Origin::kDigest;  // where it goes from there is not followed
    }
    if (origin == Origin::kInput && (others & Origin::kOutside) != 0) {
      origin = 0;  // it is known which input
    }
    Fill(call.arguments.at(at), origin | (others & ~Origin::kParameter));
  }
  if (library->gives == 0) {
    return library->inert ? 0 : all;
  }
  // What lies in registers behind the arguments says nothing of the result.
  const bool given = library->fills == LibraryFunction::kNone;
  const Origin::Bits from = given ? call.origins[0] : all;
  if (library->gives == Origin::kInput) {
    const Origin::Bits read = Through(from);
    const bool known = (read & Origin::kOutside) != 0;  // which input it is
    return known ? read : library->gives;
  }
  const bool request = library->gives == Origin::kEnvironment &&
                       call.texts[0] && IsRequestVariable(*call.texts[0]);
  return request ? Origin::kRequest : library->gives | (given ? 0 : from);
}

void Evaluator::Hand(const Value& function, std::size_t argument,
                     Origin::Bits origin) {
  if (!function.constant() || !image_.IsCode(function.number)) {
    return;
  }
  Origin::Bits& given = knowledge_.Of(function.number).given.at(argument);
  if ((given | origin) != given) {
    given |= origin;
    knowledge_.given_more.insert(function.number);
  }
}

Origin::Bits Evaluator::EffectsOfOwn(const Call& call, Origin::Bits all) {
  Summary& summary = knowledge_.Of(call.callee.entry);
  for (std::size_t i = 0; i < kArguments; ++i) {
    const Origin::Bits given = call.origins.at(i) & ~kWithin;
    Origin::Bits& known = summary.given.at(i);
    if ((known | given) != known) {
      known |= given;
      knowledge_.given_more.insert(call.callee.entry);
    }
    Origin::Bits others = 0;
    for (std::size_t k = 0; k < kArguments; ++k) {
      others |= k == i ? 0 : call.origins.at(k) & ~kWithin;
    }
    if (MayPoint(call.arguments.at(i))) {
      Fill(call.arguments.at(i),
           summary.fills.at(i) |
               (call.arguments.at(i).is(Kind::kFrame) ? others : 0));
    }
  }
  return summary.result | all;
}

}  // namespace assay::code
