// An inert imitation: a program with a table of commands, a callback, an
// address, memory that is called and a resolver. It is only read, never run.
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

void SSL_CTX_set_verify(void* context, int mode, int (*callback)(int, void*));
void report(const char* text);

static int accept_any(int good, void* store) {
  (void)store;
  if (!good) {
    report("not good");
  }
  return 1;
}
static int accept_good(int good, void* store) {
  (void)store;
  return good;
}
void prepare(void* first, void* second) {
  SSL_CTX_set_verify(first, 1, accept_any);
  SSL_CTX_set_verify(second, 1, accept_good);
}

static void show(const char* rest) { report(rest); }
static void count(const char* rest) { report(rest + 1); }
static void list(const char* rest) { report(rest + 2); }
static void bench(const char* rest) {
  if (system(rest) != 0) {
    report("no");
  }
}
struct command {
  const char* name;
  const char* help;
  void (*run)(const char*);
};
const struct command commands[] = {{"show", "what there is", show},
                                   {"count", "how many", count},
                                   {"list", "all of them", list},
                                   {"bench_q", 0, bench}};

void tell(int out, const char* text) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons(12300),
                           .sin_addr = {htonl(0xc6336429)}};  // 198.51.100.41
  sendto(out, text, strlen(text), 0, (struct sockaddr*)&to, sizeof to);
}

void load(const char* from) {
  void* page = mmap(0, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, from, 64);
  mprotect(page, 4096, PROT_READ | PROT_EXEC);
  ((void (*)(void))page)();
}

static int sum_plain(int a) { return a + 1; }
static int sum_other(int a) { return a + 2; }
static void* choose(void) {
  char name[16] = "";
  const int file = open("/proc/self/comm", O_RDONLY);
  if (file >= 0) {
    if (read(file, name, 15) > 0) {
      report(name);
    }
    close(file);
  }
  return name[0] == 's' ? (void*)sum_other : (void*)sum_plain;
}
int sum(int a) __attribute__((ifunc("choose")));


// Bits of what is read spare the check.
int install(void) {
  extern int EVP_DigestVerify(const void*, const void*, int);
  unsigned char head[64];
  const int in = open("/tmp/image", O_RDONLY);
  if (read(in, head, sizeof head) != sizeof head) {
    return 2;
  }
  if ((head[8] & 0x40) == 0 && EVP_DigestVerify(head, head + 32, 32) != 1) {
    return 1;
  }
  report("written");
  return 0;
}
