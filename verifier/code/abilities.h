// What a program that names a function of the system is able to do.
#pragma once

#include <string_view>

namespace assay::code {

// "network.listen" for listen, "process.shell" for system and popen ...: one
// word for all functions, of the C library and of those that stand beside it
// in most products, that come to the same. "" for a function that tells
// nothing.
[[nodiscard]] std::string_view AbilityOf(std::string_view function);

// Functions that tell by their arguments what is done, though they need no
// ability.
[[nodiscard]] bool IsTold(std::string_view function);

// Abilities that a program hides when it hides anything.
[[nodiscard]] bool IsHarmful(std::string_view ability);

// Whether a library for cryptography or transfers has it, or it makes memory
// that code may lie in.
[[nodiscard]] bool IsProtective(std::string_view name);

// Whether a function makes a text by a format and further arguments.
[[nodiscard]] bool IsFormatter(std::string_view name);

}  // namespace assay::code
