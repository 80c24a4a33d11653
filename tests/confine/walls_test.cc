// A probe inside the confined process tries each thing that it must not be
// able to do, and is stopped at each.
#include "verifier/confine/walls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scratch.h"
#include "verifier/confine/worker.h"

namespace assay::confine {
namespace {

struct Outcome {
  int signal = 0;
  int exit = -1;
};

Outcome In(const std::function<int()>& body) {
  const auto status = StatusOfConfined(body);
  EXPECT_TRUE(status) << (status ? "" : status.error().what);
  if (!status) {
    return {};
  }
  return {WIFSIGNALED(*status) ? WTERMSIG(*status) : 0,
          WIFEXITED(*status) ? WEXITSTATUS(*status) : -1};
}

struct Call {
  const char* name;
  long number;
  std::vector<long> arguments = {};
};

long Address(const void* pointer) {
  return static_cast<long>(reinterpret_cast<std::intptr_t>(pointer));
}

long Do(const Call& call) {
  std::vector<long> a = call.arguments;
  a.resize(6);
  return ::syscall(call.number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

class WallsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasWalls()) {
      GTEST_SKIP() << "a build with a sanitizer has no walls";
    }
    ASSERT_TRUE(StatusOfConfined([] { return 0; }));
  }
  testing::ScratchFolder scratch_;
};

const char kPasswd[] = "/etc/passwd";

// Libraries ask for these out of habit: refused, and life goes on.
TEST_F(WallsTest, RefusesEveryPath) {
  const long path = Address(kPasswd);
  struct stat status = {};
  std::vector<char> buffer(4096);
  const long into = Address(buffer.data());
  const std::vector<Call> calls = {
#ifdef SYS_open
      {"open", SYS_open, {path, O_RDONLY}},
      {"open to write", SYS_open, {path, O_RDWR}},
      {"stat", SYS_stat, {path, Address(&status)}},
      {"lstat", SYS_lstat, {path, Address(&status)}},
      {"access", SYS_access, {path, R_OK}},
      {"readlink", SYS_readlink, {Address("/proc/self/exe"), into, 4096}},
#endif
      {"openat", SYS_openat, {AT_FDCWD, path, O_RDONLY}},
      {"openat, new",
       SYS_openat,
       {AT_FDCWD, Address("/tmp/x"), O_CREAT | O_RDWR}},
      {"openat, unnamed",
       SYS_openat,
       {AT_FDCWD, Address("/tmp"), O_TMPFILE | O_RDWR}},
      {"openat, /proc",
       SYS_openat,
       {AT_FDCWD, Address("/proc/self/mem"), O_RDWR}},
      {"newfstatat", SYS_newfstatat, {AT_FDCWD, path, Address(&status), 0}},
      {"statx", SYS_statx, {AT_FDCWD, path, 0, 0x7FF, into}},
      {"faccessat", SYS_faccessat, {AT_FDCWD, path, R_OK}},
      {"readlinkat",
       SYS_readlinkat,
       {AT_FDCWD, Address("/proc/self/exe"), into, 4096}},
      {"getcwd", SYS_getcwd, {into, 4096}},
      {"prlimit64", SYS_prlimit64, {0, 7, 0, into}},
      {"sched_setaffinity", SYS_sched_setaffinity, {0, 8, into}},
      {"ioctl", SYS_ioctl, {0, 0x5413, into}},
      {"fcntl", SYS_fcntl, {0, F_DUPFD, 10}},
  };
  for (const Call& call : calls) {
    const Outcome outcome = In([&] { return Do(call) < 0 ? 0 : 1; });
    EXPECT_EQ(outcome.exit, 0) << call.name << ", signal " << outcome.signal;
  }
}

TEST_F(WallsTest, WhatNoParserNeedsEndsTheProcess) {
  const std::string file = scratch_.Write("victim", "x");
  const std::string other = scratch_.path() + "/other";
  const long path = Address(file.c_str());
  const long fresh = Address(other.c_str());
  std::vector<char> buffer(4096);
  const long into = Address(buffer.data());
  const long parent = ::getpid();
  const long threads = CLONE_VM | CLONE_SIGHAND;
  const std::vector<Call> calls = {
      {"openat2", SYS_openat2, {AT_FDCWD, path, into, 24}},
      {"open_by_handle_at", SYS_open_by_handle_at, {AT_FDCWD, into, 0}},
#ifdef SYS_fork
      {"creat", SYS_creat, {fresh, 0600}},
      {"fork", SYS_fork},
      {"vfork", SYS_vfork},
      {"unlink", SYS_unlink, {path}},
      {"rename", SYS_rename, {path, fresh}},
      {"mkdir", SYS_mkdir, {fresh, 0700}},
      {"rmdir", SYS_rmdir, {fresh}},
      {"symlink", SYS_symlink, {path, fresh}},
      {"link", SYS_link, {path, fresh}},
      {"mknod", SYS_mknod, {fresh, S_IFIFO | 0600, 0}},
      {"chmod", SYS_chmod, {path, 0777}},
      {"chown", SYS_chown, {path, 1, 1}},
      {"pipe", SYS_pipe, {into}},
      {"dup2", SYS_dup2, {0, 9}},
      {"iopl", SYS_iopl, {3}},
      {"modify_ldt", SYS_modify_ldt, {0, into, 16}},
#endif
      {"unlinkat", SYS_unlinkat, {AT_FDCWD, path, 0}},
      {"renameat2", SYS_renameat2, {AT_FDCWD, path, AT_FDCWD, fresh, 0}},
      {"mkdirat", SYS_mkdirat, {AT_FDCWD, fresh, 0700}},
      {"symlinkat", SYS_symlinkat, {path, AT_FDCWD, fresh}},
      {"linkat", SYS_linkat, {AT_FDCWD, path, AT_FDCWD, fresh, 0}},
      {"mknodat", SYS_mknodat, {AT_FDCWD, fresh, S_IFIFO | 0600, 0}},
      {"fchmodat", SYS_fchmodat, {AT_FDCWD, path, 0777}},
      {"fchownat", SYS_fchownat, {AT_FDCWD, path, 1, 1, 0}},
      {"truncate", SYS_truncate, {path, 0}},
      {"utimensat", SYS_utimensat, {AT_FDCWD, path, 0, 0}},
      {"setxattr", SYS_setxattr, {path, fresh, into, 1, 0}},
      {"chdir", SYS_chdir, {Address("/")}},
      {"chroot", SYS_chroot, {Address("/")}},
      {"pivot_root", SYS_pivot_root, {Address("/"), Address("/")}},
      {"mount", SYS_mount, {path, fresh, Address("tmpfs"), 0, 0}},
      {"umount2", SYS_umount2, {Address("/proc"), 0}},
      {"getdents64", SYS_getdents64, {0, into, 4096}},
      {"inotify_init1", SYS_inotify_init1, {0}},
      {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
      {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, into}},
      {"connect", SYS_connect, {3, into, 16}},
      {"bind", SYS_bind, {3, into, 16}},
      {"listen", SYS_listen, {3, 1}},
      {"accept4", SYS_accept4, {3, 0, 0, 0}},
      {"sendto", SYS_sendto, {4, into, 1, 0, 0, 0}},
      {"execve", SYS_execve, {Address("/bin/true"), 0, 0}},
      {"execveat", SYS_execveat, {AT_FDCWD, Address("/bin/true"), 0, 0, 0}},
      {"clone of a process", SYS_clone, {SIGCHLD}},
      {"clone that shares memory only", SYS_clone, {CLONE_VM | SIGCHLD}},
      {"clone without CLONE_THREAD", SYS_clone, {threads}},
      {"unshare", SYS_unshare, {CLONE_NEWUSER}},
      {"setns", SYS_setns, {3, 0}},
      {"wait4", SYS_wait4, {-1, 0, WNOHANG, 0}},
      {"ptrace", SYS_ptrace, {PTRACE_TRACEME, 0, 0, 0}},
      {"ptrace of the parent", SYS_ptrace, {PTRACE_ATTACH, parent, 0, 0}},
      {"process_vm_readv", SYS_process_vm_readv, {parent, into, 1, into, 1, 0}},
      {"process_vm_writev",
       SYS_process_vm_writev,
       {parent, into, 1, into, 1, 0}},
      {"pidfd_open", SYS_pidfd_open, {parent, 0}},
      {"pidfd_getfd", SYS_pidfd_getfd, {3, 0, 0}},
      {"kcmp", SYS_kcmp, {parent, parent, 0, 0, 0}},
      {"kill of the parent", SYS_kill, {parent, 0}},
      {"kill of all", SYS_kill, {-1, 0}},
      {"tkill", SYS_tkill, {parent, 0}},
      {"tgkill of the parent", SYS_tgkill, {parent, parent, 0}},
      {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, {parent, 0, into}},
      {"setuid", SYS_setuid, {0}},
      {"setresuid", SYS_setresuid, {0, 0, 0}},
      {"setgroups", SYS_setgroups, {0, 0}},
      {"capset", SYS_capset, {into, into}},
      {"setrlimit", SYS_setrlimit, {7, into}},
      {"setpriority", SYS_setpriority, {0, 0, 0}},
      {"setsid", SYS_setsid},
      {"prctl, dumpable again", SYS_prctl, {PR_SET_DUMPABLE, 1, 0, 0, 0}},
      {"prctl, no death with the parent", SYS_prctl, {PR_SET_PDEATHSIG, 0}},
      {"prctl, another filter", SYS_prctl, {PR_SET_SECCOMP, 2, 0}},
      {"prctl, ptracer", SYS_prctl, {PR_SET_PTRACER, parent, 0, 0, 0}},
      {"seccomp", SYS_seccomp, {1, 0, 0}},
      {"landlock_create_ruleset", SYS_landlock_create_ruleset, {0, 0, 1}},
      {"personality", SYS_personality, {0xFFFFFFFF}},
      {"bpf", SYS_bpf, {0, into, 64}},
      {"perf_event_open", SYS_perf_event_open, {into, 0, -1, -1, 0}},
      {"keyctl", SYS_keyctl, {0, -3, 0}},
      {"add_key", SYS_add_key, {into, into, 0, 0, -3}},
      {"io_uring_setup", SYS_io_uring_setup, {8, into}},
      {"io_setup", SYS_io_setup, {8, into}},
      {"userfaultfd", SYS_userfaultfd, {0}},
      {"memfd_create", SYS_memfd_create, {fresh, 0}},
      {"memfd_secret", SYS_memfd_secret, {0}},
      {"shmget", SYS_shmget, {0, 4096, 01600}},
      {"mq_open", SYS_mq_open, {fresh, O_CREAT, 0600, 0}},
      {"epoll_create1", SYS_epoll_create1, {0}},
      {"eventfd2", SYS_eventfd2, {0, 0}},
      {"timer_create", SYS_timer_create, {0, 0, into}},
      {"splice", SYS_splice, {0, 0, 3, 0, 1, 0}},
      {"sendfile", SYS_sendfile, {3, 0, 0, 1}},
      {"copy_file_range", SYS_copy_file_range, {0, 0, 3, 0, 1, 0}},
      {"mmap of code",
       SYS_mmap,
       {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
      {"mprotect to code",
       SYS_mprotect,
       {into & ~4095L, 4096, PROT_READ | PROT_EXEC}},
      {"pkey_mprotect",
       SYS_pkey_mprotect,
       {into & ~4095L, 4096, PROT_READ | PROT_EXEC, -1}},
      {"remap_file_pages", SYS_remap_file_pages, {into, 4096, 0, 0, 0}},
      {"mlockall", SYS_mlockall, {1}},
      {"init_module", SYS_init_module, {into, 1, into}},
      {"kexec_load", SYS_kexec_load, {0, 0, into, 0}},
      {"reboot", SYS_reboot, {0, 0, 0, 0}},
      {"settimeofday", SYS_settimeofday, {into, 0}},
      {"clock_settime", SYS_clock_settime, {0, into}},
      {"sethostname", SYS_sethostname, {into, 1}},
      {"syslog", SYS_syslog, {3, into, 16}},
      {"acct", SYS_acct, {path}},
      {"quotactl", SYS_quotactl, {0, into, 0, into}},
      {"a call that does not exist", 999},
  };
  for (const Call& call : calls) {
    const Outcome outcome = In([&] {
      Do(call);
      return 0;
    });
    EXPECT_EQ(outcome.signal, SIGSYS)
        << call.name << ": exit status " << outcome.exit;
  }
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(std::filesystem::file_size(file), 1U);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(other)));
}

TEST_F(WallsTest, AThreadThatStartsLaterIsInside) {
  const Outcome refused = In([] {
    int error = 0;
    std::thread([&] {
      error = ::open(kPasswd, O_RDONLY) < 0 ? errno : 0;
    }).join();
    return error == EACCES ? 0 : 1;
  });
  EXPECT_EQ(refused.exit, 0) << refused.signal;
  const Outcome ended = In([] {
    std::thread([] { (void)::socket(AF_INET, SOCK_STREAM, 0); }).join();
    return 0;
  });
  EXPECT_EQ(ended.signal, SIGSYS);
}

TEST_F(WallsTest, OnlyTheTwoChannelsAreOpen) {
  const int secret = ::open(kPasswd, O_RDONLY);  // inherited, and closed
  const Outcome outcome = In([] {
    char byte = 0;
    if (::read(0, &byte, 1) != 0) {
      return 1;
    }
    for (int descriptor = 5; descriptor < 1000; ++descriptor) {
      if (::read(descriptor, &byte, 1) >= 0 || errno != EBADF) {
        return 2;
      }
    }
    return 0;
  });
  ::close(secret);
  EXPECT_EQ(outcome.exit, 0);
}

TEST_F(WallsTest, MemoryHasAnEnd) {
  const Outcome outcome = In([] {
    for (int i = 0; i < 1024; ++i) {
      static volatile char* g_piece;
      g_piece = new char[64U << 20U];
      g_piece[0] = 1;
    }
    return 0;
  });
  EXPECT_EQ(outcome.signal, SIGABRT);
}

// What parsers and their libraries need goes on as before.
TEST_F(WallsTest, WorkIsPossible) {
  const Outcome outcome = In([] {
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        try {
          std::vector<int> numbers(1'000'000, 1);
          throw std::runtime_error(std::to_string(numbers.size()));
        } catch (const std::exception&) {
          ++done;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    (void)std::chrono::system_clock::now();
    (void)std::random_device()();
    return done == 8 ? 0 : 1;
  });
  EXPECT_EQ(outcome.exit, 0) << outcome.signal;
}

}  // namespace
}  // namespace assay::confine
