/*
 * How long others wait for RTNL, the kernel's one lock for changes of network devices: in a network namespace of its own it sets `lo`
 * up again and again, which takes the lock and changes nothing, until SIGTERM. Then it prints `COUNT MEDIAN P99 WORST`, in µs.
 * Needs CAP_SYS_ADMIN. Build: gcc -O2 -o rtnl-probe rtnl-probe.c
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000000
#define PAUSE_US 500

static volatile sig_atomic_t over;
static float waits[MOST];

static void end(int signal) {
  (void)signal;
  over = 1;
}

static double now_us(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e6 + at.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  signal(SIGTERM, end);
  signal(SIGINT, end);
  if (unshare(CLONE_NEWNET)) return perror("unshare"), 1;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return perror("socket"), 1;
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
  } request = {
      {sizeof request, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
      {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP},
  };
  char answer[4096];
  int count = 0;
  while (!over && count < MOST) {
    double from = now_us();
    if (send(fd, &request, sizeof request, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0) return perror("netlink"), 1;
    waits[count++] = now_us() - from;
    usleep(PAUSE_US);
  }
  if (count == 0) return 1;
  qsort(waits, count, sizeof *waits, by_size);
  printf("%d %.0f %.0f %.0f\n", count, waits[count / 2], waits[(int)(count * 0.99)], waits[count - 1]);
  return 0;
}
