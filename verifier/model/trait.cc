#include "verifier/model/trait.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace assay {
namespace {

struct Weighed {
  std::string_view name = {};
  std::uint32_t weight = 0;
};

// Imports that start programs, open the network, change rights or load code.
constexpr std::array<Weighed, 33> kImports = {{
    {"system", 9},       {"popen", 9},         {"execl", 8},
    {"execle", 8},       {"execlp", 8},        {"execv", 8},
    {"execve", 8},       {"execvp", 8},        {"execvpe", 8},
    {"posix_spawn", 8},  {"posix_spawnp", 8},  {"fexecve", 9},
    {"memfd_create", 8}, {"ptrace", 8},        {"setuid", 7},
    {"setreuid", 7},     {"setresuid", 7},     {"setgid", 6},
    {"listen", 7},       {"accept", 7},        {"accept4", 7},
    {"bind", 6},         {"connect", 5},       {"socket", 5},
    {"sendto", 5},       {"recvfrom", 5},      {"dlopen", 6},
    {"dlsym", 5},        {"mprotect", 5},      {"pthread_create", 4},
    {"getaddrinfo", 4},  {"gethostbyname", 4}, {"unlink", 3},
}};

constexpr std::array<Weighed, 42> kKinds = {{
    {"listener", 8},
    {"account", 7},
    {"password.hash", 8},
    {"ssh.authorized_key", 9},
    {"sudo.rule", 7},
    {"startup", 6},
    {"cron", 6},
    {"preload", 9},
    {"package.script", 6},
    {"certificate", 5},
    {"private_key", 7},
    {"file.setuid", 8},
    {"file.setgid", 6},
    {"file.capability", 8},
    {"file.device", 5},
    {"elf.ifunc", 6},
    {"elf.ability", 1},  // the imports behind it have their weights
    {"elf.constructors", 5},
    {"elf.oddity", 7},
    {"macho.ability", 5},
    {"macho.constructors", 5},
    {"macho.entitlement", 4},
    {"macho.oddity", 7},
    {"macho.rpath", 4},
    {"pe.ability", 5},
    {"pe.carried", 7},
    {"pe.constructors", 5},
    {"pe.oddity", 7},
    {"bpf.filter", 8},
    {"bpf.program", 7},
    {"bpf.helper", 6},
    {"elf.audit", 9},
    {"elf.rpath", 4},
    {"url", 3},
    {"address", 4},
    {"domain", 3},
    {"command", 2},
    {"package.key", 7},
    {"package.source", 5},
    {"encoded", 7},
    {"gate", 5},
    {"file.link", 2},
}};

template <std::size_t n>
std::uint32_t WeightIn(const std::array<Weighed, n>& list,
                       std::string_view name, std::uint32_t otherwise) {
  const auto found =
      std::find_if(list.begin(), list.end(),
                   [&](const Weighed& one) { return one.name == name; });
  return found == list.end() ? otherwise : found->weight;
}

}  // namespace

std::uint32_t WeightOf(std::string_view kind, std::string_view value) {
  if (kind == "elf.import") {
    return WeightIn(kImports, value, 1);
  }
  constexpr std::array<std::string_view, 8> kLightest = {
      "elf.needed",   "elf.export", "macho.needed", "macho.export",
      "macho.import", "pe.needed",  "pe.export",    "pe.import"};
  if (std::find(kLightest.begin(), kLightest.end(), kind) != kLightest.end()) {
    return 1;
  }
  return WeightIn(kKinds, kind, 0);
}

}  // namespace assay
