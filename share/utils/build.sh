#!/bin/sh
# Build wait, copy and echo as static programs, which run in images that have nothing else: build.sh FOLDER. The compiler is $CC,
# else cc; it needs the C library's static form (Debian: libc6-dev has it). SPDX-License-Identifier: Apache-2.0
set -eu
out=${1:?the folder that they go to}
src=$(dirname "$0")/src
build() { # $1: the tool; then its other sources
  tool=$1
  shift
  set -- "$src/$tool.c" "$@"
  "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Os -static -s -Wall -Wextra -Wshadow -Wconversion -Werror -o "$out/$tool" "$@"
}
mkdir -p "$out"
build wait "$src/become.c" "$src/resolve.c"
build copy "$src/become.c"
build echo
