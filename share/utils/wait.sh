#!/bin/sh
# wait: hold a container's command back until its links, files or peers are there, then become that command.
# Only the shell's builtins and `sleep` are needed; -t also needs nc, socat or bash. Runs in busybox, dash, bash.
# Every option is checked before the first wait, so that a slip is told at once. SPDX-License-Identifier: Apache-2.0
set -u
# As process 1 of a container a shell would ignore these.
trap 'exit 143' TERM
trap 'exit 130' INT

usage() {
  cat <<USAGE
Usage: wait [OPTION ARG]... [-- COMMAND [ARG]...]

Wait for each condition, from left to right; then run COMMAND.

  -f, --file FILE            FILE exists
  -i, --if, --intf DEV       the interface DEV exists
  -I, --ip DEV               DEV has an IPv4 route or a usable IPv6 address
  -t, --tcp HOST:PORT        something listens at HOST:PORT ([ADDRESS]:PORT for IPv6)
  -c, --cmd, --command CMD   sh -c CMD succeeds
  -s, --sleep SECONDS        time between tries of the conditions after it (WAIT_SLEEP, else 1)
  -u, --umask MASK           umask for what comes after it
  -h, --help                 print this

Exit status: that of COMMAND; 0 without one; 1 unknown option; 2 missing or bad argument.
USAGE
}

bad_argument() {
  echo "wait: $1" >&2
  exit 2
}

check_port() { # $1: HOST:PORT
  port=${1##*:}
  case $1 in ?*:*) ;; *) bad_argument "'$1' is not HOST:PORT" ;; esac
  case $port in '' | *[!0-9]* | ??????*) bad_argument "'$port' of '$1' is not a port" ;; esac
  if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then bad_argument "port $port of '$1' is not within 1-65535"; fi
}

# What `sleep` takes everywhere, and with the suffixes of those that take more.
check_seconds() {
  number=${1%[smhd]}
  case $number in '' | *[!0-9.]* | *.*.* | .) bad_argument "'$1' is not a time to sleep" ;; esac
}

check_mask() {
  (umask "$1") 2>/dev/null || bad_argument "'$1' is not a umask"
}

check() {
  while [ $# -gt 0 ]; do
    case $1 in
      --) return ;;
      -h | --help) usage && exit 0 ;;
      -f | --file | -i | --if | --intf | -I | --ip | -t | --tcp | -c | --cmd | --command | -s | --sleep | -u | --umask) ;;
      *) echo "Unknown option: $1" >&2 && exit 1 ;;
    esac
    if [ $# -lt 2 ] || [ "$2" = -- ]; then
      echo "No arg found for type '$1'" >&2
      exit 2
    fi
    case $1 in
      -t | --tcp) check_port "$2" ;;
      -s | --sleep) check_seconds "$2" ;;
      -u | --umask) check_mask "$2" ;;
    esac
    shift 2
  done
}

# /proc/net is of this namespace; /sys may be another's.
interface_exists() {
  while read -r name _; do
    case $name in "$1":*) return 0 ;; esac
  done </proc/net/dev
  return 1
}

# An IPv6 address counts once duplicate detection is through with it (IFA_F_TENTATIVE, IFA_F_DADFAILED) and of global scope.
interface_routes() {
  while read -r name _; do
    [ "$name" != "$1" ] || return 0
  done </proc/net/route
  [ -r /proc/net/if_inet6 ] || return 1
  while read -r _ _ _ scope flags name; do
    if [ "$name" = "$1" ] && [ "$scope" = 00 ] && [ $((0x$flags & 0x48)) = 0 ]; then return 0; fi
  done </proc/net/if_inet6
  return 1
}

# Some busybox nc know no -z; running `true` on the connection does the same.
listens() { # $1: HOST:PORT
  host=${1%:*} port=${1##*:}
  host=${host#[} host=${host%]}
  if command -v nc; then
    nc -z -w 1 "$host" "$port" </dev/null || nc -w 1 "$host" "$port" -e true </dev/null
  elif command -v socat; then
    case $host in *:*) host="[$host]" ;; esac
    socat -T 2 OPEN:/dev/null "TCP:$host:$port,connect-timeout=2"
  else
    # shellcheck disable=SC2016 # bash expands it, and no argument is ever code
    bash -c 'exec 3<>"/dev/tcp/$1/$2"' wait "$host" "$port"
  fi
} >/dev/null 2>&1

has_prober() {
  command -v nc || command -v socat || command -v bash
} >/dev/null

# until_true TYPE ARG TEST...: try until it holds.
until_true() {
  condition="$1 $2"
  shift 2
  until "$@"; do
    echo "Failed: '$condition'. Sleep $interval seconds before retry"
    sleep "$interval" || bad_argument "this system's sleep refuses '$interval'"
  done
}

interval=${WAIT_SLEEP:-1}
check_seconds "$interval"
check "$@"
while [ $# -gt 0 ]; do
  case $1 in
    --) shift && break ;;
    -f | --file) until_true "$1" "$2" [ -e "$2" ] && echo "File '$2' exists" ;;
    -i | --if | --intf) until_true "$1" "$2" interface_exists "$2" && echo "Interface '$2' exists" ;;
    -I | --ip) until_true "$1" "$2" interface_routes "$2" && echo "Interface '$2' has IP/routing" ;;
    -t | --tcp)
      has_prober || bad_argument "$1 needs nc, socat or bash, and none is here"
      until_true "$1" "$2" listens "$2" && echo "TCP listener is reachable at '$2'"
      ;;
    -c | --cmd | --command) until_true "$1" "$2" sh -c "$2" && echo "Command successful: $2" ;;
    -s | --sleep) interval=$2 ;;
    -u | --umask) umask "$2" && echo "Set umask to $2" ;;
  esac
  shift 2
done
[ $# -gt 0 ] || exit 0
echo "Running: $*"
exec "$@"
