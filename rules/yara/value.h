// What the expressions of conditions are worth, and how they are reckoned with.
// YARA's integers are signed and have 64 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "rules/yara/ast.h"
#include "verifier/base/bytes.h"

namespace assay::yara {

// monostate is YARA's undefined value.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

[[nodiscard]] bool IsUndefined(const Value& value);
// Undefined is not true.
[[nodiscard]] bool IsTrue(const Value& value);
[[nodiscard]] std::optional<std::int64_t> IntegerOf(const Value& value);

// Undefined when one side is, for types that do not go together, and for what
// has no result, such as a division of integers by zero.
[[nodiscard]] Value Compare(Expr::Op op, const Value& left, const Value& right);
[[nodiscard]] Value Calculate(Expr::Op op, const Value& left,
                              const Value& right);
// `name` as in a rule: "icontains".
[[nodiscard]] Value TestText(std::string_view name, const Value& left,
                             const Value& right);

// Whether `found` of `all` are as many as wanted. `wanted` counts for numbers
// and percentages.
[[nodiscard]] bool AreEnough(Expr::Quantity quantity, std::int64_t wanted,
                             std::uint64_t found, std::uint64_t all);

// The integer that "uint32be" and the like say stands there.
[[nodiscard]] Value ReadInteger(std::string_view format, ByteView data,
                                std::int64_t offset);

}  // namespace assay::yara
