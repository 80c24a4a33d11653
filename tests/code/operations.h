// Operations as short texts: "r0 = r1 + 4", "if equal goto 1008", "[r13+4]:4 =
// r0".
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "verifier/code/machine.h"
#include "verifier/code/operation.h"

namespace assay::code {

inline std::string Render(const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::kNone:
      return "?";
    case Operand::Kind::kRegister:
      return fmt::format("r{}", operand.base);
    case Operand::Kind::kImmediate:
      return operand.value > -4096 && operand.value < 4096
                 ? fmt::format("{}", operand.value)
                 : fmt::format("{:#x}",
                               static_cast<std::uint64_t>(operand.value));
    case Operand::Kind::kMemory:
      break;
  }
  std::string text = "[";
  if (operand.base != kNoRegister) {
    text += fmt::format("r{}", operand.base);
  }
  if (operand.index != kNoRegister) {
    text += fmt::format("+r{}*{}", operand.index, operand.scale);
  }
  if (operand.base == kNoRegister) {
    text += fmt::format("{:+#x}", operand.value);
  } else if (operand.value != 0) {
    text += fmt::format("{:+}", operand.value);
  }
  return text + "]";
}

inline std::string_view Render(Condition condition) {
  static constexpr std::string_view kNames[] = {
      "equal", "unequal", "less", "not less", "more", "not more", "other"};
  return kNames[static_cast<std::size_t>(condition)];
}

inline std::string Render(const Operation& one) {
  using enum Does;
  const std::string to = Render(one.to);
  const std::string a = Render(one.a);
  const std::string b = Render(one.b);
  const std::string_view flags = one.sets_flags ? ", flags" : "";
  const std::string target =
      one.target != 0 ? fmt::format("{:x}", one.target) : a;
  const auto both = [&](std::string_view sign) {
    return fmt::format("{} = {} {} {}{}", to, a, sign, b, flags);
  };
  switch (one.does) {
    case kOther:
      return fmt::format("{} lost{}", to, flags);
    case kMove: {
      const bool memory = one.to.is_memory() || one.a.is_memory();
      const bool part = one.a.is_register() && one.width < 4;
      return fmt::format("{} = {}{}{}{}", to, a,
                         memory || part ? fmt::format(":{}", one.width) : "",
                         one.extends ? " signed" : "", flags);
    }
    case kAddress:
      return fmt::format("{} = &{}", to, a);
    case kAdd:
      return both("+");
    case kSubtract:
      return both("-");
    case kXor:
      return both("^");
    case kAnd:
      return both("&");
    case kOr:
      return both("|");
    case kCompute:
      return both("~");
    case kCompare:
      return fmt::format("compare {} {}:{}", a, b, one.width);
    case kTest:
      return fmt::format("test {} {}:{}", a, b, one.width);
    case kSet:
      return fmt::format("{} = {}", to, Render(one.condition));
    case kSelect:
      return fmt::format("if {} {} = {}", Render(one.condition), to, a);
    case kPush:
      return fmt::format("push {}", a);
    case kPop:
      return fmt::format("pop {}", to);
    case kCall:
      return fmt::format("call {}", target);
    case kJump:
      return fmt::format("goto {}", target);
    case kBranch:
      return fmt::format("if {} goto {}", Render(one.condition), target);
    case kReturn:
      return "return";
    case kStop:
      return "stop";
  }
  return {};
}

inline std::string Render(const std::vector<Operation>& operations) {
  std::string text;
  for (const Operation& one : operations) {
    text += text.empty() ? "" : "; ";
    text += Render(one);
  }
  return text;
}

// The instructions that `bytes` consist of, at `address`, with a "; " between
// their operations; where one does not decode, "none".
inline std::string RenderCode(const Machine& machine, ByteView bytes,
                              std::uint64_t address) {
  const auto decoder = machine.decoder();
  std::vector<Operation> operations;
  while (!bytes.empty()) {
    const unsigned length = decoder->Decode(bytes, address, operations);
    if (length == 0 || length > bytes.size()) {
      return Render(operations) + (operations.empty() ? "none" : "; none");
    }
    bytes = bytes.subspan(length);
    address += length;
  }
  return Render(operations);
}

}  // namespace assay::code
