/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* RFC 1035: 4.1.1 (header), 3.2.2 and RFC 3596 (types), 2.3.4 (sizes). */
enum { HEADER = 12, TYPE_A = 1, TYPE_AAAA = 28, CLASS_IN = 1, MAX_NAME = 255, MAX_LABEL = 63, PACKET = 1232 };
/* resolv.conf(5): as many servers as the C library asks. */
enum { MAX_SERVERS = 3, MAX_DOMAINS = 6, DNS_PORT = 53, ANSWER_MS = 1000 };

struct found {
  struct sockaddr_storage *list;
  size_t count;
  int port;
};

struct servers {
  struct sockaddr_storage list[MAX_SERVERS];
  size_t count;
  char domains[MAX_DOMAINS][MAX_NAME + 1];
  size_t domain_count;
};

static void add(struct found *found, int family, const void *bytes, uint32_t scope) {
  if (found->count == MAX_ADDRESSES) return;
  struct sockaddr_storage *slot = &found->list[found->count++];
  memset(slot, 0, sizeof *slot);
  if (family == AF_INET) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)slot;
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)found->port);
    memcpy(&v4->sin_addr, bytes, sizeof v4->sin_addr);
  } else {
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)slot;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)found->port);
    v6->sin6_scope_id = scope;
    memcpy(&v6->sin6_addr, bytes, sizeof v6->sin6_addr);
  }
}

/* Whether the text is an address, which is added then. */
static bool add_literal(struct found *found, const char *text) {
  struct in6_addr bytes;
  if (inet_pton(AF_INET, text, &bytes) == 1) {
    add(found, AF_INET, &bytes, 0);
    return true;
  }
  char plain[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
  if (snprintf(plain, sizeof plain, "%s", text) >= (int)sizeof plain) return false;
  char *zone = strchr(plain, '%');
  if (zone != NULL) *zone++ = '\0';
  if (inet_pton(AF_INET6, plain, &bytes) != 1) return false;
  add(found, AF_INET6, &bytes, zone == NULL ? 0 : if_nametoindex(zone));
  return true;
}

/* hosts(5): an address, then its names; `#` begins a remark. */
static void ask_hosts_file(struct found *found, const char *host) {
  FILE *file = fopen("/etc/hosts", "re");
  if (file == NULL) return;
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, file) >= 0) {
    line[strcspn(line, "#\n")] = '\0';
    char *rest = NULL;
    const char *address = strtok_r(line, " \t\r", &rest);
    for (char *name = strtok_r(NULL, " \t\r", &rest); name != NULL; name = strtok_r(NULL, " \t\r", &rest)) {
      if (strcasecmp(name, host) == 0) {
        add_literal(found, address);
        break;
      }
    }
  }
  free(line);
  fclose(file);
}

static void read_servers(struct servers *servers) {
  memset(servers, 0, sizeof *servers);
  FILE *file = fopen("/etc/resolv.conf", "re");
  if (file == NULL) return;
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, file) >= 0) {
    line[strcspn(line, "#;\n")] = '\0';
    char *rest = NULL;
    const char *key = strtok_r(line, " \t\r", &rest);
    if (key == NULL) continue;
    if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0) servers->domain_count = 0;
    for (char *word = strtok_r(NULL, " \t\r", &rest); word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
      if (strcmp(key, "nameserver") == 0 && servers->count < MAX_SERVERS) {
        struct found found = {&servers->list[servers->count], 0, DNS_PORT};
        if (add_literal(&found, word)) servers->count++;
      } else if ((strcmp(key, "search") == 0 || strcmp(key, "domain") == 0) && servers->domain_count < MAX_DOMAINS) {
        snprintf(servers->domains[servers->domain_count++], MAX_NAME + 1, "%s", word);
      }
    }
  }
  free(line);
  fclose(file);
}

/* A question for one name and type; 0 if it is no name. */
static size_t write_question(uint8_t packet[PACKET], uint16_t id, const char *name, uint16_t type) {
  memset(packet, 0, HEADER);
  packet[0] = (uint8_t)(id >> 8);
  packet[1] = (uint8_t)id;
  packet[2] = 1; /* recursion desired */
  packet[5] = 1; /* one question */
  size_t at = HEADER;
  if (strlen(name) > MAX_NAME - 2) return 0;
  for (const char *label = name; *label != '\0';) {
    size_t length = strcspn(label, ".");
    if (length == 0 || length > MAX_LABEL) return 0;
    packet[at++] = (uint8_t)length;
    memcpy(&packet[at], label, length);
    at += length;
    label += length;
    if (*label == '.') label++;
  }
  packet[at++] = 0;
  const uint8_t tail[] = {0, (uint8_t)type, 0, CLASS_IN};
  memcpy(&packet[at], tail, sizeof tail);
  return at + sizeof tail;
}

/* Past a name, which may end in a pointer (RFC 1035 4.1.4); 0 where the packet ends first. */
static size_t skip_name(const uint8_t *packet, size_t length, size_t at) {
  while (at < length) {
    uint8_t byte = packet[at];
    if (byte == 0) return at + 1;
    if ((byte & 0xc0) == 0xc0) return at + 2;
    at += byte + 1U;
  }
  return 0;
}

static unsigned number_at(const uint8_t *packet, size_t at) { return (unsigned)packet[at] << 8 | packet[at + 1]; }

/* Adds the addresses of an answer; what is not sound in it ends the reading. */
static void read_answer(struct found *found, const uint8_t *packet, size_t length, uint16_t type) {
  if (length < HEADER) return;
  size_t at = skip_name(packet, length, HEADER);
  if (at == 0) return;
  at += 4;
  for (unsigned left = number_at(packet, 6); left > 0; left--) {
    at = skip_name(packet, length, at);
    if (at == 0 || at + 10 > length) return;
    unsigned kind = number_at(packet, at);
    size_t size = number_at(packet, at + 8);
    at += 10;
    if (at + size > length) return;
    if (kind == type && size == (type == TYPE_A ? 4 : 16)) {
      add(found, type == TYPE_A ? AF_INET : AF_INET6, &packet[at], 0);
    }
    at += size;
  }
}

static void ask_server(struct found *found, const struct sockaddr_storage *server, const char *name, uint16_t type) {
  int fd = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  socklen_t size = server->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint16_t id = (uint16_t)(now.tv_nsec ^ getpid());
  uint8_t packet[PACKET];
  size_t length = write_question(packet, id, name, type);
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  /* Connected, the socket takes packets of that server alone. */
  if (length > 0 && connect(fd, (const struct sockaddr *)server, size) == 0 && send(fd, packet, length, 0) > 0) {
    while (poll(&wait, 1, ANSWER_MS) == 1) {
      ssize_t got = recv(fd, packet, sizeof packet, 0);
      if (got < 0) break;
      if (got < HEADER || number_at(packet, 0) != id || (packet[2] & 0x80) == 0) continue;
      read_answer(found, packet, (size_t)got, type);
      break;
    }
  }
  close(fd);
}

static void ask_servers(struct found *found, const struct servers *servers, const char *name) {
  for (size_t i = 0; i < servers->count && found->count == 0; i++) {
    ask_server(found, &servers->list[i], name, TYPE_A);
    ask_server(found, &servers->list[i], name, TYPE_AAAA);
  }
}

size_t resolve(const char *host, int port, struct sockaddr_storage addresses[MAX_ADDRESSES]) {
  struct found found = {addresses, 0, port};
  if (add_literal(&found, host)) return found.count;
  ask_hosts_file(&found, host);
  if (found.count > 0) return found.count;
  struct servers servers;
  read_servers(&servers);
  ask_servers(&found, &servers, host);
  for (size_t i = 0; i < servers.domain_count && found.count == 0; i++) {
    char name[2 * MAX_NAME + 2];
    snprintf(name, sizeof name, "%s.%s", host, servers.domains[i]);
    ask_servers(&found, &servers, name);
  }
  return found.count;
}
