#include "verifier/model/fact.h"

namespace assay {

std::span<const FactKind> FactKinds() {
  static const std::vector<FactKind> kKinds = {
      // Any artifact, from its container's metadata.
      {"file.setuid", "inner path", {"mode", "uid"}},
      {"file.setgid", "inner path", {"mode", "gid"}},
      {"file.capability",
       "permitted set, e.g. cap_net_admin,cap_net_raw",
       {"effective", "inheritable", "rootid"}},
      {"file.device", "\"char\" or \"block\"", {"major", "minor", "mode"}},
      {"file.link",
       "link target, verbatim",
       {"type"}},  // type: symlink, hardlink
      {"file.writable", "world-writable regular file's inner path", {"mode"}},
      {"file.entropy",
       "bits per byte, three decimals",
       {"max_block", "blocks_over_7_9"}},
      {"anomaly", "anomaly id", {"detail"}},
      // An analysis stopped at a limit: what it adds is not all there is.
      {"facts.truncated", "name of the analysis", {}},
      // Of a file that had no such fact in the release before (--previous):
      // kind is the fact's, elsewhere "yes" when another file had it.
      {"new", "the fact's value", {"kind", "elsewhere"}},
      // Said by the user's file of exceptions; why: expired, more than 365 days
      {"exception.void", "rule id", {"reviewer", "expires", "why"}},
      // Said by the policy: a waiver that accepts nothing
      {"waiver.void", "id of the waiver", {"rule", "why"}},

      // ELF.
      {"elf.header",
       "machine, e.g. x86-64",
       // type: exec, dyn, rel, core; imports and exports are counts
       {"type", "class", "endian", "stripped", "static", "imports", "exports"}},
      {"elf.import", "symbol", {}},
      // linked: yes when the function is part of the program itself
      {"elf.ability",
       "what a function it calls is for: network.listen, process.shell ...",
       {"function", "linked"}},
      {"elf.export", "symbol", {}},
      {"elf.needed", "library", {}},
      {"elf.audit", "library that DT_AUDIT has the loader run", {}},
      {"elf.interpreter", "path", {}},
      {"elf.rpath", "RPATH or RUNPATH", {"tag"}},
      {"elf.soname", "name", {}},
      {"elf.build_id", "hex", {}},
      {"elf.ifunc",
       "number of IFUNC symbols and relocations",
       {"symbols", "relocations"}},
      {"elf.constructors", "entries in init_array", {}},
      {"elf.hardening",
       "all protections present, comma-separated",
       // relro: none, partial, full; pie: yes, no, library
       {"relro", "pie", "nx", "canary", "fortify"}},
      {"elf.oddity",
       "writable-code, dense-code, entry-late or entry-in-data",
       {}},
      {"elf.overlay",
       "bytes after the last section and segment",
       {"content"}},  // content: module-signature, or absent

      // PE, in the words of ELF where they mean the same.
      {"pe.header",
       "machine, e.g. x86-64",
       // type: exec or dyn (a library); subsystem: windows, console, native,
       // efi-application ...
       {"type", "class", "subsystem", "imports", "exports"}},
      // delayed: yes when it is loaded at the first call
      {"pe.import", "function, or #N by its number", {"library", "delayed"}},
      // Further words: process.inject, input.read, screen.read,
      // service.install, registry.write, kernel.watch, kernel.memory
      {"pe.ability", "as elf.ability, of functions of Windows", {"function"}},
      // forward: the function of another library that it stands for
      {"pe.export", "function, or #N by its number", {"forward"}},
      {"pe.needed", "library", {"delayed"}},
      {"pe.soname", "name that a library was linked under", {}},
      {"pe.build_id", "GUID of its debug data, hex as stored", {}},
      {"pe.pdb", "path of its debug data where it was built", {}},
      {"pe.constructors", "TLS callbacks: functions before the entry", {}},
      {"pe.hardening",
       "all protections present, comma-separated",
       // pie: dynamic-base; guard_cf: control flow guard
       {"pie", "nx", "guard_cf"}},
      // rights: rwx or less; size in the file, memory once loaded
      {"pe.section", "name", {"rights", "size", "memory"}},
      {"pe.oddity",
       "writable-code, dense-code, empty-code, entry-late or entry-in-data",
       {"section"}},
      // covered: no when it lies behind a signature, which does not reach it
      {"pe.overlay", "bytes that no header describes", {"covered"}},
      // native_entry: yes when it starts with machine code
      {"pe.dotnet",
       "version of .NET that it was made for",
       {"only", "native_entry"}},
      {"pe.version", "a text of the version record", {"key"}},
      {"pe.carried",
       "a program within it: path of the resource, or name of the section",
       {"format"}},

      // Mach-O, likewise. Symbols stand here as in C, without the underscore
      // that the format puts in front.
      {"macho.header",
       "machine, e.g. x86-64",
       // type: exec, dyn (a library or bundle), rel, core
       {"type", "class", "endian", "stripped", "imports", "exports"}},
      {"macho.import", "symbol", {}},
      {"macho.ability", "as elf.ability and pe.ability", {"function"}},
      {"macho.export", "symbol", {}},
      // how: weak, reexport, lazy, upward, or absent
      {"macho.needed", "library", {"how"}},
      {"macho.interpreter", "path of the dynamic linker", {}},
      {"macho.rpath", "folder that @rpath stands for", {}},
      {"macho.soname", "name that a library was linked under", {}},
      {"macho.build_id", "hex", {}},
      {"macho.constructors", "functions that run before the entry", {}},
      {"macho.hardening",
       "all protections present, comma-separated",
       // pie: yes, no, library; signed: whether there is a signature at all
       {"pie", "nx", "canary", "signed"}},
      {"macho.segment", "name", {"rights", "size", "memory"}},
      {"macho.oddity",
       "writable-code, dense-code or entry-in-data",
       {"segment"}},
      {"macho.encrypted", "bytes that are decrypted only when they run", {}},
      {"macho.overlay", "bytes that no load command describes", {}},
      // As its signature says, which is not verified here.
      {"macho.identifier", "name that it was signed under", {}},
      {"macho.entitlement", "a right that it is to have", {"to"}},

      // differs: bytes that are not as the standard has them
      {"crypto.table",
       "a standard's constant: aes-sbox, sha256-k, p256-gx ...",
       {"differs"}},
      // Packet filters. of: packets, system-calls; compared: the numbers it
      // compares with, comma-separated
      {"bpf.filter", "number of instructions", {"of", "compared"}},
      {"bpf.program", "section of an eBPF object: what it is attached to", {}},
      {"bpf.helper", "name or number of a helper that it calls", {}},

      // Accounts and access.
      {"account", "user name", {"uid", "gid", "home", "shell", "password"}},
      {"password.hash",
       "user name, \"\" for a hash without one",
       // scheme: des, md5, apr1, bcrypt, sha256, sha512, yescrypt, plain ...
       // state: hash, plain, locked, empty, shadow, none
       {"scheme", "state"}},
      {"ssh.authorized_key",
       "key type and fingerprint",
       // source: authorized_keys, or content for lines in other files
       {"type", "fingerprint", "comment", "options", "source"}},
      {"sudo.rule", "the rule", {"nopasswd", "user"}},

      // Start-up and scheduling.
      {"startup",
       "what is run",
       // kind: init, sysv, inittab, systemd, runit, profile, desktop,
       // inetd, xinetd
       // action: script, link, inittab's action, or the unit's key
       // input: socket, loopback: it talks to whoever connects
       {"kind", "runlevel", "user", "action", "input"}},
      // Of a program or script that one of these leads to: kind says which;
      // input: socket, loopback, as of the start-up entry
      {"started", "address of the file that starts it", {"kind", "input"}},
      {"cron",
       "command, script or unit",
       {"schedule", "user", "source"}},  // source: crontab, folder, systemd
      {"listener",
       "port; as written when only a run would tell",
       // source: script, inittab, systemd, cron, inetd, xinetd, config, udev...
       // bound: loopback, when nobody else can reach it
       {"protocol", "program", "source", "bound"}},
      {"preload",
       "library path",
       {"source"}},  // source: ld.so.preload, script, systemd
      // Of a configuration file in any syntax. secret: yes when its name says
      // so and the value is one; login: the user beside it
      {"setting", "the value", {"key", "section", "secret", "login"}},

      // Packages.
      {"package.script",
       "script name, e.g. postinst",
       // ecosystem: deb, opkg, apk, pacman, npm, composer, python, gem
       {"ecosystem", "package", "command"}},
      // A key that may sign packages. store: apt, opkg, apk, rpm, pacman;
      // signs: all sources, or named ones only
      {"package.key",
       "fingerprint, number, or SHA-256 of its file",
       {"store", "type", "holder", "signs"}},
      // checked: no when signatures are not asked for; key: named, when one
      // key of its own is
      {"package.source", "URL", {"store", "checked", "key"}},

      // Keys and certificates.
      {"certificate",
       "subject",
       {"issuer", "serial", "ca", "self_signed", "not_before", "not_after",
        "key", "bits", "signature_algorithm", "fingerprint", "spki"}},
      {"private_key",
       "key type: rsa, ec, ed25519, ssh-rsa, ..., unknown",
       // encoding: pem, der, pkcs12, openssh, dropbear; fingerprint: as
       // ssh-keygen -l prints it, for the last two
       {"bits", "encrypted", "spki", "fingerprint", "encoding"}},
      {"public_key", "key type", {"bits", "spki", "fingerprint", "encoding"}},
      // Of a key agreement or a curve. differs: what is not as in the known
      // curve over the same field: base point, coefficients
      {"parameters", "dh or ec", {"bits", "curve", "differs"}},

      // Scripts and what they do.
      {"script", "interpreter: shell, python, javascript, ...", {"shebang"}},
      {"command",
       "one simple command of a script, words joined by spaces; a branch of a "
       "case as \"case WORD in PATTERN\"",
       // pipe_to: program of the next element of the pipeline; redirect:
       // its redirections; within: program among whose words it is
       // substituted, or that runs it as text (sh -c, eval, os.system)
       // does: destroys, stops, opens (a door), grants (accounts, rights),
       // disables (guards), runs, installs, sends, fetches, ends (services)
       // gate: what the conditions around it compare, comma-separated: clock,
       // hour, host, user, random, network, message, request, input,
       // credential, setting, placed (a file that anybody may have put there),
       // counter, startup (the kernel's command line), digest, signature
       // tainted: where what it is given comes from: request, network,
       // message, input, host, secrets, setting, placed, decoded
       // key: beside, when it checks a signature with a key that lies where
       // what is signed lies
       {"program", "line", "pipe_to", "redirect", "within", "does", "gate",
        "tainted", "key"}},
      // A source that a script puts aside, changes (by), has read by a compiler
      // or its like (program) and puts back.
      {"script.swap", "file", {"program", "by"}},
      // A condition that a script checks a signature under (command), while it
      // installs without it as well.
      {"script.skip", "condition", {"command"}},
      // Of a file that is not in the product, but that a script of it writes.
      {"written", "path of the script", {}},
      // The same in files of builds, installations, editors: what somebody
      // runs who builds or installs, not what the product runs
      {"build.command",
       "a command that a file of a build or an installation holds as text",
       {"program", "line", "pipe_to", "redirect", "within", "does", "gate",
        "tainted", "key"}},
      {"call",
       "function that a Python, JavaScript, PHP or Lua source calls, as "
       "os.system, *.send for a method of anything; \"\" when only a run tells "
       "which",
       // does: process, code, network, listen, file, environment, decode,
       // cipher, secret (reads keys), keys (hears them), destroys (empties a
       // database); arg1 to arg3 where
       // they are constant; tainted: request, or decoded, network, secrets,
       // comma-separated, where an argument
       // comes from; dynamic: yes when the function is not known
       // gate: what the condition around the call asks: request, environment,
       // host, clock, random, network (an answer), place (on earth)
       // tells: host, when an argument tells the machine or its user
       {"does", "language", "line", "arg1", "arg2", "arg3", "tainted",
        "dynamic", "gate", "tells"}},
      {"gate",
       "what a condition of such a source compares with a constant: "
       "credential, request, environment, host, clock, random; of a shell "
       "script all sources that a command's gate has, comma-separated",
       // opens: what happens if it holds: privilege, next (handler), success,
       // code, process, destroys, stops, disables,
       // unverified (returns before a signature is checked); comparand: word,
       // number, text (that looks like a
       // secret), digest, composed; compared: how many constants
       // Of machine code also network, input (the standard one, a pipe),
       // argument (of the command line), setting, file, account, caller (who
       // is not known); opens: listens, sends; origins: all of them; compared:
       // with how many constants the function compares the same; bytes: of the
       // constant; order: yes when passed instead of met; returns: yes when a
       // constant is returned only then; reaches, skips: abilities (see
       // elf.ability), comma-separated, of what happens only then, only else;
       // bits: yes when some bits of the number are asked; fan: with how many
       // constants the function compares the same; given: yes when what is
       // compared is checked as a password too; masked: yes when bytes are
       // compared after a constant was taken from them. opens state: a small
       // constant is stored or returned only then. unlisted: yes when a text
       // of the program names others that the function knows, but not this;
       // mixed: yes when more than three origins meet
       {"opens", "comparand", "compared", "language", "line", "origins", "text",
        "number", "bytes", "bits", "fan", "order", "returns", "reaches",
        "skips", "given", "masked", "unlisted", "mixed"}},
      {"code.call",
       "function of others that machine code calls; does: its ability",
       // a0 to a5: arguments that are the same in every run, numbers as
       // decimals; from0 to from5: where they or what they point to come from;
       // origin: the most telling of these; gate: what conditions around the
       // call ask; constant: yes when one of them asks for a constant of four
       // bytes or more; fixed: which arguments point to what stands in the
       // program unchanged; decoded: to what was computed from constants;
       // callback: what a function that is handed over always
       // returns
       {"does", "a0", "a1", "a2", "a3", "a4", "a5", "from0", "from1", "from2",
        "from3", "from4", "from5", "fixed", "decoded", "origin", "gate",
        "constant", "callback"}},
      {"code.spared",
       "password or signature: a check without which, or although it failed, "
       "what lies behind it is reached as well",
       // by: the function whose result decides, text: what it is given;
       // origins: of what decides; reaches: abilities of what lies behind
       {"by", "text", "origins", "always", "reaches"}},
      {"code.text",
       "format of a text that is made of what comes from elsewhere",
       {"function", "from"}},
      {"code.start",
       "constructor or resolver (of an indirect function): what a loader "
       "calls; "
       "reaches: abilities, comma-separated",
       {"reaches"}},
      {"code.handler",
       "name that a table of names and functions has; silent: yes when its row "
       "lacks a text that most others have",
       {"reaches", "rows", "silent"}},

      // A run of characters that no editor shows
      // What a service runs on some event, by its configuration. given: where
      // its data come from; takes: "code" when an interpreter reads them as
      // commands, else "data"
      {"hook", "the command", {"service", "given", "takes", "program", "line"}},
      {"text.invisible", "number of characters", {}},
      // What stands there in another form. encoding: base64, hex, deflate,
      // joined by "+" from outside in; xor or sum with the constant `key`
      {"encoded", "the text", {"encoding", "key"}},

      // Endpoints.
      {"url",
       "the URL",
       {"scheme", "host", "port", "credentials"}},  // credentials: yes
      // class: public or a block of RFC 6890: private, shared, loopback,
      // link-local, documentation, benchmarking, multicast, broadcast,
      // unspecified, reserved; object-identifier: rather one of X.500
      {"address", "IP address", {"class"}},
      {"domain", "host name", {}},
      // A page or handler that a file refers to, as written
      {"web.link", "path or name", {}},
      // A page that nothing leads to. handler: yes when it runs; doubt: yes
      // when a link is completed at run time that may mean it
      {"web.unlinked", "inner path", {"handler", "doubt"}},
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
