#include <stdio.h>

int main(void) {
  puts("example");
  return 0;
}
