#!/usr/bin/busybox sh
# Process 1 of the guest. Its root is this machine's, read-only; the folder that run.ts made is at /run. Puts a layer in memory
# over the root, runs /run/command in it, leaves the exit status in /run/status, and switches the machine off.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs -o size=75% memory /run/memory
mkdir /run/memory/upper /run/memory/work /run/memory/root
insmod /run/kernel/overlay.ko
mount -t overlay -o lowerdir=/,upperdir=/run/memory/upper,workdir=/run/memory/work overlay /run/memory/root
cd /run/memory/root
mkdir -p .vm .old lib/modules proc sys dev run tmp var/lib/docker
mount -o bind /run .vm
mount -o bind /run/kernel/lib/modules lib/modules
while read -r folder; do
  mkdir -p ".$folder"
  mount -o bind "$folder" ".$folder"
done </run/shared
pivot_root . .old
mount -t proc proc /proc
umount -l /.old
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/net
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t mqueue mqueue /dev/mqueue
for folder in /dev/shm /run /var/lib/docker; do mount -t tmpfs tmpfs "$folder"; done
[ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200
ln -sf /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin
ln -sf fd/1 /dev/stdout
ln -sf fd/2 /dev/stderr
mkdir -p /run/lock /run/netns
hostname linkloom-vm
ip link set lo up
# shellcheck disable=SC3045 # busybox has it
ulimit -n 65536
# A pipe in between: programs treat a port, a character device, as a terminal of sorts.
mkfifo /run/output
cat /run/output >"$(echo /dev/vport?p1)" &
reader=$!
status=0
sh /.vm/command </dev/null >/run/output 2>&1 || status=$?
# What was left running may hold the pipe open.
(sleep 2 && kill "$reader") 2>/dev/null &
wait "$reader" || true
echo "$status" >/.vm/status
echo o >/proc/sysrq-trigger
sleep 60
