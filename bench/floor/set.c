/*
 * The floor of `set`: the least messages that set devices down, up, or to a rate, with the mark that says so. Reads the work on standard
 * input, a line each. Opens a socket in each namespace, and then prints the milliseconds from the first message until it is known that
 * none was refused:
 *
 *   node NAME               a namespace of /run/netns, then devices of it that are sent together; it may come again
 *   down INDEX ALIAS        the rest of the line; `=`: an empty one
 *   up INDEX ALIAS
 *   rate INDEX BYTES_PER_SECOND BURST LIMIT
 *
 * With the arguments MIB and THREADS it first writes to so much memory, and starts so many threads, which do nothing: what the kernel
 * takes in a process that is as large as that of Node.js.
 *
 * rtnetlink(7), tc-tbf(8), linux/pkt_sched.h. One thread sends, one socket for each namespace, sends of at most 64 messages, and no acknowledgements.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define TBF_HANDLE 0x4d000000u

enum kind { DOWN, UP, RATE };
struct change { enum kind kind; int index; unsigned int rate, burst, limit; char alias[256]; };
struct node { char name[256]; struct change *changes; int count, fd; };

static struct node *nodes;
static int node_count;
static char buffer[1 << 18];
static size_t used;

static void die(const char *what) { perror(what); exit(1); }

static void *room(size_t size) {
  void *at = buffer + used;
  memset(at, 0, NLMSG_ALIGN(size));
  used += NLMSG_ALIGN(size);
  return at;
}

static struct rtattr *attribute(int type, const void *data, size_t length) {
  struct rtattr *one = room(RTA_LENGTH(length));
  one->rta_type = type;
  one->rta_len = RTA_LENGTH(length);
  if (length) memcpy(RTA_DATA(one), data, length);
  return one;
}

static void link_message(const struct change *change) {
  struct nlmsghdr *head = room(sizeof *head);
  struct ifinfomsg *info = room(sizeof *info);
  head->nlmsg_type = RTM_NEWLINK;
  head->nlmsg_flags = NLM_F_REQUEST;
  info->ifi_index = change->index;
  info->ifi_change = IFF_UP;
  info->ifi_flags = change->kind == UP ? IFF_UP : 0;
  int is_empty = change->alias[0] == '=';
  attribute(IFLA_IFALIAS, is_empty ? "" : change->alias, is_empty ? 1 : strlen(change->alias));
  head->nlmsg_len = buffer + used - (char *)head;
}

static void rate_message(const struct change *change) {
  struct nlmsghdr *head = room(sizeof *head);
  struct tcmsg *tc = room(sizeof *tc);
  head->nlmsg_type = RTM_NEWQDISC;
  head->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
  tc->tcm_ifindex = change->index;
  tc->tcm_handle = TBF_HANDLE;
  tc->tcm_parent = TC_H_ROOT;
  attribute(TCA_KIND, "tbf", 4);
  struct rtattr *options = attribute(TCA_OPTIONS, NULL, 0);
  struct tc_tbf_qopt parms = {.rate = {.rate = change->rate, .linklayer = 1}, .limit = change->limit};
  attribute(TCA_TBF_PARMS, &parms, sizeof parms);
  attribute(TCA_TBF_BURST, &change->burst, sizeof change->burst);
  options->rta_len = buffer + used - (char *)options;
  head->nlmsg_len = buffer + used - (char *)head;
}

static void send_all(int fd) {
  if (send(fd, buffer, used, 0) < 0) die("send");
  used = 0;
}

/* The kernel has carried out what is sent. What it refused waits in the sockets: one call for all says whether there is any. */
static void look(struct pollfd *polled) {
  if (poll(polled, node_count, 0) != 0) die("refused");
}

static void open_socket(struct node *node, int home) {
  char path[300];
  for (const struct node *before = nodes; before < node; before++) {
    if (strcmp(before->name, node->name) == 0) { node->fd = before->fd; return; }
  }
  snprintf(path, sizeof path, "/run/netns/%s", node->name);
  int ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die(path);
  node->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (node->fd < 0 || setns(home, CLONE_NEWNET) < 0) die("socket");
  close(ns);
}

static void set(struct node *node) {
  for (int at = 0; at < node->count; at++) {
    int is_full = at == node->count - 1 || (at + 1) % BATCH == 0;
    if (node->changes[at].kind == RATE) rate_message(&node->changes[at]);
    else link_message(&node->changes[at]);
    if (is_full) send_all(node->fd);
  }
}

static void read_work(void) {
  char line[700], word[16], rest[256];
  while (fgets(line, sizeof line, stdin)) {
    struct change change = {0};
    char name[256];
    if (sscanf(line, "node %255s", name) == 1) {
      nodes = realloc(nodes, (node_count + 1) * sizeof *nodes);
      memset(&nodes[node_count], 0, sizeof *nodes);
      strcpy(nodes[node_count++].name, name);
      continue;
    }
    if (sscanf(line, "rate %d %u %u %u", &change.index, &change.rate, &change.burst, &change.limit) == 4) change.kind = RATE;
    else if (sscanf(line, "%15s %d %255[^\n]", word, &change.index, rest) == 3) {
      change.kind = strcmp(word, "up") == 0 ? UP : DOWN;
      strcpy(change.alias, rest);
    } else continue;
    struct node *node = &nodes[node_count - 1];
    node->changes = realloc(node->changes, (node->count + 1) * sizeof change);
    node->changes[node->count++] = change;
  }
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void *do_nothing(void *nothing) {
  for (;;) pause();
  return nothing;
}

static void grow(size_t mib, int threads) {
  char *memory = malloc(mib << 20);
  if (memory == NULL) die("malloc");
  memset(memory, 1, mib << 20);
  /* So that the compiler leaves it. */
  __asm__ volatile("" : : "r"(memory) : "memory");
  for (int at = 0; at < threads; at++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_nothing, NULL) != 0) die("pthread_create");
  }
}

int main(int count, char **words) {
  read_work();
  if (count == 3) grow((size_t)atol(words[1]), atoi(words[2]));
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) die("/proc/self/ns/net");
  for (int at = 0; at < node_count; at++) open_socket(&nodes[at], home);
  struct pollfd *polled = calloc((unsigned)node_count, sizeof *polled);
  for (int at = 0; at < node_count; at++) polled[at] = (struct pollfd){.fd = nodes[at].fd, .events = POLLIN};
  double begin = now_ms();
  for (int at = 0; at < node_count; at++) set(&nodes[at]);
  look(polled);
  printf("%.3f\n", now_ms() - begin);
  return 0;
}
