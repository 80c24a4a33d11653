// The functions of four languages that matter for a product's integrity, what
// others make of their arguments, and where a web request's data come from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "verifier/facts/script_lexer.h"
#include "verifier/facts/script_value.h"

namespace assay::facts {

struct ScriptFunction {
  enum class When : std::uint8_t {
    kAlways,
    kComputed,    // its first argument is not constant
    kTainted,     // its first argument is of the request, or decoded
    kWriting,     // its second argument is a mode that writes
    kEvaluating,  // its first argument is a pattern that runs the result
    kSecret,      // it is given secrets, or called on what names them
    kKeys,        // its first argument is the event of a key
    kEmptying,    // an argument is SQL that removes tables or all of their rows
    kPiping,      // its second argument has the bar of a pipe at an end
  };
  enum class Words : std::uint8_t {
    kNone,
    kShell,  // one command line, or a list of words
    kList,   // a program and its arguments
    kArgv,   // a program and its arguments from argument 0 on
  };
  std::string_view name;  // canonical, dotted
  // process, code, network, listen, file, environment, decode, cipher,
  // secret, keys, destroys
  std::string_view does;
  When when = When::kAlways;
  Words words = Words::kNone;
};

// The functions of Perl.
[[nodiscard]] std::span<const ScriptFunction> PerlFunctions();
// Null for a function of no interest. PHP's are asked for in lower case. "*.x"
// is asked for when no function has the whole name: a method of anything.
[[nodiscard]] const ScriptFunction* FindFunction(ScriptLanguage language,
                                                 std::string_view name);

// What a call gives back.
enum class ScriptResult : std::uint8_t {
  kOther,       // unknown, but of the same origin as its arguments
  kClean,       // harmless: a number, a quoted word
  kSame,        // its first argument, or the object it is called on
  kDecoded,     // a text that was coded
  kCarried,     // the same if the text stands in the script itself
  kCoded,       // the same if the second argument names the coding
  kBase64,      // the same, of base64
  kHex,         // of hexadecimal digits
  kRot13,       // of letters moved by 13
  kReverse,     // its first argument from the end
  kCharacters,  // the characters with these numbers
  kFormat,      // its first argument with the others in it
  kJoin,        // the elements of a list
  kList,        // a list of its arguments
  kModule,      // the module with that name
  kMember,      // the member of the first argument that the second names
  kGlobals,     // the object that holds the global names
  kVariable,    // a variable of the environment; a server's has the request
  kStream,      // what a path names; some name the request
  kRequest,     // data of the request
  kRemote,      // data of another machine
  kForward,     // calls its first argument with the others
  kInvoke,      // calls the function that it is a method of
  kElement,     // the element of the object that its first argument names
  kNative,      // a library of the system
};

// ".x" is asked for when no function has the whole name: a method of anything.
[[nodiscard]] ScriptResult ResultOf(ScriptLanguage language,
                                    std::string_view name);

// Whether this member of that object is data of a web request. `cgi`: the
// script is one whose input is the request.
[[nodiscard]] bool IsRequest(ScriptLanguage language, std::string_view object,
                             std::string_view member, bool cgi);
// Whether a path or name is that of a file which holds keys or passwords.
[[nodiscard]] bool NamesSecrets(std::string_view path);
// Whether the name stands for all variables of the environment.
[[nodiscard]] bool IsWholeEnvironment(ScriptLanguage language,
                                      const ScriptReference& name);
// Whether a server sets this variable from the request (RFC 3875).
[[nodiscard]] bool IsRequestVariable(std::string_view name);
// Whether the name stands for the object that holds all global names.
[[nodiscard]] bool IsGlobals(ScriptLanguage language, std::string_view name);

}  // namespace assay::facts
