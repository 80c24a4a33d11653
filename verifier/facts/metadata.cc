// What a container says about a member beside its bytes: privileges, devices,
// links. Layout of security.capability: struct vfs_cap_data and
// vfs_ns_cap_data in Linux' include/uapi/linux/capability.h.

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

// Bit numbers of Linux 6.1; higher ones are shown as numbers.
constexpr std::array<std::string_view, 41> kCapabilities = {
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore"};

std::string NamesOf(std::uint64_t set) {
  std::string names;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if ((set >> bit & 1U) == 0) {
      continue;
    }
    AppendWord(names,
               bit < kCapabilities.size() ? std::string(kCapabilities.at(bit))
                                          : fmt::format("{}", bit),
               ",");
  }
  return names;
}

struct CapabilityPair {
  Le32 permitted, inheritable;
};
static_assert(sizeof(CapabilityPair) == 8 && FileStruct<CapabilityPair>);

Fact Malformed(std::size_t size) {
  return {
      .kind = "anomaly",
      .value = "metadata.capability-malformed",
      .attributes = {
          {"detail", fmt::format("{} bytes in security.capability", size)}}};
}

Fact CapabilityFact(ByteView xattr) {
  constexpr std::uint32_t kEffective = 1;
  ByteReader reader(xattr);
  const auto magic = reader.Take<Le32>();
  const std::uint32_t revision = magic ? *magic >> 24U : 0;
  const std::size_t pairs = revision == 1 ? 1 : 2;
  const std::size_t size = 4 + pairs * 8 + (revision == 3 ? 4 : 0);
  if (revision < 1 || revision > 3 || xattr.size() != size) {
    return Malformed(xattr.size());
  }
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  for (std::size_t i = 0; i < pairs; ++i) {
    const auto pair = reader.Take<CapabilityPair>().value_or(CapabilityPair{});
    permitted |= std::uint64_t{pair.permitted} << (32 * i);
    inheritable |= std::uint64_t{pair.inheritable} << (32 * i);
  }
  const auto root = reader.Take<Le32>();
  return {.kind = "file.capability",
          .value = NamesOf(permitted),
          .attributes = {
              {"effective", (*magic & kEffective) != 0 ? "yes" : "no"},
              {"inheritable", NamesOf(inheritable)},
              {"rootid", root ? fmt::format("{}", std::uint32_t{*root}) : ""}}};
}

void AddModeFacts(const Artifact& artifact, FactWriter& facts) {
  const FileMetadata& meta = artifact.meta;
  const std::string path(PathOf(artifact));
  const std::string mode = fmt::format("{:o}", meta.mode.value_or(0) & 07777U);
  const auto number = [](const auto& id) {
    return id ? fmt::format("{}", *id) : std::string();
  };
  if (IsSetuid(meta)) {
    facts.Add({.kind = "file.setuid",
               .value = path,
               .attributes = {{"mode", mode}, {"uid", number(meta.uid)}}});
  }
  if (IsSetgid(meta)) {
    facts.Add({.kind = "file.setgid",
               .value = path,
               .attributes = {{"mode", mode}, {"gid", number(meta.gid)}}});
  }
  if ((meta.mode.value_or(0) & 0002U) != 0) {
    facts.Add({.kind = "file.writable",
               .value = path,
               .attributes = {{"mode", mode}}});
  }
  for (const auto& [name, value] : meta.xattrs) {
    if (name == "security.capability") {
      facts.Add(CapabilityFact(AsBytes(value)));
    }
  }
}

void AddDevice(const FileMetadata& meta, FactWriter& facts) {
  facts.Add({.kind = "file.device",
             .value = meta.type == FileType::kCharDevice ? "char" : "block",
             .attributes = {
                 {"major", fmt::format("{}", meta.device_major)},
                 {"minor", fmt::format("{}", meta.device_minor)},
                 {"mode",
                  meta.mode ? fmt::format("{:o}", *meta.mode & 07777U) : ""}}});
}

bool Examine(const Subject& subject, Observations& into) {
  const FileMetadata& meta = subject.artifact.meta;
  FactWriter facts("metadata", subject, into);
  switch (meta.type) {
    case FileType::kRegular:
      AddModeFacts(subject.artifact, facts);
      break;
    case FileType::kSymlink:
    case FileType::kHardLink:
      facts.Add({.kind = "file.link",
                 .value = meta.link_target,
                 .attributes = {{"type", meta.type == FileType::kSymlink
                                             ? "symlink"
                                             : "hardlink"}}});
      break;
    case FileType::kCharDevice:
    case FileType::kBlockDevice:
      AddDevice(meta, facts);
      break;
    default:
      break;
  }
  return false;  // says nothing about the content
}

}  // namespace

const Analysis kMetadata = {
    .name = "metadata",
    .title = "Privileges, devices and links from container metadata",
    .examine = Examine,
};

}  // namespace assay::facts
