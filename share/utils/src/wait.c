/*
 * wait: hold a container's command back until its links, files or peers are there, then become that command. The same as wait.sh
 * beside it, for containers that have no shell. SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "become.h"
#include "resolve.h"

const char *const tool = "wait";

enum { UNKNOWN_OPTION = 1, BAD_ARGUMENT = 2, CONNECT_MS = 1000 };

static const char USAGE[] =
    "Usage: wait [OPTION ARG]... [-- COMMAND [ARG]...]\n"
    "\n"
    "Wait for each condition, from left to right; then run COMMAND.\n"
    "\n"
    "  -f, --file FILE            FILE exists\n"
    "  -i, --if, --intf DEV       the interface DEV exists\n"
    "  -I, --ip DEV               DEV has an IPv4 route or a usable IPv6 address\n"
    "  -t, --tcp HOST:PORT        something listens at HOST:PORT ([ADDRESS]:PORT for IPv6)\n"
    "  -c, --cmd, --command CMD   sh -c CMD succeeds\n"
    "  -s, --sleep SECONDS        time between tries of the conditions after it (WAIT_SLEEP, else 1)\n"
    "  -u, --umask MASK           umask for what comes after it\n"
    "  -h, --help                 print this\n"
    "\n"
    "Exit status: that of COMMAND; 0 without one; 1 unknown option; 2 missing or bad argument.";

enum option { FILE_EXISTS, INTERFACE, ROUTES, TCP, COMMAND, INTERVAL, UMASK, HELP, NONE };

static enum option option_of(const char *word) {
  static const struct {
    const char *name;
    enum option option;
  } OPTIONS[] = {
      {"-f", FILE_EXISTS}, {"--file", FILE_EXISTS}, {"-i", INTERFACE},      {"--if", INTERFACE}, {"--intf", INTERFACE},
      {"-I", ROUTES},      {"--ip", ROUTES},        {"-t", TCP},            {"--tcp", TCP},      {"-c", COMMAND},
      {"--cmd", COMMAND},  {"--command", COMMAND},  {"-s", INTERVAL},       {"--sleep", INTERVAL}, {"-u", UMASK},
      {"--umask", UMASK},  {"-h", HELP},            {"--help", HELP},
  };
  for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
    if (strcmp(word, OPTIONS[i].name) == 0) return OPTIONS[i].option;
  }
  return NONE;
}

/* As process 1 of a container it would not hear these otherwise. */
static void on_signal(int signal) { _exit(128 + signal); }

/* The port of HOST:PORT, which ends there at the last colon. */
static int port_of(const char *address) {
  const char *colon = strrchr(address, ':');
  if (colon == NULL || colon == address) end(BAD_ARGUMENT, "'%s' is not HOST:PORT", address);
  const char *text = colon + 1;
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || text[digits] != '\0' || digits > 5) end(BAD_ARGUMENT, "'%s' of '%s' is not a port", text, address);
  int port = atoi(text);
  if (port < 1 || port > 65535) end(BAD_ARGUMENT, "port %s of '%s' is not within 1-65535", text, address);
  return port;
}

/* `1`, `0.5`, `.5`, `2m`: what sleep takes everywhere, and the suffixes of those that take more. */
static double seconds_of(const char *text) {
  size_t digits = strspn(text, "0123456789.");
  const char *dot = strchr(text, '.');
  bool sound = digits > 0 && strcmp(text, ".") != 0 && (dot == NULL || strchr(dot + 1, '.') == NULL);
  double factor = 1;
  switch (text[digits]) {
    case 'm': factor = 60; break;
    case 'h': factor = 3600; break;
    case 'd': factor = 86400; break;
    case 's':
    case '\0': break;
    default: sound = false;
  }
  if (text[digits] != '\0' && text[digits + 1] != '\0') sound = false;
  if (!sound || (digits == 1 && text[0] == '.')) end(BAD_ARGUMENT, "'%s' is not a time to sleep", text);
  return strtod(text, NULL) * factor;
}

/* One clause of a symbolic mask: who, `=`, `+` or `-`, what. Changes `allowed`; false if it is none. */
static bool apply_clause(const char *clause, size_t length, mode_t *allowed) {
  static const mode_t BITS[] = {[0] = 4, [1] = 2, [2] = 1};
  size_t at = 0;
  mode_t who = 0;
  for (; at < length && strchr("ugoa", clause[at]) != NULL; at++) {
    who |= clause[at] == 'u' ? 0700 : clause[at] == 'g' ? 0070 : clause[at] == 'o' ? 0007 : 0777;
  }
  if (who == 0) who = 0777;
  if (at == length || strchr("=+-", clause[at]) == NULL) return false;
  char how = clause[at++];
  mode_t what = 0;
  for (; at < length; at++) {
    const char *found = strchr("rwx", clause[at]);
    if (found == NULL) return false;
    what |= BITS[found - "rwx"] * 0111U;
  }
  what &= who;
  *allowed = how == '+' ? *allowed | what : how == '-' ? *allowed & ~what : (*allowed & ~who) | what;
  return true;
}

/* Octal, or as chmod has it (`u=rwx,g=rx,o=`), from the mask that is. */
static mode_t mask_of(const char *text) {
  size_t digits = strspn(text, "01234567");
  if (digits > 0 && text[digits] == '\0' && digits <= 4) return (mode_t)strtoul(text, NULL, 8) & 0777;
  mode_t now = umask(0);
  umask(now);
  mode_t allowed = ~now & 0777;
  const char *clause = text;
  for (;;) {
    size_t length = strcspn(clause, ",");
    if (length == 0 || !apply_clause(clause, length, &allowed)) end(BAD_ARGUMENT, "'%s' is not a umask", text);
    if (clause[length] == '\0') return ~allowed & 0777;
    clause += length + 1;
  }
}

/* Every option is checked before the first wait, so that a slip is told at once. */
static void check(char **words) {
  for (; *words != NULL && strcmp(*words, "--") != 0; words += 2) {
    enum option option = option_of(words[0]);
    if (option == HELP) {
      say("%s", USAGE);
      exit(0);
    }
    if (option == NONE) {
      dprintf(STDERR_FILENO, "Unknown option: %s\n", words[0]);
      exit(UNKNOWN_OPTION);
    }
    if (words[1] == NULL || strcmp(words[1], "--") == 0) {
      dprintf(STDERR_FILENO, "No arg found for type '%s'\n", words[0]);
      exit(BAD_ARGUMENT);
    }
    if (option == TCP) port_of(words[1]);
    if (option == INTERVAL) seconds_of(words[1]);
    if (option == UMASK) mask_of(words[1]);
  }
}

/* Calls back with each line of a table in /proc until that says yes; false where there is no such table. */
static bool any_line(const char *path, bool (*matches)(char *line, const char *dev), const char *dev) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  char *line = NULL;
  size_t size = 0;
  bool found = false;
  while (!found && getline(&line, &size, file) >= 0) found = matches(line, dev);
  free(line);
  fclose(file);
  return found;
}

/* `  eth0: …` of proc_pid_net(5)'s dev. That is of this namespace; /sys may be another's. */
static bool is_device(char *line, const char *dev) {
  char *name = line + strspn(line, " ");
  size_t length = strlen(dev);
  return strncmp(name, dev, length) == 0 && name[length] == ':';
}

static bool is_route(char *line, const char *dev) {
  size_t length = strlen(dev);
  return strncmp(line, dev, length) == 0 && (line[length] == '\t' || line[length] == ' ');
}

/* An IPv6 address counts once duplicate detection is through with it (IFA_F_TENTATIVE, IFA_F_DADFAILED) and of global scope. */
static bool is_usable_address(char *line, const char *dev) {
  unsigned scope;
  unsigned flags;
  char name[32];
  if (sscanf(line, "%*s %*x %*x %x %x %31s", &scope, &flags, name) != 3) return false;
  return strcmp(name, dev) == 0 && scope == 0 && (flags & 0x48) == 0;
}

static bool listens_at(const struct sockaddr_storage *address) {
  int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  socklen_t size = address->ss_family == AF_INET ? 16 : 28;
  bool is_open = connect(fd, (const struct sockaddr *)address, size) == 0;
  if (!is_open && errno == EINPROGRESS) {
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = ETIMEDOUT;
    socklen_t length = sizeof error;
    if (poll(&wait, 1, CONNECT_MS) == 1) getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    is_open = error == 0;
  }
  close(fd);
  return is_open;
}

static bool listens(const char *text) {
  char host[256];
  size_t length = (size_t)(strrchr(text, ':') - text);
  if (length >= sizeof host) return false;
  memcpy(host, text, length);
  host[length] = '\0';
  char *name = host;
  if (name[0] == '[' && name[length - 1] == ']') {
    name[length - 1] = '\0';
    name++;
  }
  struct sockaddr_storage addresses[MAX_ADDRESSES];
  size_t count = resolve(name, port_of(text), addresses);
  for (size_t i = 0; i < count; i++) {
    if (listens_at(&addresses[i])) return true;
  }
  return false;
}

/* How the child says that there is no shell: its exec closes the other end of this pipe. */
static bool succeeds(const char *command) {
  int gone[2];
  if (pipe2(gone, O_CLOEXEC) != 0) return false;
  pid_t child = fork();
  if (child == 0) {
    execlp("sh", "sh", "-c", command, (char *)NULL);
    ssize_t ignored = write(gone[1], "x", 1);
    _exit(ignored == 1 ? 127 : 126);
  }
  close(gone[1]);
  char byte;
  bool has_shell = read(gone[0], &byte, 1) == 0;
  close(gone[0]);
  int status = 1;
  if (child > 0) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  }
  if (!has_shell) end(BAD_ARGUMENT, "-c needs sh, and none is here");
  return child > 0 && status == 0;
}

static bool holds(enum option option, const char *arg) {
  switch (option) {
    case FILE_EXISTS: {
      struct stat found;
      return stat(arg, &found) == 0;
    }
    case INTERFACE: return any_line("/proc/net/dev", is_device, arg);
    case ROUTES:
      return any_line("/proc/net/route", is_route, arg) || any_line("/proc/net/if_inet6", is_usable_address, arg);
    case TCP: return listens(arg);
    case COMMAND: return succeeds(arg);
    default: return true;
  }
}

static void rest(const char *interval) {
  double seconds = seconds_of(interval);
  struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

static void say_held(enum option option, const char *arg) {
  switch (option) {
    case FILE_EXISTS: return say("File '%s' exists", arg);
    case INTERFACE: return say("Interface '%s' exists", arg);
    case ROUTES: return say("Interface '%s' has IP/routing", arg);
    case TCP: return say("TCP listener is reachable at '%s'", arg);
    default: return say("Command successful: %s", arg);
  }
}

static void run(char **command) {
  size_t length = 1;
  for (char **word = command; *word != NULL; word++) length += strlen(*word) + 1;
  char *line = calloc(length, 1);
  for (char **word = command; line != NULL && *word != NULL; word++) {
    if (word != command) strcat(line, " ");
    strcat(line, *word);
  }
  say("Running: %s", line == NULL ? command[0] : line);
  become(command);
}

int main(int argc, char **argv) {
  (void)argc;
  struct sigaction act = {.sa_handler = on_signal};
  sigaction(SIGTERM, &act, NULL);
  sigaction(SIGINT, &act, NULL);
  const char *interval = getenv("WAIT_SLEEP");
  if (interval == NULL || *interval == '\0') interval = "1";
  seconds_of(interval);
  char **words = argv + 1;
  check(words);
  for (; *words != NULL && strcmp(*words, "--") != 0; words += 2) {
    enum option option = option_of(words[0]);
    if (option == INTERVAL) {
      interval = words[1];
    } else if (option == UMASK) {
      umask(mask_of(words[1]));
      say("Set umask to %s", words[1]);
    } else {
      while (!holds(option, words[1])) {
        say("Failed: '%s %s'. Sleep %s seconds before retry", words[0], words[1], interval);
        rest(interval);
      }
      say_held(option, words[1]);
    }
  }
  if (*words == NULL || words[1] == NULL) return 0;
  run(words + 1);
}
