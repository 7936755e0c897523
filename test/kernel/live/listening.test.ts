/** The monitor says when it listens: what is there has been seen by then, and what happens after that is told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LinkMonitor } from '../../../src/engine/threads/monitor.ts';
import { namedNs } from '../../../src/net/ns-id.ts';
import type { Seen } from '../../../src/wire/monitor.ts';
import { until } from '../../support/daemon/fake-lab.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';

const GROUP = 0x4c00_7e57;

function monitorInto(seen: Seen[], deaf: string[] = []): LinkMonitor {
  return new LinkMonitor({
    group: GROUP,
    onHeard: () => {},
    onSeen: (more) => seen.push(...more),
    onOverrun: () => {},
    onDeaf: (why) => deaf.push(why),
  });
}

describe('listening', needs('root', 'program:ip'), () => {
  it('has seen what is there, and tells what is changed from then on', async () => {
    await using netns = await newNetns();
    await netns.exec('ip', 'link', 'add', 'w0', 'group', String(GROUP), 'type', 'veth', 'peer', 'name', 'w1');
    const seen: Seen[] = [];
    await using monitor = monitorInto(seen);
    await monitor.listen([{ ns: namedNs(netns.name), role: 'node' }]);
    assert.deepEqual(
      seen.flatMap((one) =>
        one.seen === 'namespace' ? one.devices.map(({ ifname, up }) => [ifname, up]) : [one.seen],
      ),
      [['w0', false]],
    );
    await netns.exec('ip', 'link', 'set', 'w0', 'mtu', '1400');
    await until('the MTU is told', () => seen.some((one) => one.seen === 'device' && one.device.mtuBytes === 1400));
  });

  it('ends for each of several orders, for a namespace that is not there, and where the monitor ends first', async () => {
    const monitor = monitorInto([]);
    await Promise.all([monitor.listen([]), monitor.listen([{ ns: namedNs('nowhere'), role: 'node' }])]);
    const last = monitor.listen([]);
    await monitor[Symbol.asyncDispose]();
    await last;
  });
});
