#include "verifier/facts/script_functions.h"

#include <array>
#include <span>
#include <unordered_map>

namespace assay::facts {
namespace {

using When = ScriptFunction::When;
using Words = ScriptFunction::Words;

constexpr std::string_view kProcess = "process";
constexpr std::string_view kCode = "code";
constexpr std::string_view kNetwork = "network";
constexpr std::string_view kFile = "file";
constexpr std::string_view kEnvironment = "environment";

// Python library reference. A single string given to subprocess.* is a program
// name or, with shell=True, a command line: reading it as a command line is
// right for both.
constexpr ScriptFunction kPythonFunctions[] = {
    {"os.system", kProcess, When::kAlways, Words::kShell},
    {"os.popen", kProcess, When::kAlways, Words::kShell},
    {"subprocess.run", kProcess, When::kAlways, Words::kShell},
    {"subprocess.call", kProcess, When::kAlways, Words::kShell},
    {"subprocess.Popen", kProcess, When::kAlways, Words::kShell},
    {"subprocess.check_call", kProcess, When::kAlways, Words::kShell},
    {"subprocess.check_output", kProcess, When::kAlways, Words::kShell},
    {"subprocess.getoutput", kProcess, When::kAlways, Words::kShell},
    {"subprocess.getstatusoutput", kProcess, When::kAlways, Words::kShell},
    {"commands.getoutput", kProcess, When::kAlways, Words::kShell},
    {"commands.getstatusoutput", kProcess, When::kAlways, Words::kShell},
    {"asyncio.create_subprocess_shell", kProcess, When::kAlways, Words::kShell},
    {"asyncio.create_subprocess_exec", kProcess, When::kAlways, Words::kList},
    {"pty.spawn", kProcess, When::kAlways, Words::kList},
    {"os.execl", kProcess, When::kAlways, Words::kArgv},
    {"os.execlp", kProcess, When::kAlways, Words::kArgv},
    {"os.execv", kProcess, When::kAlways, Words::kArgv},
    {"os.execvp", kProcess, When::kAlways, Words::kArgv},
    {"os.execve", kProcess, When::kAlways, Words::kArgv},
    {"os.posix_spawn", kProcess, When::kAlways, Words::kArgv},
    {"os.startfile", kProcess, When::kAlways, Words::kList},
    {"eval", kCode},
    {"exec", kCode},
    {"execfile", kCode},
    {"compile", kCode},
    {"runpy.run_path", kCode},
    {"code.interact", kCode},
    {"types.FunctionType", kCode},
    {"marshal.loads", kCode},
    {"pickle.loads", kCode},
    {"ctypes.CDLL", kCode, When::kComputed},
    {"__import__", kCode, When::kComputed},
    {"importlib.import_module", kCode, When::kComputed},
    {"socket.create_connection", kNetwork},
    {"socket.create_server", kNetwork},
    {"socket.socket", kNetwork},
    {"urllib.request.urlopen", kNetwork},
    {"urllib.request.urlretrieve", kNetwork},
    {"urllib.request.Request", kNetwork},
    {"urllib.urlopen", kNetwork},
    {"urllib2.urlopen", kNetwork},
    {"http.client.HTTPConnection", kNetwork},
    {"http.client.HTTPSConnection", kNetwork},
    {"httplib.HTTPConnection", kNetwork},
    {"requests.get", kNetwork},
    {"requests.post", kNetwork},
    {"requests.put", kNetwork},
    {"requests.request", kNetwork},
    {"httpx.get", kNetwork},
    {"httpx.post", kNetwork},
    {"smtplib.SMTP", kNetwork},
    {"ftplib.FTP", kNetwork},
    {"telnetlib.Telnet", kNetwork},
    {"asyncio.open_connection", kNetwork},
    {"open", kFile, When::kWriting},
    {"io.open", kFile, When::kWriting},
    {"os.chmod", kFile},
    {"os.remove", kFile},
    {"os.unlink", kFile},
    {"shutil.rmtree", kFile},
    {"os.getenv", kEnvironment},
    {"os.environ.get", kEnvironment},
};

// Node.js documentation; ECMA-262, 19.2; Fetch standard.
constexpr ScriptFunction kJavascriptFunctions[] = {
    {"child_process.exec", kProcess, When::kAlways, Words::kShell},
    {"child_process.execSync", kProcess, When::kAlways, Words::kShell},
    {"child_process.execFile", kProcess, When::kAlways, Words::kList},
    {"child_process.execFileSync", kProcess, When::kAlways, Words::kList},
    {"child_process.spawn", kProcess, When::kAlways, Words::kList},
    {"child_process.spawnSync", kProcess, When::kAlways, Words::kList},
    {"child_process.fork", kProcess, When::kAlways, Words::kList},
    {"process.binding", kProcess},
    {"Bun.spawn", kProcess, When::kAlways, Words::kList},
    {"eval", kCode},
    {"Function", kCode},
    {"vm.runInThisContext", kCode},
    {"vm.runInNewContext", kCode},
    {"vm.runInContext", kCode},
    {"vm.compileFunction", kCode},
    {"vm.Script", kCode},
    {"process.dlopen", kCode},
    {"require", kCode, When::kComputed},
    {"import", kCode, When::kComputed},
    {"fetch", kNetwork},
    {"http.request", kNetwork},
    {"http.get", kNetwork},
    {"http.createServer", kNetwork},
    {"https.request", kNetwork},
    {"https.get", kNetwork},
    {"http2.connect", kNetwork},
    {"net.connect", kNetwork},
    {"net.createConnection", kNetwork},
    {"net.createServer", kNetwork},
    {"tls.connect", kNetwork},
    {"dgram.createSocket", kNetwork},
    {"dns.lookup", kNetwork},
    {"dns.resolve", kNetwork},
    {"dns.resolveTxt", kNetwork},
    {"axios", kNetwork},
    {"axios.get", kNetwork},
    {"axios.post", kNetwork},
    {"axios.request", kNetwork},
    {"got", kNetwork},
    {"WebSocket", kNetwork},
    {"XMLHttpRequest", kNetwork},
    {"navigator.sendBeacon", kNetwork},
    {"fs.writeFile", kFile},
    {"fs.writeFileSync", kFile},
    {"fs.appendFile", kFile},
    {"fs.appendFileSync", kFile},
    {"fs.createWriteStream", kFile},
    {"fs.promises.writeFile", kFile},
    {"fs/promises.writeFile", kFile},
    {"fs.chmod", kFile},
    {"fs.chmodSync", kFile},
    {"fs.unlinkSync", kFile},
    {"fs.rmSync", kFile},
};

// PHP manual, "Program execution functions" and the pages of the others.
constexpr ScriptFunction kPhpFunctions[] = {
    {"system", kProcess, When::kAlways, Words::kShell},
    {"exec", kProcess, When::kAlways, Words::kShell},
    {"passthru", kProcess, When::kAlways, Words::kShell},
    {"shell_exec", kProcess, When::kAlways, Words::kShell},
    {"popen", kProcess, When::kAlways, Words::kShell},
    {"proc_open", kProcess, When::kAlways, Words::kShell},
    {"pcntl_exec", kProcess, When::kAlways, Words::kList},
    {"expect_popen", kProcess, When::kAlways, Words::kShell},
    {"eval", kCode},
    {"assert", kCode, When::kTainted},
    {"create_function", kCode},
    {"preg_replace", kCode, When::kEvaluating},
    {"unserialize", kCode, When::kTainted},
    {"call_user_func", kCode, When::kTainted},
    {"call_user_func_array", kCode, When::kTainted},
    {"array_map", kCode, When::kTainted},
    {"register_shutdown_function", kCode, When::kTainted},
    {"include", kCode, When::kTainted},
    {"include_once", kCode, When::kTainted},
    {"require", kCode, When::kTainted},
    {"require_once", kCode, When::kTainted},
    {"dl", kCode},
    {"fsockopen", kNetwork},
    {"pfsockopen", kNetwork},
    {"stream_socket_client", kNetwork},
    {"stream_socket_server", kNetwork},
    {"socket_create", kNetwork},
    {"socket_connect", kNetwork},
    {"curl_init", kNetwork},
    {"curl_exec", kNetwork},
    {"mail", kNetwork},
    {"dns_get_record", kNetwork},
    {"gethostbyname", kNetwork},
    {"fopen", kFile, When::kWriting},
    {"file_put_contents", kFile},
    {"move_uploaded_file", kFile},
    {"chmod", kFile},
    {"unlink", kFile},
    {"getenv", kEnvironment},
};

// Lua 5.4 manual, 6; LuaSocket, LuCI, nginx's Lua module, nixio, luaposix.
constexpr ScriptFunction kLuaFunctions[] = {
    {"os.execute", kProcess, When::kAlways, Words::kShell},
    {"io.popen", kProcess, When::kAlways, Words::kShell},
    {"luci.sys.call", kProcess, When::kAlways, Words::kShell},
    {"luci.sys.exec", kProcess, When::kAlways, Words::kShell},
    {"luci.util.exec", kProcess, When::kAlways, Words::kShell},
    {"luci.util.execi", kProcess, When::kAlways, Words::kShell},
    {"sys.call", kProcess, When::kAlways, Words::kShell},
    {"sys.exec", kProcess, When::kAlways, Words::kShell},
    {"nixio.exec", kProcess, When::kAlways, Words::kList},
    {"nixio.execp", kProcess, When::kAlways, Words::kList},
    {"posix.exec", kProcess, When::kAlways, Words::kList},
    {"posix.unistd.exec", kProcess, When::kAlways, Words::kList},
    {"ngx.pipe.spawn", kProcess, When::kAlways, Words::kShell},
    {"load", kCode},
    {"loadstring", kCode},
    {"loadfile", kCode},
    {"dofile", kCode},
    {"package.loadlib", kCode},
    {"require", kCode, When::kComputed},
    {"socket.http.request", kNetwork},
    {"ssl.https.request", kNetwork},
    {"socket.connect", kNetwork},
    {"socket.tcp", kNetwork},
    {"socket.udp", kNetwork},
    {"socket.bind", kNetwork},
    {"socket.dns.toip", kNetwork},
    {"nixio.connect", kNetwork},
    {"nixio.socket", kNetwork},
    {"ngx.socket.tcp", kNetwork},
    {"luci.httpclient.request_to_buffer", kNetwork},
    {"io.open", kFile, When::kWriting},
    {"nixio.fs.writefile", kFile},
    {"nixio.fs.chmod", kFile},
    {"os.remove", kFile},
    {"os.getenv", kEnvironment},
};

constexpr std::span<const ScriptFunction> kFunctions[] = {
    kPythonFunctions, kJavascriptFunctions, kPhpFunctions, kLuaFunctions};

using Index = std::unordered_map<std::string_view, const ScriptFunction*>;

}  // namespace

const ScriptFunction* FindFunction(ScriptLanguage language,
                                   std::string_view name) {
  static const auto kIndexes = [] {
    std::array<Index, std::size(kFunctions)> indexes;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      for (const ScriptFunction& function : kFunctions[i]) {
        indexes.at(i).emplace(function.name, &function);
      }
    }
    return indexes;
  }();
  const Index& index = kIndexes.at(static_cast<std::size_t>(language));
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace assay::facts
