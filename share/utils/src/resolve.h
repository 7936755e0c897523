/* Addresses of a host. SPDX-License-Identifier: Apache-2.0 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stddef.h>
#include <sys/socket.h>

enum { MAX_ADDRESSES = 16 };

/*
 * The addresses of HOST, each with the port: HOST itself where it is one (`fe80::1%eth0` too), else those of /etc/hosts, else
 * those that the name servers of /etc/resolv.conf know, asked anew each time, a second each. Returns how many. (A static
 * program can't use the C library's own resolver: that loads parts of itself at run time.)
 */
size_t resolve(const char *host, int port, struct sockaddr_storage addresses[MAX_ADDRESSES]);

#endif
