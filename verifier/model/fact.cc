#include "verifier/model/fact.h"

namespace assay {

std::span<const FactKind> FactKinds() {
  static const std::vector<FactKind> kKinds = {
      // Any artifact, from its container's metadata.
      {"file.setuid", "inner path", {"mode", "uid"}},
      {"file.setgid", "inner path", {"mode", "gid"}},
      {"file.capability", "capability set, e.g. cap_net_raw", {"effective"}},
      {"file.device", "\"char\" or \"block\"", {"major", "minor", "mode"}},
      {"file.link", "link target, verbatim", {"type"}},
      {"file.writable", "world-writable regular file's inner path", {"mode"}},
      {"file.entropy",
       "bits per byte, three decimals",
       {"max_block", "blocks_over_7_9"}},
      {"anomaly", "anomaly id", {"detail"}},

      // ELF.
      {"elf.header",
       "machine, e.g. x86-64",
       {"type", "class", "endian", "stripped", "static"}},
      {"elf.import", "symbol", {}},
      {"elf.export", "symbol", {}},
      {"elf.needed", "library", {}},
      {"elf.interpreter", "path", {}},
      {"elf.rpath", "RPATH or RUNPATH", {"tag"}},
      {"elf.soname", "name", {}},
      {"elf.build_id", "hex", {}},
      {"elf.ifunc", "number of IFUNC symbols and relocations", {}},
      {"elf.constructors", "entries in init_array", {}},
      {"elf.hardening",
       "all protections present, comma-separated",
       {"relro", "pie", "nx", "canary", "fortify"}},
      {"elf.overlay", "bytes after the last section and segment", {}},

      // Accounts and access.
      {"account", "user name", {"uid", "gid", "home", "shell", "password"}},
      {"password.hash",
       "user name",
       {"scheme", "state"}},  // state: hash, locked, empty, none
      {"ssh.authorized_key",
       "key type and fingerprint",
       {"type", "fingerprint", "comment", "options"}},
      {"sudo.rule", "the rule", {"nopasswd"}},

      // Start-up and scheduling.
      {"startup",
       "what is run",
       {"kind", "runlevel", "user"}},  // kind: sysv, inittab, systemd, ...
      {"cron", "command", {"schedule", "user"}},
      {"listener",
       "port",
       {"protocol", "program", "source"}},  // declared in scripts and units
      {"preload", "library path", {"source"}},

      // Packages.
      {"package.script",
       "script name, e.g. postinst",
       {"ecosystem", "package", "command"}},

      // Keys and certificates.
      {"certificate",
       "subject",
       {"issuer", "serial", "ca", "self_signed", "not_before", "not_after",
        "key", "fingerprint", "spki"}},
      {"private_key", "key type", {"bits", "encrypted", "spki", "encoding"}},
      {"public_key", "key type", {"bits", "spki"}},

      // Scripts and what they do.
      {"script", "interpreter: shell, python, javascript, ...", {"shebang"}},
      {"command",
       "one simple command of a script, words joined by spaces",
       {"program", "line", "pipe_to"}},

      // Endpoints.
      {"url", "the URL", {"scheme", "host"}},
      {"address", "IP address", {"class"}},  // class: public, private, ...
      {"domain", "host name", {}},
  };
  return kKinds;
}

const FactKind* FindFactKind(std::string_view name) {
  for (const FactKind& kind : FactKinds()) {
    if (kind.name == name) {
      return &kind;
    }
  }
  return nullptr;
}

}  // namespace assay
