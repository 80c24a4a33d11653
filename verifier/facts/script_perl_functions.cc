#include "verifier/facts/script_functions.h"

namespace assay::facts {
namespace {

using When = ScriptFunction::When;
using Words = ScriptFunction::Words;

constexpr std::string_view kProcess = "process";
constexpr std::string_view kCode = "code";
constexpr std::string_view kNetwork = "network";
constexpr std::string_view kFile = "file";
constexpr std::string_view kListen = "listen";
constexpr std::string_view kDecode = "decode";
constexpr std::string_view kDestroys = "destroys";

// perldoc perlfunc and the usual modules; names in lower case. A command in
// backticks reads as shell_exec.
constexpr ScriptFunction kPerlFunctions[] = {
    {"system", kProcess, When::kAlways, Words::kShell},
    {"exec", kProcess, When::kAlways, Words::kShell},
    {"shell_exec", kProcess, When::kAlways, Words::kShell},
    {"readpipe", kProcess, When::kAlways, Words::kShell},
    {"open", kProcess, When::kPiping},
    {"open2", kProcess},
    {"open3", kProcess},
    {"eval", kCode},
    {"do", kCode, When::kTainted},
    {"require", kCode, When::kTainted},
    {"io.socket.inet.new", kNetwork},
    {"io.socket.ip.new", kNetwork},
    {"io.socket.ssl.new", kNetwork},
    {"lwp.simple.get", kNetwork},
    {"lwp.useragent.new", kNetwork},
    {"http.tiny.new", kNetwork},
    {"net.smtp.new", kNetwork},
    {"net.ftp.new", kNetwork},
    {"http.daemon.new", kListen},
    {"io.socket.unix.new", kListen},
    {"*.send", kNetwork, When::kSecret},
    {"*.post", kNetwork, When::kSecret},
    {"unlink", kFile},
    {"rmtree", kFile},
    {"remove_tree", kFile},
    {"chmod", kFile},
    {"decode_base64", kDecode},
    {"uncompress", kDecode},
    {"*.decrypt", kDecode},
    {"*.do", kDestroys, When::kEmptying},
    {"*.execute", kDestroys, When::kEmptying},
};

}  // namespace

std::span<const ScriptFunction> PerlFunctions() {
  return kPerlFunctions;
}

}  // namespace assay::facts
