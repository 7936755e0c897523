/** Requests for data: answers that did not fit, tables that change meanwhile, and who takes what of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renameAsleep } from '../../../workers/nat/uplink.ts';
import { dump } from '../../../workers/netlink/ask.ts';
import { ERRNO } from '../../../workers/netlink/errors.ts';
import type { NetlinkSocket, QueryEnd } from '../../../workers/netlink/socket.ts';

const WHOLE: QueryEnd = { errno: 0, message: '', interrupted: false };
const CHANGED: QueryEnd = { ...WHOLE, interrupted: true };
const CUT: QueryEnd = { ...WHOLE, errno: ERRNO.EMSGSIZE };

/** Ends one query after the other so, the last of them again and again; each answer holds its number. */
function socketOf(...ends: readonly QueryEnd[]) {
  const told = { queries: 0, sent: 0 };
  const socket: Pick<NetlinkSocket, 'query' | 'transact'> = {
    query: (_batch, onMessage) => {
      const payload = Buffer.alloc(12);
      payload[0] = told.queries;
      onMessage(0, payload, 0, payload.length);
      return ends[Math.min(told.queries++, ends.length - 1)] ?? WHOLE;
    },
    transact: () => {
      told.sent++;
      return [];
    },
  };
  return { told, socket: socket as NetlinkSocket };
}

const numbers = (socket: NetlinkSocket, unsure?: 'taken' | 'fault'): number[] =>
  dump(
    socket,
    'RTM_GETROUTE',
    (batch) => {
      batch.begin(0, 0);
      batch.end();
    },
    (bytes, start) => bytes[start] ?? null,
    unsure,
  );

describe('a dump', () => {
  test('that did not fit, or during which something changed, is made again, and only the last counts', () => {
    assert.deepEqual(numbers(socketOf(CUT, CHANGED, WHOLE).socket), [2]);
  });

  test('during which something changes each time is taken, or is a fault, as the caller says', () => {
    assert.deepEqual(numbers(socketOf(CHANGED).socket), [4]);
    assert.throws(() => numbers(socketOf(CHANGED).socket, 'fault'), { call: 'RTM_GETROUTE', errno: ERRNO.EINTR });
  });

  test('that is refused is a fault', () => {
    const refused = { errno: ERRNO.EPERM, message: 'no', interrupted: false };
    assert.throws(() => numbers(socketOf(refused).socket), { errno: ERRNO.EPERM, detail: 'no' });
  });
});

test('a device whose routes can’t be read whole is not set down', () => {
  const { socket, told } = socketOf(CHANGED);
  assert.throws(() => renameAsleep(socket, { dev: 'eth0', to: 'DOCKER-ETH0', ifindex: 7 }), { errno: ERRNO.EINTR });
  assert.equal(told.sent, 0);
});
