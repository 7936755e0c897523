#!/bin/sh
# share.sh ROOT EXCHANGE KERNEL REPOSITORY SOCKET: in a mount namespace of its own, show this machine's files to a guest at
# SOCKET: / (and the mount that REPOSITORY is on) read-only, EXCHANGE at /run, KERNEL at /run/kernel, and what EXCHANGE/shared lists writable.
set -eu
root=$1 exchange=$2 kernel=$3 repository=$4 socket=$5
read_only() {
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
}
mount --make-rprivate /
read_only / "$root"
mounted=$(findmnt --noheadings --output TARGET --target "$repository")
[ "$mounted" = / ] || read_only "$mounted" "$root$mounted"
mount --bind "$exchange" "$root/run"
read_only "$kernel" "$root/run/kernel"
while read -r folder; do mount --bind "$folder" "$root$folder"; done <"$exchange/shared"
exec /usr/lib/qemu/virtiofsd --socket-path="$socket" -o source="$root" -o cache=always
