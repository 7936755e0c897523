/* SPDX-License-Identifier: Apache-2.0 */
#include "become.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(int fd, const char *prefix, const char *format, va_list args) {
  char *text = NULL;
  if (vasprintf(&text, format, args) < 0) return;
  dprintf(fd, "%s%s\n", prefix, text);
  free(text);
}

void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  put(STDOUT_FILENO, "", format, args);
  va_end(args);
}

void end(int status, const char *format, ...) {
  char prefix[16];
  snprintf(prefix, sizeof prefix, "%s: ", tool);
  va_list args;
  va_start(args, format);
  put(STDERR_FILENO, prefix, format, args);
  va_end(args);
  exit(status);
}

void become(char *const command[]) {
  execvp(command[0], command);
  end(errno == ENOENT ? 127 : 126, "%s: %s", command[0], strerror(errno));
}
