/*
 * Sends small Ethernet frames out of a device at a steady rate: `sender DEV FRAMES_PER_SECOND SECONDS`. Frames have 60 bytes, the
 * experimental ethertype 0x88B5, and a number from 0 on. Ends when the time is over, and prints how many the kernel
 * took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME 60
#define BATCH 64

static uint64_t now_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  uint64_t rate = strtoull(argv[2], NULL, 10), lasts_ns = strtoull(argv[3], NULL, 10) * 1000000000ull;
  uint64_t total = rate * (lasts_ns / 1000000000ull);
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1])};
  if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0) {
    perror(argv[1]);
    return 1;
  }
  static unsigned char frames[BATCH][FRAME];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    memset(frames[i], 0xff, 6);
    memcpy(frames[i] + 6, "\x02\x00\x00\x00\x00\x01\x88\xb5", 8);
    parts[i] = (struct iovec){frames[i], FRAME};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  uint64_t start = now_ns(), sent = 0;
  while (sent < total) {
    uint64_t spent = now_ns() - start;
    // A little more, in which a steady rate that was held up is caught up with.
    if (spent > lasts_ns + lasts_ns / 5) break;
    uint64_t due = spent * rate / 1000000000ull;
    if (due > total) due = total;
    if (due - sent < BATCH && due < total) {
      usleep(200);
      continue;
    }
    unsigned batch = due - sent < BATCH ? (unsigned)(due - sent) : BATCH;
    for (unsigned i = 0; i < batch; i++) {
      uint32_t number = htonl((uint32_t)(sent + i));
      memcpy(frames[i] + 14, &number, 4);
    }
    int done = sendmmsg(fd, messages, batch, 0);
    if (done < 0 && errno != ENOBUFS) {
      perror("sendmmsg");
      return 1;
    }
    if (done > 0) sent += (unsigned)done;
  }
  printf("%llu\n", (unsigned long long)sent);
  return 0;
}
