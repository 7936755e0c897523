/* Writes rtnetlink messages into one buffer, sends them together and reads their acknowledgements (netlink(7)). */
#ifndef MESSAGES_H
#define MESSAGES_H
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static char buffer[1 << 20];
static size_t used;
static int waiting;

static void die(const char *what) { perror(what); exit(1); }

static struct nlmsghdr *begin(int type, int flags, const void *body, size_t size) {
  struct nlmsghdr *header = (struct nlmsghdr *)(buffer + used);
  memset(header, 0, sizeof *header);
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  header->nlmsg_seq = ++waiting;
  memcpy(NLMSG_DATA(header), body, size);
  used += NLMSG_SPACE(size);
  return header;
}

static struct rtattr *attribute(int type, const void *data, size_t size) {
  struct rtattr *attr = (struct rtattr *)(buffer + used);
  attr->rta_type = type;
  attr->rta_len = RTA_LENGTH(size);
  if (size > 0) memcpy(RTA_DATA(attr), data, size);
  used += RTA_SPACE(size);
  return attr;
}
static void text(int type, const char *value) { attribute(type, value, strlen(value) + 1); }
static void number(int type, unsigned int value) { attribute(type, &value, sizeof value); }
static void close_nest(struct rtattr *attr) { attr->rta_len = buffer + used - (char *)attr; }
static void end(struct nlmsghdr *header) { header->nlmsg_len = buffer + used - (char *)header; }

/* Send what has been written and read every acknowledgement. */
static void flush(int fd) {
  static char answer[1 << 16];
  if (used == 0) return;
  if (send(fd, buffer, used, 0) < 0) die("send");
  while (waiting > 0) {
    ssize_t size = recv(fd, answer, sizeof answer, 0);
    if (size < 0) die("recv");
    for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
      int error = h->nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
      if (error) { fprintf(stderr, "message %u: %s\n", h->nlmsg_seq, strerror(-error)); exit(1); }
      waiting--;
    }
  }
  used = 0;
}

static int open_socket(void) {
  int on = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) die("socket");
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return fd;
}

#endif
