/*
 * The floor: what the kernel alone charges for a lab, with the least messages that make the same thing. Reads the work
 * on standard input, a line each, and prints the milliseconds from the first system call to the last acknowledgement:
 *
 *   switch NAME ALIAS       the namespace of the switch side
 *   groups NODE PORT BRIDGE group numbers
 *   node NAME ALIAS         a namespace, then its links:
 *   link DEV MAC ADDRESS PREFIX PORT BRIDGE ALIAS
 *   bridge NAME ALIAS
 *   pair NODE DEV MAC ADDRESS PREFIX ALIAS NODE DEV MAC ADDRESS PREFIX ALIAS
 *                           instead of links and bridges: a veth between two namespaces, by their place in the input;
 *                           `|` in an alias stands for a space
 *
 * Pairs are made in rounds of as many as the argument says: the namespaces that a round is the first to need, one end of each
 * pair and with it the other, then these others raised. 0: all in one round. Default 512. A namespace is held open as long as
 * there are descriptors, and opened by its name otherwise.
 *
 * rtnetlink(7), veth(4), linux/if_link.h, linux/ethtool.h. One thread: the kernel does one at a time anyway.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "messages.h"

#define MTU 65535
#define PROTOCOL 108
#define BATCH 64
/* Above what the kernel itself counts up to in the switch namespace. */
#define FIRST_INDEX (1 << 20)

struct link { char dev[16], mac[18], address[40], port[16], bridge[16], alias[256]; int prefix; };
/* `ns`: 0 is not made yet, -1 is made and not held. `count`: of links, or of the first ends of pairs made so far. */
struct node { char name[64], alias[256]; struct link *links; int count; int ns; };
struct end { int node, prefix; char dev[16], mac[18], address[40], alias[256]; };
struct pair { struct end a, b; };
struct bridge { char name[16], alias[256]; };

static struct node *nodes;
static struct bridge *bridges;
static struct pair *pairs;
static int node_count, bridge_count, pair_count, most_held;
static char switch_name[64], switch_alias[256];
static unsigned int group_node, group_port, group_bridge;

static const char *path_of(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  return path;
}

/* A named namespace as `ip netns add` makes it; this thread is in it afterwards. Returns its descriptor. */
static int make_netns(const char *name) {
  const char *path = path_of(name);
  int file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (file < 0) die(path);
  close(file);
  if (unshare(CLONE_NEWNET) < 0) die("unshare");
  if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0) die("mount");
  return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void set_lo(int up, const char *alias) {
  struct ifinfomsg info = { .ifi_index = 1, .ifi_flags = up ? IFF_UP : 0, .ifi_change = up ? IFF_UP : 0 };
  struct nlmsghdr *header = begin(RTM_NEWLINK, 0, &info, sizeof info);
  text(IFLA_IFALIAS, alias);
  end(header);
}

static void write_sysctl(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "1", 1) != 1) die(path);
  close(fd);
}

static void add_mac(const char *text) {
  unsigned char mac[6];
  sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5);
  attribute(IFLA_ADDRESS, mac, sizeof mac);
}

/* `peer_mac` NULL: the kernel's choice. */
static void add_veth(const char *dev, const char *mac, int index, const char *peer_dev, const char *peer_mac,
                     unsigned int peer_group, int peer_fd) {
  struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, peer_info = { 0 };
  struct nlmsghdr *header = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  text(IFLA_IFNAME, dev);
  add_mac(mac);
  number(IFLA_MTU, MTU);
  number(IFLA_GROUP, group_node);
  number(IFLA_NUM_TX_QUEUES, 1);
  number(IFLA_NUM_RX_QUEUES, 1);
  struct rtattr *kind = attribute(IFLA_LINKINFO, NULL, 0);
  text(IFLA_INFO_KIND, "veth");
  struct rtattr *data = attribute(IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(VETH_INFO_PEER, &peer_info, sizeof peer_info);
  text(IFLA_IFNAME, peer_dev);
  if (peer_mac) add_mac(peer_mac);
  number(IFLA_MTU, MTU);
  number(IFLA_GROUP, peer_group);
  number(IFLA_NET_NS_FD, peer_fd);
  number(IFLA_NUM_TX_QUEUES, 1);
  number(IFLA_NUM_RX_QUEUES, 1);
  close_nest(peer);
  close_nest(data);
  close_nest(kind);
  end(header);
}

static void add_address(const char *text, int prefix, int index) {
  struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_prefixlen = prefix, .ifa_index = index };
  unsigned char address[4], protocol = PROTOCOL;
  inet_pton(AF_INET, text, address);
  struct nlmsghdr *header = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  attribute(IFA_LOCAL, address, sizeof address);
  attribute(IFA_ADDRESS, address, sizeof address);
  attribute(11 /* IFA_PROTO, 5.18 */, &protocol, sizeof protocol);
  end(header);
}

static void checksum_off(int fd, const char *dev) {
  struct ethtool_value value = { .cmd = ETHTOOL_STXCSUM, .data = 0 };
  struct ifreq request = { .ifr_data = (char *)&value };
  strcpy(request.ifr_name, dev);
  if (ioctl(fd, SIOCETHTOOL, &request) < 0) die("ETHTOOL_STXCSUM");
}

static void make_node(const struct node *node, int switch_fd) {
  int ns = make_netns(node->name), fd = open_socket();
  set_lo(1, node->alias);
  for (int i = 0; i < node->count; i++) {
    const struct link *l = &node->links[i];
    add_veth(l->dev, l->mac, FIRST_INDEX + i, l->port, NULL, group_port, switch_fd);
  }
  flush(fd);
  for (int i = 0; i < node->count; i++) add_address(node->links[i].address, node->links[i].prefix, FIRST_INDEX + i);
  flush(fd);
  for (int i = 0; i < node->count; i++) checksum_off(fd, node->links[i].dev);
  close(fd);
  close(ns);
}

static int bridge_index(const char *name) {
  for (int i = 0; i < bridge_count; i++) if (strcmp(bridges[i].name, name) == 0) return FIRST_INDEX + i;
  fprintf(stderr, "no bridge %s\n", name);
  exit(1);
}

static void add_bridge(const struct bridge *bridge, int index) {
  struct ifinfomsg info = { .ifi_index = index };
  unsigned char off = 0;
  unsigned short no_vlan = 0;
  struct nlmsghdr *header = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
  text(IFLA_IFNAME, bridge->name);
  number(IFLA_GROUP, group_bridge);
  struct rtattr *kind = attribute(IFLA_LINKINFO, NULL, 0);
  text(IFLA_INFO_KIND, "bridge");
  struct rtattr *data = attribute(IFLA_INFO_DATA, NULL, 0);
  attribute(IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
  attribute(IFLA_BR_VLAN_DEFAULT_PVID, &no_vlan, sizeof no_vlan);
  close_nest(data);
  close_nest(kind);
  end(header);
  struct ifinfomsg same = { .ifi_index = index };
  header = begin(RTM_NEWLINK, 0, &same, sizeof same);
  text(IFLA_IFALIAS, bridge->alias);
  end(header);
}

static void attach_port(const struct link *link, int master) {
  struct ifinfomsg info = { 0 };
  struct nlmsghdr *header = begin(RTM_NEWLINK, 0, &info, sizeof info);
  text(IFLA_IFNAME, link->port);
  number(IFLA_MASTER, master);
  text(IFLA_IFALIAS, link->alias);
  end(header);
}

static void raise_group(unsigned int group) {
  struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
  struct nlmsghdr *header = begin(RTM_NEWLINK, 0, &info, sizeof info);
  number(IFLA_GROUP, group);
  end(header);
}

static void make_switch_side(int fd, const int *masters) {
  for (int i = 0; i < bridge_count; i++) {
    add_bridge(&bridges[i], FIRST_INDEX + i);
    if (waiting >= BATCH) flush(fd);
  }
  for (int n = 0, at = 0; n < node_count; n++)
    for (int i = 0; i < nodes[n].count; i++) {
      attach_port(&nodes[n].links[i], masters[at++]);
      if (waiting >= BATCH) flush(fd);
    }
  raise_group(group_port);
  raise_group(group_bridge);
  flush(fd);
}

static void set_end(const struct end *end_, int index, int up) {
  struct ifinfomsg info = { .ifi_index = index, .ifi_flags = up ? IFF_UP : 0, .ifi_change = up ? IFF_UP : 0 };
  struct nlmsghdr *header = begin(RTM_NEWLINK, 0, &info, sizeof info);
  if (index == 0) text(IFLA_IFNAME, end_->dev);
  text(IFLA_IFALIAS, end_->alias);
  end(header);
}

static unsigned int index_of(const char *dev, int fd) {
  struct ifreq request = { 0 };
  strcpy(request.ifr_name, dev);
  if (ioctl(fd, SIOCGIFINDEX, &request) < 0) die("SIOCGIFINDEX");
  return request.ifr_ifindex;
}

static void make_node_of_pairs(struct node *node) {
  static int held;
  if (node->ns != 0) return;
  int ns = make_netns(node->name), fd = open_socket();
  set_lo(1, node->alias);
  flush(fd);
  close(fd);
  node->ns = ns;
  if (held++ < most_held) return;
  close(ns);
  node->ns = -1;
}

static int open_ns(const struct node *node) {
  if (node->ns > 0) return node->ns;
  int fd = open(path_of(node->name), O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(node->name);
  return fd;
}

static void close_ns(const struct node *node, int fd) { if (node->ns != fd) close(fd); }

static int socket_in(const struct node *node) {
  int ns = open_ns(node);
  if (setns(ns, CLONE_NEWNET) < 0) die("setns");
  close_ns(node, ns);
  return open_socket();
}

/* The pairs from `from` to `to`, whose first ends are in one node. A round can end between two of a node's. */
static void make_ends(int from, int to) {
  struct node *node = &nodes[pairs[from].a.node];
  int fd = socket_in(node), index = FIRST_INDEX + node->count;
  node->count += to - from;
  for (int i = from; i < to; i++) {
    const struct end *a = &pairs[i].a, *b = &pairs[i].b;
    int peer = open_ns(&nodes[b->node]);
    add_veth(a->dev, a->mac, index + i - from, b->dev, b->mac, group_node, peer);
    /* The kernel looks the descriptor up when it carries the message out. */
    if (nodes[b->node].ns != peer) flush(fd);
    close_ns(&nodes[b->node], peer);
  }
  flush(fd);
  for (int i = from; i < to; i++) {
    set_end(&pairs[i].a, index + i - from, 0);
    add_address(pairs[i].a.address, pairs[i].a.prefix, index + i - from);
  }
  flush(fd);
  for (int i = from; i < to; i++) checksum_off(fd, pairs[i].a.dev);
  close(fd);
}

/* The other ends that are in one node: `first`, and then by `next`. */
static void raise_others(const struct node *node, int first, const int *next) {
  int fd = socket_in(node);
  for (int i = first; i >= 0; i = next[i]) {
    int index = index_of(pairs[i].b.dev, fd);
    set_end(&pairs[i].b, index, 1);
    add_address(pairs[i].b.address, pairs[i].b.prefix, index);
  }
  flush(fd);
  for (int i = first; i >= 0; i = next[i]) checksum_off(fd, pairs[i].b.dev);
  close(fd);
}

/* Pairs come sorted by the node of their first end. */
static void make_round(int begin, int stop, int *first, int *next) {
  for (int i = begin; i < stop; i++) {
    make_node_of_pairs(&nodes[pairs[i].a.node]);
    make_node_of_pairs(&nodes[pairs[i].b.node]);
  }
  for (int n = 0; n < node_count; n++) first[n] = -1;
  for (int i = stop - 1; i >= begin; i--) { next[i] = first[pairs[i].b.node]; first[pairs[i].b.node] = i; }
  for (int from = begin, to; from < stop; from = to) {
    for (to = from; to < stop && pairs[to].a.node == pairs[from].a.node; to++);
    make_ends(from, to);
  }
  for (int n = 0; n < node_count; n++) if (first[n] >= 0) raise_others(&nodes[n], first[n], next);
}

static void make_pairs(int most) {
  int *first = calloc(node_count, sizeof *first), *next = calloc(pair_count, sizeof *next);
  for (int begin = 0, stop; begin < pair_count; begin = stop) {
    stop = most == 0 || begin + most > pair_count ? pair_count : begin + most;
    make_round(begin, stop, first, next);
  }
}

static void read_pair(const char *line) {
  pairs = realloc(pairs, sizeof *pairs * (pair_count + 1));
  struct end *a = &pairs[pair_count].a, *b = &pairs[pair_count++].b;
  if (sscanf(line, "%*s %d %15s %17s %39s %d %255s %d %15s %17s %39s %d %255s", &a->node, a->dev, a->mac, a->address,
             &a->prefix, a->alias, &b->node, b->dev, b->mac, b->address, &b->prefix, b->alias) != 12) {
    fprintf(stderr, "not a pair: %s", line);
    exit(1);
  }
  for (char *c = a->alias; *c; c++) if (*c == '|') *c = ' ';
  for (char *c = b->alias; *c; c++) if (*c == '|') *c = ' ';
}

static void read_work(void) {
  char line[1024], word[16];
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%15s", word) != 1) continue;
    if (strcmp(word, "switch") == 0) sscanf(line, "%*s %63s %255[^\n]", switch_name, switch_alias);
    else if (strcmp(word, "groups") == 0) sscanf(line, "%*s %u %u %u", &group_node, &group_port, &group_bridge);
    else if (strcmp(word, "node") == 0) {
      nodes = realloc(nodes, sizeof *nodes * (node_count + 1));
      struct node *node = &nodes[node_count++];
      memset(node, 0, sizeof *node);
      sscanf(line, "%*s %63s %255[^\n]", node->name, node->alias);
    } else if (strcmp(word, "link") == 0) {
      struct node *node = &nodes[node_count - 1];
      node->links = realloc(node->links, sizeof *node->links * (node->count + 1));
      struct link *l = &node->links[node->count++];
      if (sscanf(line, "%*s %15s %17s %39s %d %15s %15s %255[^\n]", l->dev, l->mac, l->address, &l->prefix, l->port,
                 l->bridge, l->alias) != 7) { fprintf(stderr, "not a link: %s", line); exit(1); }
    } else if (strcmp(word, "pair") == 0) {
      read_pair(line);
    } else if (strcmp(word, "bridge") == 0) {
      bridges = realloc(bridges, sizeof *bridges * (bridge_count + 1));
      struct bridge *bridge = &bridges[bridge_count++];
      sscanf(line, "%*s %15s %255[^\n]", bridge->name, bridge->alias);
    }
  }
}

/* Raises the limit of descriptors as far as it goes. Returns how many namespaces can be held, some descriptors being for other things. */
static int raise_limit(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur > 1 << 20 ? 1 << 20 : (int)files.rlim_cur - 64;
}

int main(int count, char **words) {
  struct timespec from, to;
  int total = 0, at = 0;
  most_held = raise_limit();
  read_work();
  for (int n = 0; n < node_count; n++) total += nodes[n].count;
  int *masters = calloc(total, sizeof *masters);
  for (int n = 0; n < node_count; n++)
    for (int i = 0; i < nodes[n].count; i++) masters[at++] = bridge_index(nodes[n].links[i].bridge);
  clock_gettime(CLOCK_MONOTONIC, &from);
  int switch_fd = make_netns(switch_name), fd = open_socket();
  write_sysctl("/proc/sys/net/ipv6/conf/all/disable_ipv6");
  write_sysctl("/proc/sys/net/ipv6/conf/default/disable_ipv6");
  set_lo(0, switch_alias);
  flush(fd);
  if (pair_count == 0) for (int n = 0; n < node_count; n++) make_node(&nodes[n], switch_fd);
  if (pair_count > 0) make_pairs(count > 1 ? atoi(words[1]) : 512);
  else make_switch_side(fd, masters);
  clock_gettime(CLOCK_MONOTONIC, &to);
  printf("%.3f\n", (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
  return 0;
}
