/*
 * copy: put the regular files of one folder into another, fill in their {{NAME}} from the environment, then become a command. The
 * same as copy.sh beside it, for containers that have no shell. SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "become.h"

const char *const tool = "copy";

enum { NOT_COPIED = 1, WRONG_USAGE = 2, CHUNK = 65536, MAX_TOLD = 256 };

static const char USAGE[] =
    "Usage: copy [-T|--template] SOURCE TARGET [--] [COMMAND [ARG]...]\n"
    "\n"
    "Copy every regular file below the folder SOURCE to the same place below the folder TARGET, then run COMMAND.\n"
    "Files that are there already are replaced; symbolic links and empty folders are left out.\n"
    "\n"
    "  -T, --template   replace {{NAME}} in text files by the environment variable NAME; unset ones stay as they are\n"
    "  -h, --help       print this\n"
    "\n"
    "Exit status: that of COMMAND; 0 without one; 1 a file could not be copied; 2 wrong usage.";

static bool is_template;

__attribute__((noreturn)) static void fail(const char *path) { end(NOT_COPIED, "'%s': %s", path, strerror(errno)); }

static char *join(const char *folder, const char *name) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", folder, name) < 0) fail(name);
  return path;
}

static void write_all(int fd, const char *bytes, size_t length, const char *path) {
  while (length > 0) {
    ssize_t done = write(fd, bytes, length);
    if (done < 0) fail(path);
    bytes += done;
    length -= (size_t)done;
  }
}

/* The name in `{{NAME}}` at `text`, its length in `length`; NULL if there is none. */
static const char *name_at(const char *text, const char *limit, size_t *length) {
  if (limit - text < 5 || text[0] != '{' || text[1] != '{') return NULL;
  const char *name = text + 2;
  const char *at = name;
  if (!isalpha((unsigned char)*at) && *at != '_') return NULL;
  while (at < limit && (isalnum((unsigned char)*at) || *at == '_')) at++;
  if (limit - at < 2 || at[0] != '}' || at[1] != '}') return NULL;
  *length = (size_t)(at - name);
  return name;
}

/* Whether this name is new in its file; from so many on each is. */
static bool is_news(const char *told[MAX_TOLD], size_t *count, const char *name, size_t length) {
  for (size_t i = 0; i < *count; i++) {
    if (strncmp(told[i], name, length) == 0 && told[i][length] == '}') return false;
  }
  if (*count < MAX_TOLD) told[(*count)++] = name;
  return true;
}

/* Values are used whole, whatever is in them. Whether there were any. */
static bool fill(int fd, const char *text, size_t size, const char *path) {
  const char *told[MAX_TOLD];
  size_t told_count = 0;
  const char *limit = text + size;
  const char *kept = text;
  for (const char *at = text; at < limit; at++) {
    size_t length = 0;
    const char *name = name_at(at, limit, &length);
    if (name == NULL) continue;
    char *key = strndup(name, length);
    const char *value = key == NULL ? NULL : getenv(key);
    if (value != NULL) {
      if (is_news(told, &told_count, name, length)) say("Replacing '{{%s}}' with '%s' in '%s'", key, value, path);
      write_all(fd, kept, (size_t)(at - kept), path);
      write_all(fd, value, strlen(value), path);
      kept = at + length + 4;
    }
    free(key);
    at += length + 3;
  }
  write_all(fd, kept, (size_t)(limit - kept), path);
  return kept != text;
}

/* The whole of a file, with a zero byte behind it. */
static char *read_whole(int fd, size_t size, size_t *got, const char *path) {
  size_t room = size + 1;
  char *text = malloc(room + 1);
  if (text == NULL) fail(path);
  *got = 0;
  for (;;) {
    ssize_t done = read(fd, text + *got, room - *got);
    if (done < 0) fail(path);
    if (done == 0) break;
    *got += (size_t)done;
    if (*got == room) {
      room *= 2;
      text = realloc(text, room + 1);
      if (text == NULL) fail(path);
    }
  }
  text[*got] = '\0';
  return text;
}

static void copy_plainly(int from, int to, const char *source, const char *target) {
  static char chunk[CHUNK];
  ssize_t got;
  while ((got = read(from, chunk, sizeof chunk)) > 0) write_all(to, chunk, (size_t)got, target);
  if (got < 0) fail(source);
}

static void copy_file(const char *source, const char *target) {
  struct stat there;
  bool is_there = stat(target, &there) == 0;
  if (is_there && S_ISDIR(there.st_mode)) end(NOT_COPIED, "'%s' is a folder, '%s' a file", target, source);
  say("cp -a %s %s", source, target);
  struct stat info;
  int from = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (from < 0 || fstat(from, &info) != 0) fail(source);
  if (is_there && there.st_dev == info.st_dev && there.st_ino == info.st_ino) {
    end(NOT_COPIED, "'%s' and '%s' are the same file", source, target);
  }
  int to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0600);
  if (to < 0) fail(target);
  bool is_filled = false;
  if (is_template) {
    size_t size = 0;
    char *text = read_whole(from, (size_t)info.st_size, &size, source);
    /* A file with a zero byte in it is no text. */
    if (memchr(text, '\0', size) == NULL) is_filled = fill(to, text, size, target);
    else write_all(to, text, size, target);
    free(text);
  } else {
    copy_plainly(from, to, source, target);
  }
  mode_t mode = (info.st_mode & 07777) | S_IWUSR;
  if (fchmod(to, info.st_mode & 07777) != 0) fail(target);
  if (geteuid() == 0) {
    if (fchown(to, 0, 0) != 0) fail(target);
    /* A change of owner takes these away. */
    if (fstat(to, &there) == 0) mode &= there.st_mode | S_IWUSR;
  }
  if (fchmod(to, mode) != 0) fail(target);
  const struct timespec times[2] = {info.st_atim, info.st_mtim};
  if (!is_filled) futimens(to, times);
  close(from);
  if (close(to) != 0) fail(target);
}

static void make_folders(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0777);
    *slash = '/';
  }
  struct stat there;
  mkdir(path, 0777);
  if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode)) {
    errno = ENOTDIR;
    fail(path);
  }
}

/* As a shell's `*` and `.*` come: those without a dot first, by their bytes. */
static int in_order(const struct dirent **a, const struct dirent **b) {
  int hidden = ((*a)->d_name[0] == '.') - ((*b)->d_name[0] == '.');
  return hidden != 0 ? hidden : strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void copy_folder(const char *source, char *target) {
  struct dirent **entries = NULL;
  int count = scandir(source, &entries, is_entry, in_order);
  if (count < 0) fail(source);
  for (int i = 0; i < count; i++) {
    char *from = join(source, entries[i]->d_name);
    char *to = join(target, entries[i]->d_name);
    struct stat info;
    if (lstat(from, &info) == 0) {
      if (S_ISDIR(info.st_mode)) copy_folder(from, to);
      if (S_ISREG(info.st_mode)) {
        make_folders(target);
        copy_file(from, to);
      }
    }
    free(to);
    free(from);
    free(entries[i]);
  }
  free(entries);
}

static void must_be_folder(char *path) {
  struct stat there;
  if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode)) {
    dprintf(STDERR_FILENO, "Not a directory: '%s'\n", path);
    exit(WRONG_USAGE);
  }
}

/* `folder/` is `folder`. */
static char *trimmed(char *path) {
  size_t length = strlen(path);
  if (length > 1 && path[length - 1] == '/') path[length - 1] = '\0';
  return path;
}

int main(int argc, char **argv) {
  (void)argc;
  char **words = argv + 1;
  for (; *words != NULL && words[0][0] == '-' && words[0][1] != '\0'; words++) {
    if (strcmp(*words, "-T") == 0 || strcmp(*words, "--template") == 0) {
      is_template = true;
    } else if (strcmp(*words, "-h") == 0 || strcmp(*words, "--help") == 0) {
      say("%s", USAGE);
      return 0;
    } else {
      end(WRONG_USAGE, "Unknown option: %s", *words);
    }
  }
  if (words[0] == NULL || words[1] == NULL) {
    end(WRONG_USAGE, "a source and a target folder are needed (see copy --help)");
  }
  must_be_folder(words[0]);
  must_be_folder(words[1]);
  copy_folder(trimmed(words[0]), trimmed(words[1]));
  words += 2;
  if (*words != NULL && strcmp(*words, "--") == 0) words++;
  if (*words == NULL) return 0;
  become(words);
}
