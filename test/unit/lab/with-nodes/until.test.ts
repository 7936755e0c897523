/** What `wait` waits for: its words, and what /proc says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf } from '../../../../src/lab/with-nodes/until/conditions.ts';
import { hasAddress, listens, type ProcNet } from '../../../../src/lab/with-nodes/until/kernel.ts';

const NONE = { address: [], port: [], path: [], healthy: false };

test('words name what is waited for, in all nodes or in one', () => {
  assert.deepEqual(conditionsOf({ ...NONE, address: ['10.0.0.1', 'r1=FD00::1/64'] }), [
    { kind: 'address', node: null, address: '10.0.0.1' },
    { kind: 'address', node: 'r1', address: 'fd00::1' },
  ]);
  assert.deepEqual(conditionsOf({ ...NONE, port: ['80', 'dns:53/udp', 'netns/a:65535'] }), [
    { kind: 'port', node: null, port: 80, protocol: 'tcp' },
    { kind: 'port', node: 'dns', port: 53, protocol: 'udp' },
    { kind: 'port', node: 'netns/a', port: 65_535, protocol: 'tcp' },
  ]);
  assert.deepEqual(conditionsOf({ ...NONE, path: ['/a:b', 'r1:/x y', 'container/c:/z'], healthy: true }), [
    { kind: 'path', node: null, path: '/a:b' },
    { kind: 'path', node: 'r1', path: '/x y' },
    { kind: 'path', node: 'container/c', path: '/z' },
    { kind: 'healthy', node: null },
  ]);
});

test('words that are none of it are refused by name', () => {
  const wrong = [
    { address: ['10.0.0.256'] },
    { address: ['r1='] },
    { port: ['0'] },
    { port: ['65536'] },
    { port: ['http'] },
    { port: ['a:80/sctp'] },
    { path: ['here'] },
    { path: ['r1:here'] },
  ];
  for (const words of wrong) assert.throws(() => conditionsOf({ ...NONE, ...words }), { code: 'E_USAGE' });
});

/** As a kernel wrote them: a listener on [::]:8080, one on 127.0.0.1:25, a connection from port 9090, a UDP socket on 53. */
const FILES: ProcNet = {
  tcp: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:2382 0100007F:0019 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
`,
  tcp6: `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`,
  udp: `   sl  local_address rem_address   st tx_queue
  339: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 3 2 0 0
`,
  udp6: '',
  fib_trie: `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /24 link UNICAST
     |-- 10.0.0.1
        /32 host LOCAL
     |-- 10.0.0.255
        /32 link BROADCAST
`,
  if_inet6: `00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000001 02 40 00 80     eth0
fe80000000000000c08b06fffea3ea49 02 40 20 c0     eth0
`,
};

test('a port counts when something listens on it, of either family, and of its protocol', () => {
  const found = ([25, 8080, 9090, 53] as const).map((port) => [
    listens(FILES, 'tcp', port),
    listens(FILES, 'udp', port),
  ]);
  assert.deepEqual(found, [
    [true, false],
    [true, false],
    [false, false],
    [false, true],
  ]);
});

test('an address counts when it is local and no longer tentative', () => {
  const asked = ['10.0.0.1', '10.0.0.255', '10.0.0.0', '::1', 'fd00::1', 'fe80::c08b:6ff:fea3:ea49'];
  assert.deepEqual(
    asked.filter((address) => hasAddress(FILES, address)),
    ['10.0.0.1', '::1', 'fd00::1'],
  );
});
