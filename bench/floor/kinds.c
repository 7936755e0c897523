/*
 * What each kind of message costs, alone and beside another kind in both orders: after which the kernel waits. In two network namespaces
 * of its own it makes veths (a node end, up, and a port, down), sends, and deletes them again. For each case it prints a line:
 *
 *   SIDE STATE FIRST SECOND ORDER WALL CPU WAITS
 *
 * SIDE `port` or `node`; STATE of the device before, `up` or `down`; ORDER `alone`, `device` (both kinds for one device, then for the
 * next) or `kind` (the first kind for all devices, then the second); WALL and CPU µs per device, the least of all rounds; WAITS how
 * often the thread slept per device (getrusage(2), ru_nvcsw), the least of all rounds: it sleeps where the kernel waits for RCU.
 *
 * kinds [DEVICES [ROUNDS [with-netem]]]. One thread; 64 messages per send. rtnetlink(7), tc(8), linux/pkt_sched.h, linux/pkt_cls.h.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/sockios.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "messages.h"

#define BATCH 64
#define FIRST 1000
#define FIRST_BRIDGE 100000
#define GROUP 77
#define INGRESS 0xffff0000u

static int devices = 128, rounds = 3, nodes_fd, ports_fd, nodes_ns;

static void add_pair(int at) {
  struct ifinfomsg info = {.ifi_index = FIRST + at}, peer_info = {.ifi_index = FIRST + at};
  char name[16];
  struct nlmsghdr *header = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  snprintf(name, sizeof name, "p%d", at);
  text(IFLA_IFNAME, name);
  number(IFLA_GROUP, GROUP);
  number(IFLA_NUM_TX_QUEUES, 1);
  number(IFLA_NUM_RX_QUEUES, 1);
  struct rtattr *kind = attribute(IFLA_LINKINFO, NULL, 0);
  text(IFLA_INFO_KIND, "veth");
  struct rtattr *data = attribute(IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(VETH_INFO_PEER, &peer_info, sizeof peer_info);
  snprintf(name, sizeof name, "e%d", at);
  text(IFLA_IFNAME, name);
  number(IFLA_GROUP, GROUP);
  number(IFLA_NET_NS_FD, nodes_ns);
  number(IFLA_NUM_TX_QUEUES, 1);
  number(IFLA_NUM_RX_QUEUES, 1);
  close_nest(peer);
  close_nest(data);
  close_nest(kind);
  end(header);
}

static void add_bridge(int at) {
  struct ifinfomsg info = {.ifi_index = FIRST_BRIDGE + at};
  char name[16];
  struct nlmsghdr *header = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  snprintf(name, sizeof name, "b%d", at);
  text(IFLA_IFNAME, name);
  struct rtattr *kind = attribute(IFLA_LINKINFO, NULL, 0);
  text(IFLA_INFO_KIND, "bridge");
  close_nest(kind);
  end(header);
}

/* A change of a device, begun: `end` ends it. */
static struct nlmsghdr *change(int at, int up) {
  struct ifinfomsg info = {.ifi_index = FIRST + at, .ifi_flags = up > 0 ? IFF_UP : 0, .ifi_change = up < 0 ? 0 : IFF_UP};
  return begin(RTM_NEWLINK, 0, &info, sizeof info);
}

static void set_up(int at) { end(change(at, 1)); }
static void set_down(int at) { end(change(at, 0)); }

static void set_alias(int at) {
  struct nlmsghdr *header = change(at, -1);
  text(IFLA_IFALIAS, "linkloom/1 bench node eth0");
  end(header);
}

static void set_mtu(int at) {
  struct nlmsghdr *header = change(at, -1);
  number(IFLA_MTU, 9000);
  end(header);
}

static void set_mac(int at) {
  unsigned char mac[6] = {0xc2, 0, 0, 1, at >> 8, at};
  struct nlmsghdr *header = change(at, -1);
  attribute(IFLA_ADDRESS, mac, sizeof mac);
  end(header);
}

static void set_master(int at) {
  struct nlmsghdr *header = change(at, -1);
  number(IFLA_MASTER, FIRST_BRIDGE + at / 2);
  end(header);
}

static struct nlmsghdr *qdisc(int at, int type, int flags, unsigned int handle, unsigned int parent) {
  struct tcmsg tc = {.tcm_ifindex = FIRST + at, .tcm_handle = handle, .tcm_parent = parent};
  return begin(type, flags, &tc, sizeof tc);
}

static void set_ingress(int at) {
  struct nlmsghdr *header = qdisc(at, RTM_NEWQDISC, NLM_F_CREATE, INGRESS, TC_H_INGRESS);
  text(TCA_KIND, "ingress");
  end(header);
}

static void cut_ingress(int at) { end(qdisc(at, RTM_DELQDISC, 0, INGRESS, TC_H_INGRESS)); }

/* u32 that matches all, with a redirection to the other port of two. */
static void set_filter(int at) {
  struct tcmsg tc = {.tcm_ifindex = FIRST + at, .tcm_parent = INGRESS, .tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL))};
  struct nlmsghdr *header = begin(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tc, sizeof tc);
  text(TCA_KIND, "u32");
  struct rtattr *options = attribute(TCA_OPTIONS, NULL, 0);
  struct { struct tc_u32_sel all; struct tc_u32_key key; } match = {.all = {.flags = TC_U32_TERMINAL, .nkeys = 1}};
  attribute(TCA_U32_SEL, &match, sizeof match);
  struct rtattr *actions = attribute(TCA_U32_ACT, NULL, 0), *one = attribute(1, NULL, 0);
  text(TCA_ACT_KIND, "mirred");
  struct rtattr *inner = attribute(TCA_ACT_OPTIONS | NLA_F_NESTED, NULL, 0);
  struct tc_mirred mirred = {.action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR, .ifindex = FIRST + (at ^ 1)};
  attribute(TCA_MIRRED_PARMS, &mirred, sizeof mirred);
  close_nest(inner);
  close_nest(one);
  close_nest(actions);
  close_nest(options);
  end(header);
}

/* All filters of the qdisc. */
static void cut_filter(int at) {
  struct tcmsg tc = {.tcm_ifindex = FIRST + at, .tcm_parent = INGRESS};
  end(begin(RTM_DELTFILTER, 0, &tc, sizeof tc));
}

static void set_tbf(int at) {
  struct nlmsghdr *header = qdisc(at, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, 0x4d000000u, TC_H_ROOT);
  text(TCA_KIND, "tbf");
  struct rtattr *options = attribute(TCA_OPTIONS, NULL, 0);
  struct tc_tbf_qopt parms = {.rate = {.rate = 1250000, .linklayer = 1}, .limit = 131114};
  unsigned int burst = 65557;
  attribute(TCA_TBF_PARMS, &parms, sizeof parms);
  attribute(TCA_TBF_BURST, &burst, sizeof burst);
  close_nest(options);
  end(header);
}

static void set_netem(int at) {
  struct nlmsghdr *header = qdisc(at, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, 0x4c000000u, TC_H_ROOT);
  text(TCA_KIND, "netem");
  struct tc_netem_qopt options = {.latency = 1000, .limit = 1000};
  attribute(TCA_OPTIONS, &options, sizeof options);
  end(header);
}

static void set_root_default(int at) { end(qdisc(at, RTM_DELQDISC, 0, 0, TC_H_ROOT)); }

static void set_address(int at) {
  struct ifaddrmsg info = {.ifa_family = AF_INET, .ifa_prefixlen = 30, .ifa_index = FIRST + at};
  unsigned int address = htonl((10u << 24) + 4 * at + 1);
  struct nlmsghdr *header = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  attribute(IFA_LOCAL, &address, sizeof address);
  attribute(IFA_ADDRESS, &address, sizeof address);
  end(header);
}

static void set_address6(int at) {
  struct ifaddrmsg info = {.ifa_family = AF_INET6, .ifa_prefixlen = 64, .ifa_flags = IFA_F_NODAD, .ifa_index = FIRST + at};
  unsigned char address[16] = {0xfd, 0, 0, 0, 0, 0, at >> 8, at, [15] = 1};
  struct nlmsghdr *header = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  attribute(IFA_LOCAL, address, sizeof address);
  attribute(IFA_ADDRESS, address, sizeof address);
  end(header);
}

/* Of the device alone, so that it needs no address. */
static void set_route(int at) {
  struct rtmsg info = {.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = 108,
                       .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};
  unsigned int to = htonl((11u << 24) + (at << 8));
  struct nlmsghdr *header = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  attribute(RTA_DST, &to, sizeof to);
  number(RTA_OIF, FIRST + at);
  end(header);
}

/* No message: an ioctl(2), so what was written before is sent first. */
static void set_offload(int at) {
  struct ethtool_value value = {.cmd = ETHTOOL_STXCSUM};
  struct ifreq request = {.ifr_data = (char *)&value};
  flush(nodes_fd);
  snprintf(request.ifr_name, IFNAMSIZ, "e%d", at);
  if (ioctl(nodes_fd, SIOCETHTOOL, &request) < 0) die("ETHTOOL_STXCSUM");
}

enum side { PORT = 1, NODE = 2 };
struct kind { const char *name; void (*write)(int at); int sides; const char *needs; const char *state; };

/* `needs`: the kind that has to come before. `state`: that of the device for which there is this kind, or any. */
static const struct kind kinds[] = {
  {"alias", set_alias, PORT | NODE, NULL, NULL},
  {"mtu", set_mtu, PORT | NODE, NULL, NULL},
  {"mac", set_mac, NODE, NULL, NULL},
  {"master", set_master, PORT, NULL, NULL},
  {"up", set_up, PORT | NODE, NULL, "down"},
  {"down", set_down, PORT | NODE, NULL, "up"},
  {"ingress", set_ingress, PORT, NULL, NULL},
  {"filter", set_filter, PORT, "ingress", NULL},
  {"unfilter", cut_filter, PORT, "filter", NULL},
  {"cut", cut_ingress, PORT, "filter", NULL},
  {"tbf", set_tbf, PORT | NODE, NULL, NULL},
  {"untbf", set_root_default, NODE, "tbf", NULL},
  {"address", set_address, NODE, NULL, NULL},
  {"address6", set_address6, NODE, NULL, NULL},
  {"route", set_route, NODE, NULL, "up"},
  {"offload", set_offload, NODE, NULL, NULL},
  {"netem", set_netem, NODE, NULL, NULL},
};
static int kind_count = sizeof kinds / sizeof *kinds;

struct cost { double wall, cpu, waits; };

static double clock_us(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return at.tv_sec * 1e6 + at.tv_nsec / 1e3;
}

static struct cost here(void) {
  struct rusage used_by;
  getrusage(RUSAGE_THREAD, &used_by);
  return (struct cost){clock_us(CLOCK_MONOTONIC), clock_us(CLOCK_THREAD_CPUTIME_ID), used_by.ru_nvcsw};
}

static void write_for(const struct kind *kind, int at, int fd) {
  kind->write(at);
  if (waiting >= BATCH) flush(fd);
}

static void for_all(const struct kind *kind, int fd) {
  for (int at = 0; at < devices; at++) write_for(kind, at, fd);
  flush(fd);
}

static void remove_all(void) {
  struct ifinfomsg info = {0};
  struct nlmsghdr *header = begin(RTM_DELLINK, 0, &info, sizeof info);
  number(IFLA_GROUP, GROUP);
  end(header);
  flush(ports_fd);
}

static const struct kind *kind_of(const char *name) {
  for (int at = 0; at < kind_count; at++) if (strcmp(kinds[at].name, name) == 0) return &kinds[at];
  return NULL;
}

static void make_all(enum side side, int is_up) {
  for (int at = 0; at < devices; at++) {
    add_pair(at);
    if (waiting >= BATCH) flush(ports_fd);
  }
  flush(ports_fd);
  if (side == PORT || is_up) for_all(kind_of("up"), nodes_fd);
  if (side == NODE || is_up) for_all(kind_of("up"), ports_fd);
}

/* What a kind needs, and what that needs, for all devices. */
static void prepare(const struct kind *kind, const struct kind *other, int fd) {
  const struct kind *needed = kind->needs ? kind_of(kind->needs) : NULL;
  if (needed == NULL || needed == other) return;
  prepare(needed, other, fd);
  if (other == NULL || other->needs == NULL || kind_of(other->needs) != needed) for_all(needed, fd);
}

/* `second` NULL: the first alone. */
static struct cost once(enum side side, int is_up, const struct kind *first, const struct kind *second, int by_kind) {
  int fd = side == PORT ? ports_fd : nodes_fd;
  make_all(side, is_up);
  prepare(first, NULL, fd);
  if (second) prepare(second, first, fd);
  struct cost from = here();
  for (int at = 0; at < devices; at++) {
    write_for(first, at, fd);
    if (second && !by_kind) write_for(second, at, fd);
  }
  if (second && by_kind) for (int at = 0; at < devices; at++) write_for(second, at, fd);
  flush(fd);
  struct cost to = here();
  remove_all();
  return (struct cost){to.wall - from.wall, to.cpu - from.cpu, to.waits - from.waits};
}

static void measure(enum side side, int is_up, const struct kind *first, const struct kind *second, int by_kind) {
  struct cost least = {1e12, 1e12, 1e12};
  for (int round = 0; round < rounds; round++) {
    struct cost cost = once(side, is_up, first, second, by_kind);
    if (cost.wall < least.wall) least.wall = cost.wall;
    if (cost.cpu < least.cpu) least.cpu = cost.cpu;
    if (cost.waits < least.waits) least.waits = cost.waits;
  }
  printf("%s %s %s %s %s %.2f %.2f %.3f\n", side == PORT ? "port" : "node", is_up ? "up" : "down", first->name,
         second ? second->name : "-", second == NULL ? "alone" : by_kind ? "kind" : "device", least.wall / devices,
         least.cpu / devices, least.waits / devices);
  fflush(stdout);
}

static int is_possible(const struct kind *kind, enum side side, int is_up) {
  if (!(kind->sides & side)) return 0;
  return kind->state == NULL || strcmp(kind->state, is_up ? "up" : "down") == 0;
}

/* Pairs that undo each other, or of which the second is refused. */
static int is_sensible(const struct kind *first, const struct kind *second) {
  if (first == second || (first->needs && strcmp(first->needs, second->name) == 0)) return 0;
  const char *const undoing[][2] = {{"cut", "filter"}, {"cut", "unfilter"}, {"ingress", "cut"}, {"ingress", "unfilter"}, {"tbf", "netem"}, {"netem", "tbf"}, {"netem", "untbf"}, {"untbf", "netem"},
                                    {"down", "route"}, {"route", "down"}};
  for (size_t at = 0; at < sizeof undoing / sizeof *undoing; at++)
    if (strcmp(first->name, undoing[at][0]) == 0 && strcmp(second->name, undoing[at][1]) == 0) return 0;
  return 1;
}

static void measure_side(enum side side, int is_up) {
  for (int a = 0; a < kind_count; a++) {
    if (!is_possible(&kinds[a], side, is_up)) continue;
    measure(side, is_up, &kinds[a], NULL, 0);
    for (int b = 0; b < kind_count; b++) {
      if (!is_possible(&kinds[b], side, is_up) || !is_sensible(&kinds[a], &kinds[b])) continue;
      measure(side, is_up, &kinds[a], &kinds[b], 0);
      measure(side, is_up, &kinds[a], &kinds[b], 1);
    }
  }
}

static void without_ipv6(void) {
  const char *const files[] = {"/proc/sys/net/ipv6/conf/all/disable_ipv6", "/proc/sys/net/ipv6/conf/default/disable_ipv6"};
  for (int at = 0; at < 2; at++) {
    int fd = open(files[at], O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1", 1) != 1) die(files[at]);
    if (fd >= 0) close(fd);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) devices = atoi(argv[1]) & ~1;
  if (argc > 2) rounds = atoi(argv[2]);
  if (argc <= 3) kind_count--;
  if (unshare(CLONE_NEWNET)) die("unshare");
  nodes_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  nodes_fd = open_socket();
  if (unshare(CLONE_NEWNET)) die("unshare");
  without_ipv6();
  ports_fd = open_socket();
  for (int at = 0; at < devices / 2; at++) add_bridge(at);
  flush(ports_fd);
  for (int is_up = 0; is_up < 2; is_up++) {
    measure_side(PORT, is_up);
    measure_side(NODE, is_up);
  }
  return 0;
}
