// What calls of known functions give back.

#include <array>
#include <span>
#include <unordered_map>

#include "verifier/facts/script_functions.h"

namespace assay::facts {
namespace {

using Result = ScriptResult;

struct Known {
  std::string_view name;
  Result result;
};

constexpr Known kPythonResults[] = {
    {"base64.b64decode", Result::kBase64},
    {"base64.decodebytes", Result::kBase64},
    {"base64.standard_b64decode", Result::kBase64},
    {"base64.urlsafe_b64decode", Result::kBase64},
    {"binascii.a2b_base64", Result::kBase64},
    {"base64.b32decode", Result::kDecoded},
    {"base64.b16decode", Result::kHex},
    {"base64.b85decode", Result::kDecoded},
    {"base64.a85decode", Result::kDecoded},
    {"binascii.unhexlify", Result::kHex},
    {"bytes.fromhex", Result::kHex},
    {"bytearray.fromhex", Result::kHex},
    {"codecs.decode", Result::kCoded},
    {"zlib.decompress", Result::kDecoded},
    {"gzip.decompress", Result::kDecoded},
    {"bz2.decompress", Result::kDecoded},
    {"lzma.decompress", Result::kDecoded},
    {"marshal.loads", Result::kCarried},
    {"chr", Result::kCharacters},
    {"map", Result::kForward},
    {"str", Result::kSame},
    {"bytes", Result::kSame},
    {".decode", Result::kSame},
    {".encode", Result::kSame},
    {".strip", Result::kSame},
    {".format", Result::kFormat},
    {".join", Result::kJoin},
    {"os.path.join", Result::kOther},
    {"int", Result::kClean},
    {"float", Result::kClean},
    {"bool", Result::kClean},
    {"len", Result::kClean},
    {"isinstance", Result::kClean},
    {"shlex.quote", Result::kClean},
    {"pipes.quote", Result::kClean},
    {"__import__", Result::kModule},
    {"importlib.import_module", Result::kModule},
    {"getattr", Result::kMember},
    {"globals", Result::kGlobals},
    {"vars", Result::kSame},
    {"os.getenv", Result::kVariable},
    {"os.environ.get", Result::kVariable},
    {"cgi.FieldStorage", Result::kRequest},
    {"requests.get", Result::kRemote},
    {"requests.post", Result::kRemote},
    {"requests.request", Result::kRemote},
    {"httpx.get", Result::kRemote},
    {"httpx.post", Result::kRemote},
    {"urllib.request.urlopen", Result::kRemote},
    {"urllib2.urlopen", Result::kRemote},
    {"urllib.urlopen", Result::kRemote},
    {".recv", Result::kRemote},
    {".recvfrom", Result::kRemote},
    {".makefile", Result::kRemote},
    {"telnetlib.Telnet", Result::kRemote},
    {".decrypt", Result::kDecoded},
    {".get", Result::kElement},
    {"reversed", Result::kReverse},
    {"set", Result::kSame},
    {"frozenset", Result::kSame},
    {"tuple", Result::kSame},
    {"list", Result::kSame},
    {"sorted", Result::kSame},
    {"ctypes.CDLL", Result::kNative},
    {"ctypes.PyDLL", Result::kNative},
    {"ctypes.cdll.LoadLibrary", Result::kNative},
    {"web.input", Result::kRequest},
    {"web.data", Result::kRequest},
    {".get_argument", Result::kRequest},
    {".get_arguments", Result::kRequest},
    {".get_body_argument", Result::kRequest},
    {".get_query_argument", Result::kRequest},
    {".readuntil", Result::kRemote},
    {".readexactly", Result::kRemote},
    {".recv_string", Result::kRemote},
    {".recv_json", Result::kRemote},
    {"email.message_from_bytes", Result::kRemote},
    {"poplib.POP3", Result::kRemote},
    {"dns.resolver.resolve", Result::kRemote},
    {"dns.resolver.query", Result::kRemote},
    {"threading.Timer", Result::kOther},
};

constexpr Known kJavascriptResults[] = {
    {"atob", Result::kBase64},
    {"unescape", Result::kDecoded},
    {"Buffer.from", Result::kCoded},
    {"zlib.gunzipSync", Result::kDecoded},
    {"zlib.inflateSync", Result::kDecoded},
    {"zlib.inflateRawSync", Result::kDecoded},
    {"zlib.brotliDecompressSync", Result::kDecoded},
    {"String.fromCharCode", Result::kCharacters},
    {"String.fromCodePoint", Result::kCharacters},
    {"String", Result::kSame},
    {"decodeURIComponent", Result::kSame},
    {".toString", Result::kSame},
    {".trim", Result::kSame},
    {".join", Result::kJoin},
    {"parseInt", Result::kClean},
    {"parseFloat", Result::kClean},
    {"Number", Result::kClean},
    {"Boolean", Result::kClean},
    {"require", Result::kModule},
    {"import", Result::kModule},
    {"process.mainModule.require", Result::kModule},
    {"module.require", Result::kModule},
    {"process.getBuiltinModule", Result::kModule},
    {"Reflect.get", Result::kMember},
    {"util.promisify", Result::kSame},
    {"promisify", Result::kSame},
    {"__importStar", Result::kSame},
    {"__importDefault", Result::kSame},
    {"__toESM", Result::kSame},
    {"_interopRequireWildcard", Result::kSame},
    {"_interopRequireDefault", Result::kSame},
    {".call", Result::kInvoke},
    {".apply", Result::kInvoke},
    {"Reflect.apply", Result::kForward},
    {"Set", Result::kSame},
    {"Array.from", Result::kSame},
    {"Object.freeze", Result::kSame},
    {"Map", Result::kSame},
    {"dns.resolveTxt", Result::kRemote},
    {"dns.promises.resolveTxt", Result::kRemote},
    {"fetch", Result::kRemote},
    {"axios.get", Result::kRemote},
    {"axios.post", Result::kRemote},
    {"axios", Result::kRemote},
    {"got", Result::kRemote},
    {"node-fetch", Result::kRemote},
    {"needle", Result::kRemote},
    {"crypto.createDecipheriv", Result::kDecoded},
    {"crypto.createDecipher", Result::kDecoded},
    {".decrypt", Result::kDecoded},
};

constexpr Known kPhpResults[] = {
    {"base64_decode", Result::kBase64},
    {"hex2bin", Result::kHex},
    {"str_rot13", Result::kRot13},
    {"strrev", Result::kReverse},
    {"gzinflate", Result::kDecoded},
    {"gzuncompress", Result::kDecoded},
    {"gzdecode", Result::kDecoded},
    {"convert_uudecode", Result::kDecoded},
    {"pack", Result::kDecoded},
    {"openssl_decrypt", Result::kDecoded},
    {"chr", Result::kCharacters},
    {"sprintf", Result::kFormat},
    {"vsprintf", Result::kFormat},
    {"implode", Result::kJoin},
    {"join", Result::kJoin},
    {"array", Result::kList},
    {"trim", Result::kSame},
    {"strtolower", Result::kSame},
    {"stripslashes", Result::kSame},
    {"urldecode", Result::kSame},
    {"intval", Result::kClean},
    {"floatval", Result::kClean},
    {"boolval", Result::kClean},
    {"count", Result::kClean},
    {"strlen", Result::kClean},
    {"isset", Result::kClean},
    {"empty", Result::kClean},
    {"md5", Result::kClean},
    {"sha1", Result::kClean},
    {"in_array", Result::kClean},
    {"escapeshellarg", Result::kClean},
    {"is_numeric", Result::kClean},
    {"getenv", Result::kVariable},
    {"apache_getenv", Result::kVariable},
    {"file_get_contents", Result::kStream},
    {"fopen", Result::kStream},
    {"getallheaders", Result::kRequest},
    {"apache_request_headers", Result::kRequest},
    {"filter_input", Result::kRequest},
    {"array_map", Result::kForward},
    {"call_user_func", Result::kForward},
    {"call_user_func_array", Result::kForward},
    {"curl_exec", Result::kRemote},
    {"socket_read", Result::kRemote},
    {"socket_recv", Result::kRemote},
    {"fsockopen", Result::kRemote},
    {"pfsockopen", Result::kRemote},
    {"stream_socket_client", Result::kRemote},
    {"stream_socket_accept", Result::kRemote},
    {"socket_accept", Result::kRemote},
};

constexpr Known kLuaResults[] = {
    {"mime.unb64", Result::kBase64},
    {"ngx.decode_base64", Result::kBase64},
    {"nixio.bin.b64decode", Result::kBase64},
    {"nixio.bin.unhexlify", Result::kHex},
    {"zlib.inflate", Result::kDecoded},
    {"string.char", Result::kCharacters},
    {"string.reverse", Result::kReverse},
    {".reverse", Result::kReverse},
    {"string.format", Result::kFormat},
    {".format", Result::kFormat},
    {"table.concat", Result::kJoin},
    {"tostring", Result::kSame},
    {"tonumber", Result::kClean},
    {"luci.util.shellquote", Result::kClean},
    {"require", Result::kModule},
    {"getfenv", Result::kGlobals},
    {"os.getenv", Result::kVariable},
    {"luci.http.getenv", Result::kVariable},
    {"luci.http.formvalue", Result::kRequest},
    {"luci.http.formvaluetable", Result::kRequest},
    {"luci.http.getcookie", Result::kRequest},
    {"luci.http.content", Result::kRequest},
    {"uhttpd.recv", Result::kRequest},
    {"pcall", Result::kForward},
    {"socket.http.request", Result::kRemote},
    {"ssl.https.request", Result::kRemote},
    {".receive", Result::kRemote},
    {".receivefrom", Result::kRemote},
    {".recv", Result::kRemote},
    {".recvfrom", Result::kRemote},
    {"xpcall", Result::kForward},
};

constexpr std::span<const Known> kResults[] = {
    kPythonResults, kJavascriptResults, kPhpResults, kLuaResults};

using Index = std::unordered_map<std::string_view, Result>;

}  // namespace

ScriptResult ResultOf(ScriptLanguage language, std::string_view name) {
  static const auto kIndexes = [] {
    std::array<Index, std::size(kResults)> indexes;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      for (const Known& known : kResults[i]) {
        indexes.at(i).emplace(known.name, known.result);
      }
    }
    return indexes;
  }();
  const Index& index = kIndexes.at(static_cast<std::size_t>(language));
  const auto found = index.find(name);
  return found == index.end() ? Result::kOther : found->second;
}

}  // namespace assay::facts
