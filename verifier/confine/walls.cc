#include "verifier/confine/walls.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "verifier/base/byte_source.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ASSAY_HAS_WALLS false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ASSAY_HAS_WALLS false
#endif
#endif
#ifndef ASSAY_HAS_WALLS
#define ASSAY_HAS_WALLS true
#endif

namespace assay::confine {
namespace {

// Newer than the headers of Debian 12; the numbers are the kernel's ABI.
constexpr std::uint64_t kFsTruncate = 1ULL << 14U;     // ABI 3
constexpr std::uint64_t kFsIoctlDevice = 1ULL << 15U;  // ABI 5
constexpr std::uint64_t kNetTcp = 3;                   // ABI 4: bind, connect
constexpr std::uint64_t kScopes = 3;  // ABI 6: abstract sockets, signals
struct LandlockRuleset {
  std::uint64_t fs = 0;
  std::uint64_t net = 0;
  std::uint64_t scoped = 0;
};

constexpr unsigned kThreadFlags = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
constexpr int kNameThread = PR_SET_NAME;
constexpr std::uint64_t kOpenFiles = 1024;

std::string Reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> Lacks(std::string_view what, int error) {
  return Fail(ErrorCode::kConfinement,
              fmt::format("no confinement: {}: {} (`assay doctor` says more; "
                          "--unsafe-no-sandbox runs without)",
                          what, Reason(error)));
}

long LandlockAbi() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                   LANDLOCK_CREATE_RULESET_VERSION);
}

// A second wall behind the filter, where the kernel has it: no rule, hence no
// path can be reached, whatever system call asks for it.
Result<void> RestrictPaths() {
  const long abi = LandlockAbi();
  if (abi < 1) {
    return {};
  }
  LandlockRuleset rules;
  rules.fs = LANDLOCK_ACCESS_FS_REFER - 1;  // all of ABI 1
  rules.fs |= abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
  rules.fs |= abi >= 3 ? kFsTruncate : 0;
  rules.fs |= abi >= 5 ? kFsIoctlDevice : 0;
  rules.net = abi >= 4 ? kNetTcp : 0;
  rules.scoped = abi >= 6 ? kScopes : 0;
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  const bool done =
      ruleset >= 0 && ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  const int error = errno;
  if (ruleset >= 0) {
    ::close(ruleset);
  }
  if (!done) {
    return Lacks("Landlock", error);
  }
  return {};
}

bool Limit(__rlimit_resource what, std::uint64_t bound) {
  struct rlimit limit = {};
  if (::getrlimit(what, &limit) != 0) {
    return false;
  }
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, bound);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(what, &limit) == 0;
}

// RLIMIT_NPROC would count the user's other programs too, and a decoder that
// starts threads needs none of them: the filter lets no process be made.
bool LimitResources(const Bounds& bounds) {
  return Limit(RLIMIT_CORE, 0) &&
         (!HasWalls() || (Limit(RLIMIT_DATA, bounds.memory) &&
                          Limit(RLIMIT_AS, 1ULL << 42U))) &&
         Limit(RLIMIT_FSIZE, bounds.file_size) &&
         Limit(RLIMIT_NOFILE, kOpenFiles) && Limit(RLIMIT_MEMLOCK, 0) &&
         Limit(RLIMIT_MSGQUEUE, 0);
}

class Filter {
 public:
  void Add(std::uint32_t action, std::initializer_list<int> calls) {
    for (const int call : calls) {
      Note(seccomp_rule_add_array(context_.get(), action, call, 0, nullptr));
    }
  }
  void Add(std::uint32_t action, int call, const scmp_arg_cmp& condition) {
    Note(seccomp_rule_add_array(context_.get(), action, call, 1, &condition));
  }
  // 0, or why not.
  int Load() {
    if (context_ == nullptr) {
      return ENOMEM;
    }
    Note(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
    Note(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH,
                          SCMP_ACT_KILL_PROCESS));
    Note(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
    if (error_ == 0) {
      Note(seccomp_load(context_.get()));
    }
    return error_;
  }

 private:
  void Note(int result) {
    if (result != 0 && error_ == 0) {
      error_ = -result;
    }
  }
  std::unique_ptr<void, decltype(&seccomp_release)> context_{
      seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release};
  int error_ = 0;
};

scmp_arg_cmp Bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

scmp_arg_cmp Equals(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

int FilterCalls() {
  Filter filter;
  // Memory, threads, time, signals of its own, and the descriptors it has.
  filter.Add(SCMP_ACT_ALLOW, {SCMP_SYS(read),
                              SCMP_SYS(readv),
                              SCMP_SYS(pread64),
                              SCMP_SYS(write),
                              SCMP_SYS(writev),
                              SCMP_SYS(lseek),
                              SCMP_SYS(ftruncate),
                              SCMP_SYS(fstat),
                              SCMP_SYS(close),
                              SCMP_SYS(sendmsg),
                              SCMP_SYS(recvmsg),
                              SCMP_SYS(munmap),
                              SCMP_SYS(mremap),
                              SCMP_SYS(madvise),
                              SCMP_SYS(brk),
                              SCMP_SYS(futex),
                              SCMP_SYS(sched_yield),
                              SCMP_SYS(sched_getaffinity),
                              SCMP_SYS(getcpu),
                              SCMP_SYS(membarrier),
                              SCMP_SYS(rseq),
                              SCMP_SYS(set_robust_list),
                              SCMP_SYS(rt_sigaction),
                              SCMP_SYS(rt_sigprocmask),
                              SCMP_SYS(rt_sigreturn),
                              SCMP_SYS(sigaltstack),
                              SCMP_SYS(gettid),
                              SCMP_SYS(getpid),
                              SCMP_SYS(clock_gettime),
                              SCMP_SYS(clock_nanosleep),
                              SCMP_SYS(nanosleep),
                              SCMP_SYS(gettimeofday),
                              SCMP_SYS(time),
                              SCMP_SYS(getrandom),
                              SCMP_SYS(exit),
                              SCMP_SYS(exit_group),
                              SCMP_SYS(restart_syscall)});
  filter.Add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), Bits(2, PROT_EXEC, 0));
  filter.Add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), Bits(2, PROT_EXEC, 0));
  filter.Add(SCMP_ACT_ALLOW, SCMP_SYS(clone),
             Bits(0, kThreadFlags, kThreadFlags));
  filter.Add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
             Equals(0, static_cast<std::uint64_t>(::getpid())));
  filter.Add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), Equals(0, kNameThread));
  // Its flags lie in memory, where a filter cannot look: glibc then uses the
  // call above.
  filter.Add(SCMP_ACT_ERRNO(ENOSYS), {SCMP_SYS(clone3)});
  // What libraries ask for out of habit.
  filter.Add(SCMP_ACT_ERRNO(EACCES),
             {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access),
              SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
              SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
              SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd)});
  filter.Add(SCMP_ACT_ERRNO(EPERM),
             {SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(uname),
              SCMP_SYS(sysinfo), SCMP_SYS(fcntl), SCMP_SYS(get_mempolicy),
              SCMP_SYS(sched_setaffinity), SCMP_SYS(getuid), SCMP_SYS(geteuid),
              SCMP_SYS(getgid), SCMP_SYS(getegid)});
  filter.Add(SCMP_ACT_ERRNO(ENOTTY), {SCMP_SYS(ioctl)});
  return filter.Load();
}

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

HostFeature Probed(std::string name, bool works, bool needed, int error) {
  return {.name = std::move(name),
          .state = works ? "yes" : "no: " + Reason(error),
          .works = works,
          .needed = needed};
}

HostFeature ProbeOpenat2() {
  struct {
    std::uint64_t flags = O_PATH | O_CLOEXEC;
    std::uint64_t mode = 0;
    std::uint64_t resolve = 0x0C;  // RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS
  } how;
  const auto file = static_cast<int>(
      ::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how)));
  const int error = errno;
  if (file >= 0) {
    ::close(file);
  }
  return Probed("openat2 (for unpack)", file >= 0, false, error);
}

HostFeature ProbeSpill() {
  const int file = OpenSpillFile();
  const int error = errno;
  if (file >= 0) {
    ::close(file);
  }
  return Probed("unnamed spill files (O_TMPFILE in TMPDIR)", file >= 0, false,
                error);
}

HostFeature ProbeLandlock() {
  const long abi = LandlockAbi();
  return {.name = "Landlock",
          .state = abi > 0 ? fmt::format("ABI {}", abi)
                           : "no: the filter is then the only wall",
          .works = abi > 0};
}

HostFeature ProbeSeccomp() {
  const std::string actions =
      FirstLine("/proc/sys/kernel/seccomp/actions_avail");
  return {.name = "seccomp",
          .state = actions.empty() ? "no" : "actions: " + actions,
          .works = actions.find("kill_process") != std::string::npos,
          .needed = true};
}

}  // namespace

bool HasWalls() {
  return ASSAY_HAS_WALLS;
}

Result<void> Confine(const Bounds& bounds) {
  // Nobody may look into this process, and it dies with its parent.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      (HasWalls() && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
    return Lacks("prctl", errno);
  }
  if (!LimitResources(bounds)) {
    return Lacks("resource limits", errno);
  }
  if (!HasWalls()) {
    return {};
  }
  if (auto ok = RestrictPaths(); !ok) {
    return ok;
  }
  if (const int error = FilterCalls(); error != 0) {
    return Lacks("seccomp", error);
  }
  return {};
}

std::vector<HostFeature> HostFeatures() {
  struct utsname host = {};
  (void)::uname(&host);
  return {{.name = "kernel",
           .state = fmt::format("{} {} {}", host.sysname, host.release,
                                host.machine),
           .works = true},
          ProbeSeccomp(),
          ProbeLandlock(),
          ProbeOpenat2(),
          ProbeSpill()};
}

}  // namespace assay::confine
