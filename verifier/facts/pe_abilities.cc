#include "verifier/facts/pe_abilities.h"

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/base/text.h"
#include "verifier/code/abilities.h"

namespace assay::facts {
namespace {

struct Named {
  std::string_view function = {};
  std::string_view ability = {};
};

// In the order of the functions' names, which stand here without the last A
// or W that tells the encoding of texts, and without leading underscores.
constexpr std::array<Named, 254> kAbilities = {{
    {"AcceptEx", "network.accept"},
    {"AcceptSecurityContext", "network.tls"},
    {"AcquireCredentialsHandle", "network.tls"},
    {"AddClipboardFormatListener", "screen.read"},
    {"AdjustTokenPrivileges", "privilege.set"},
    {"BCryptVerifySignature", "signature.check"},
    {"BitBlt", "screen.read"},
    {"ChangeServiceConfig", "service.install"},
    {"ChangeServiceConfig2", "service.install"},
    {"CmRegisterCallback", "kernel.watch"},
    {"CmRegisterCallbackEx", "kernel.watch"},
    {"CompareString", "text.compare"},
    {"CompareStringEx", "text.compare"},
    {"ConnectEx", "network.connect"},
    {"CreateFile", "file.open"},
    {"CreateFile2", "file.open"},
    {"CreateProcess", "process.start"},
    {"CreateProcessAsUser", "process.start"},
    {"CreateProcessInternal", "process.start"},
    {"CreateProcessWithLogon", "process.start"},
    {"CreateProcessWithToken", "process.start"},
    {"CreatePseudoConsole", "stdio.terminal"},
    {"CreateRemoteThread", "process.inject"},
    {"CreateRemoteThreadEx", "process.inject"},
    {"CreateService", "service.install"},
    {"CreateThread", "thread.start"},
    {"CredEnumerate", "password.read"},
    {"CredRead", "password.read"},
    {"CredUICmdLinePromptForCredentials", "password.prompt"},
    {"CredUIPromptForCredentials", "password.prompt"},
    {"CredUIPromptForWindowsCredentials", "password.prompt"},
    {"CryptUnprotectData", "password.read"},
    {"CryptVerifyCertificateSignature", "signature.check"},
    {"CryptVerifyDetachedMessageSignature", "signature.check"},
    {"CryptVerifyMessageSignature", "signature.check"},
    {"CryptVerifySignature", "signature.check"},
    {"DebugActiveProcess", "process.trace"},
    {"DeleteFile", "file.delete"},
    {"DnsQuery", "network.resolve"},
    {"DnsQueryEx", "network.resolve"},
    {"ExitWindowsEx", "power.off"},
    {"FltRegisterFilter", "kernel.watch"},
    {"FtpGetFile", "network.fetch"},
    {"FtpPutFile", "network.send"},
    {"FwpsCalloutRegister0", "kernel.packets"},
    {"FwpsCalloutRegister1", "kernel.packets"},
    {"FwpsCalloutRegister2", "kernel.packets"},
    {"FwpsCalloutRegister3", "kernel.packets"},
    {"GetAdaptersAddresses", "identity.read"},
    {"GetAdaptersInfo", "identity.read"},
    {"GetAddrInfo", "network.resolve"},
    {"GetAddrInfoEx", "network.resolve"},
    {"GetAsyncKeyState", "input.read"},
    {"GetClipboardData", "screen.read"},
    {"GetComputerName", "identity.read"},
    {"GetComputerNameEx", "identity.read"},
    {"GetComputerObjectName", "identity.read"},
    {"GetEnvironmentStrings", "environment.read"},
    {"GetEnvironmentVariable", "environment.read"},
    {"GetLocalTime", "time.read"},
    {"GetProcAddress", "library.lookup"},
    {"GetRawInputData", "input.read"},
    {"GetSystemFirmwareTable", "identity.read"},
    {"GetSystemTime", "time.read"},
    {"GetSystemTimeAsFileTime", "time.read"},
    {"GetSystemTimePreciseAsFileTime", "time.read"},
    {"GetUserName", "account.read"},
    {"GetUserNameEx", "account.read"},
    {"GetVolumeInformation", "identity.read"},
    {"HttpAddUrl", "network.listen"},
    {"HttpAddUrlToUrlGroup", "network.listen"},
    {"HttpReceiveHttpRequest", "network.accept"},
    {"HttpSendRequest", "network.fetch"},
    {"HttpSendRequestEx", "network.fetch"},
    {"IcmpSendEcho", "network.send"},
    {"IcmpSendEcho2", "network.send"},
    {"ImpersonateLoggedOnUser", "privilege.set"},
    {"InitializeSecurityContext", "network.tls"},
    {"InitiateShutdown", "power.off"},
    {"InitiateSystemShutdown", "power.off"},
    {"InitiateSystemShutdownEx", "power.off"},
    {"InternetConnect", "network.connect"},
    {"InternetOpenUrl", "network.fetch"},
    {"InternetReadFile", "network.fetch"},
    {"InternetReadFileEx", "network.fetch"},
    {"InternetWriteFile", "network.send"},
    {"IoRegisterFsRegistrationChange", "kernel.watch"},
    {"KeDelayExecutionThread", "wait.long"},
    {"KeInsertQueueApc", "kernel.patch"},
    {"KeServiceDescriptorTable", "kernel.patch"},
    {"LdrGetProcedureAddress", "library.lookup"},
    {"LdrLoadDll", "library.load"},
    {"LoadLibrary", "library.load"},
    {"LoadLibraryEx", "library.load"},
    {"LoadModule", "process.start"},
    {"LoadPackagedLibrary", "library.load"},
    {"LogonUser", "password.check"},
    {"LogonUserEx", "password.check"},
    {"LogonUserExEx", "password.check"},
    {"LookupAccountName", "account.read"},
    {"LookupAccountSid", "account.read"},
    {"LsaAddAccountRights", "account.write"},
    {"LsaLogonUser", "password.check"},
    {"LsaRetrievePrivateData", "password.read"},
    {"MiniDumpWriteDump", "process.trace"},
    {"MmCopyMemory", "kernel.memory"},
    {"MmCopyVirtualMemory", "kernel.memory"},
    {"MmGetSystemRoutineAddress", "library.lookup"},
    {"MmMapIoSpace", "kernel.memory"},
    {"MmMapIoSpaceEx", "kernel.memory"},
    {"NCryptVerifySignature", "signature.check"},
    {"NdisFRegisterFilterDriver", "kernel.packets"},
    {"NdisRegisterProtocolDriver", "kernel.packets"},
    {"NetGroupAddUser", "account.write"},
    {"NetLocalGroupAddMember", "account.write"},
    {"NetLocalGroupAddMembers", "account.write"},
    {"NetLocalGroupGetMembers", "account.read"},
    {"NetUserAdd", "account.write"},
    {"NetUserChangePassword", "account.write"},
    {"NetUserEnum", "account.read"},
    {"NetUserGetInfo", "account.read"},
    {"NetUserSetInfo", "account.write"},
    {"NtAdjustPrivilegesToken", "privilege.set"},
    {"NtCreateFile", "file.open"},
    {"NtCreateProcess", "process.start"},
    {"NtCreateProcessEx", "process.start"},
    {"NtCreateThreadEx", "process.inject"},
    {"NtCreateUserProcess", "process.start"},
    {"NtDelayExecution", "wait.long"},
    {"NtDeleteFile", "file.delete"},
    {"NtLoadDriver", "module.load"},
    {"NtOpenFile", "file.open"},
    {"NtProtectVirtualMemory", "memory.protect"},
    {"NtQueueApcThread", "process.inject"},
    {"NtReadVirtualMemory", "process.trace"},
    {"NtSetContextThread", "process.inject"},
    {"NtSetSystemInformation", "module.load"},
    {"NtSetValueKey", "registry.write"},
    {"NtShutdownSystem", "power.off"},
    {"NtUnmapViewOfSection", "process.inject"},
    {"NtWriteVirtualMemory", "process.inject"},
    {"ObRegisterCallbacks", "kernel.watch"},
    {"OpenFile", "file.open"},
    {"PrintWindow", "screen.read"},
    {"PsCreateSystemThread", "thread.start"},
    {"PsSetCreateProcessNotifyRoutine", "kernel.watch"},
    {"PsSetCreateProcessNotifyRoutineEx", "kernel.watch"},
    {"PsSetCreateThreadNotifyRoutine", "kernel.watch"},
    {"PsSetLoadImageNotifyRoutine", "kernel.watch"},
    {"QueueUserAPC", "process.inject"},
    {"ReadProcessMemory", "process.trace"},
    {"RegRestoreKey", "registry.write"},
    {"RegSaveKey", "registry.write"},
    {"RegSetKeyValue", "registry.write"},
    {"RegSetValue", "registry.write"},
    {"RegSetValueEx", "registry.write"},
    {"RegisterRawInputDevices", "input.read"},
    {"RemoveDirectory", "file.delete"},
    {"RpcServerListen", "network.listen"},
    {"RtlAdjustPrivilege", "privilege.set"},
    {"RtlCompareMemory", "text.compare"},
    {"RtlCreateUserProcess", "process.start"},
    {"RtlCreateUserThread", "process.inject"},
    {"RtlEqualString", "text.compare"},
    {"RtlEqualUnicodeString", "text.compare"},
    {"SHFileOperation", "file.delete"},
    {"SHRegSetUSValue", "registry.write"},
    {"SHSetValue", "registry.write"},
    {"SamrQueryInformationUser", "password.read"},
    {"SetStdHandle", "stdio.redirect"},
    {"SetSystemPowerState", "power.off"},
    {"SetThreadContext", "process.inject"},
    {"SetThreadToken", "privilege.set"},
    {"SetWaitableTimer", "wait.long"},
    {"SetWindowsHookEx", "input.read"},
    {"ShellExecute", "process.start"},
    {"ShellExecuteEx", "process.start"},
    {"Sleep", "wait.long"},
    {"SleepEx", "wait.long"},
    {"SspiPromptForCredentials", "password.prompt"},
    {"URLDownloadToCacheFile", "network.fetch"},
    {"URLDownloadToFile", "network.fetch"},
    {"URLOpenBlockingStream", "network.fetch"},
    {"URLOpenStream", "network.fetch"},
    {"VirtualAllocEx", "process.inject"},
    {"VirtualProtect", "memory.protect"},
    {"VirtualProtectEx", "memory.protect"},
    {"WSAAccept", "network.accept"},
    {"WSAAsyncGetHostByName", "network.resolve"},
    {"WSAConnect", "network.connect"},
    {"WSAConnectByName", "network.connect"},
    {"WSARecv", "network.receive"},
    {"WSARecvFrom", "network.receive"},
    {"WSASend", "network.send"},
    {"WSASendTo", "network.send"},
    {"WSASocket", "network.socket"},
    {"WinExec", "process.start"},
    {"WinHttpConnect", "network.connect"},
    {"WinHttpReadData", "network.fetch"},
    {"WinHttpSendRequest", "network.fetch"},
    {"WinHttpWriteData", "network.send"},
    {"WinVerifyTrust", "signature.check"},
    {"WinVerifyTrustEx", "signature.check"},
    {"WriteProcessMemory", "process.inject"},
    {"ZwCreateFile", "file.open"},
    {"ZwCreateThreadEx", "process.inject"},
    {"ZwCreateUserProcess", "process.start"},
    {"ZwDeleteFile", "file.delete"},
    {"ZwLoadDriver", "module.load"},
    {"ZwOpenFile", "file.open"},
    {"ZwProtectVirtualMemory", "memory.protect"},
    {"ZwSetSystemInformation", "module.load"},
    {"ZwSetValueKey", "registry.write"},
    {"ZwWriteVirtualMemory", "process.inject"},
    {"beginthread", "thread.start"},
    {"beginthreadex", "thread.start"},
    {"execl", "process.start"},
    {"execle", "process.start"},
    {"execlp", "process.start"},
    {"execlpe", "process.start"},
    {"gmtime64", "time.read"},
    {"localtime64", "time.read"},
    {"lstrcmp", "text.compare"},
    {"lstrcmpi", "text.compare"},
    {"spawnl", "process.start"},
    {"spawnle", "process.start"},
    {"spawnlp", "process.start"},
    {"spawnv", "process.start"},
    {"spawnve", "process.start"},
    {"spawnvp", "process.start"},
    {"spawnvpe", "process.start"},
    {"strcmpi", "text.compare"},
    {"stricmp", "text.compare"},
    {"strnicmp", "text.compare"},
    {"time32", "time.read"},
    {"time64", "time.read"},
    {"wcscmp", "text.compare"},
    {"wcsicmp", "text.compare"},
    {"wcsncmp", "text.compare"},
    {"wexecl", "process.start"},
    {"wexecv", "process.start"},
    {"wexecve", "process.start"},
    {"wexecvp", "process.start"},
    {"wfopen", "file.open"},
    {"wgetenv", "environment.read"},
    {"wopen", "file.open"},
    {"wpopen", "process.shell"},
    {"wremove", "file.delete"},
    {"wspawnl", "process.start"},
    {"wspawnv", "process.start"},
    {"wspawnve", "process.start"},
    {"wspawnvp", "process.start"},
    {"wsystem", "process.shell"},
    {"wunlink", "file.delete"},
}};

constexpr bool Before(const Named& a, const Named& b) {
  return a.function < b.function;
}
static_assert(std::is_sorted(kAbilities.begin(), kAbilities.end(), Before));

// Functions of ws2_32.dll and wsock32.dll are often taken by their numbers;
// these are the same in both.
struct Numbered {
  std::string_view number = {};
  std::string_view function = {};
};
constexpr auto kSockets = std::to_array<Numbered>({
    {"#1", "accept"},
    {"#2", "bind"},
    {"#4", "connect"},
    {"#13", "listen"},
    {"#16", "recv"},
    {"#17", "recvfrom"},
    {"#19", "send"},
    {"#20", "sendto"},
    {"#23", "socket"},
    {"#51", "gethostbyaddr"},
    {"#52", "gethostbyname"},
    {"#57", "gethostname"},
});

std::string_view NameOf(std::string_view library, std::string_view name) {
  const std::string lower = Lower(library);
  if (lower != "ws2_32.dll" && lower != "wsock32.dll") {
    return {};
  }
  const auto* const found =
      std::find_if(kSockets.begin(), kSockets.end(),
                   [&](const Numbered& one) { return one.number == name; });
  return found == kSockets.end() ? std::string_view() : found->function;
}

std::string_view Find(std::string_view function) {
  const auto* found = std::lower_bound(kAbilities.begin(), kAbilities.end(),
                                       Named{.function = function}, Before);
  return found != kAbilities.end() && found->function == function
             ? found->ability
             : std::string_view();
}

}  // namespace

PeAbility PeAbilityOf(std::string_view library, std::string_view name) {
  if (!name.empty() && name[0] == '#') {
    name = NameOf(library, name);
  }
  std::string_view bare = name;
  bare.remove_prefix(std::min(bare.find_first_not_of('_'), bare.size()));
  PeAbility found{.function = std::string(name)};
  // The C library of Windows has POSIX names behind an underscore.
  for (const std::string_view spelling : {name, bare}) {
    found.ability =
        found.ability.empty() ? code::AbilityOf(spelling) : found.ability;
  }
  found.ability = found.ability.empty() ? Find(bare) : found.ability;
  if (found.ability.empty() && !bare.empty() &&
      (bare.back() == 'A' || bare.back() == 'W')) {
    found.ability = Find(bare.substr(0, bare.size() - 1));
  }
  return found;
}

}  // namespace assay::facts
