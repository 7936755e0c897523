/** ENOBUFS: a listening socket that could not hold all that was said knows it, and says so instead of missing something. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { execa } from 'execa';
import { setsockopt } from '../../../workers/libc.ts';
import { MonitorSocket } from '../../../workers/monitor/socket.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { NetlinkSocket } from '../../../workers/netlink/socket.ts';
import { closeNamespace, enterNew, openNamespace } from '../../../workers/netns.ts';
import { namespaceIdOf } from '../../../workers/rtnl/dump.ts';
import { deleteLink } from '../../../workers/rtnl/link.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

test('the monitor knows when its buffer ran over, and hears again after it', needs('root', 'program:ip'), async () => {
  await using ns = await newNetns();
  const { monitor, ids } = enterNew('test', () => ({ monitor: new MonitorSocket(), ids: new NetlinkSocket() }));
  try {
    const { fd } = openNamespace(ns.id);
    const nsid = namespaceIdOf(ids, fd);
    closeNamespace(fd);
    const heard: number[] = [];
    const drain = (): boolean => monitor.drain((from) => void heard.push(from));
    const devices = Array.from({ length: 60 }, (_, n) => `link add v${n} type veth peer name w${n}`).join('\n');
    await execa('ip', ['-n', ns.name, '-batch', '-'], { input: devices });
    assert.equal(drain(), true);
    assert.ok(heard.length >= 120 && heard.every((from) => from === nsid), `${heard.length}`);
    const tiny = Buffer.alloc(4);
    tiny.writeUInt32LE(2048);
    assert.equal(setsockopt(monitor.fd, SOL_SOCKET, SO_RCVBUF, tiny), 0);
    const ups = Array.from({ length: 60 }, (_, n) => `link set v${n} up`).join('\n');
    await execa('ip', ['-n', ns.name, '-batch', '-'], { input: ups });
    assert.equal(drain(), false);
    heard.length = 0;
    await ns.exec('ip', 'link', 'set', 'v0', 'mtu', '1234');
    assert.equal(drain(), true);
    assert.deepEqual(heard, [nsid]);
  } finally {
    monitor[Symbol.dispose]();
    ids[Symbol.dispose]();
  }
});

test(
  'an answer that found no room is called that, and what may have been done is not done again',
  needs('root'),
  () => {
    const socket = enterNew('test', () => new NetlinkSocket());
    try {
      const tiny = Buffer.alloc(4);
      tiny.writeUInt32LE(2048);
      assert.equal(setsockopt(socket.fd, SOL_SOCKET, SO_RCVBUF, tiny), 0);
      const batch = new MessageBatch();
      for (let n = 0; n < 64; n++) deleteLink(batch, { ifindex: 1000 + n });
      const nacks = socket.transact(batch);
      assert.equal(nacks.length, 64, 'each message has its answer');
      const lost = nacks.filter(({ isLost }) => isLost);
      assert.ok(lost.length > 0);
      assert.deepEqual(new Set(lost.map(({ errno }) => errno)), new Set([constants.errno.ENOBUFS]));
    } finally {
      socket[Symbol.dispose]();
    }
  },
);
