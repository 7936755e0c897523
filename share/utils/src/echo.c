/* echo: the arguments, joined by single spaces, and a newline; no options, no escapes. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (i > 1) putchar(' ');
    fputs(argv[i], stdout);
  }
  putchar('\n');
  return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
