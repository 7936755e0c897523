/** What tests of netem share: impairments as operations, and two nodes with a wire between them. */

import { execFileSync } from 'node:child_process';
import type { NsId } from '../../../src/net/ns-id.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseNetem } from '../../../src/topology/text/netem.ts';
import type { Netem } from '../../../src/topology/values.ts';
import { MADE } from '../../../src/wire/device-ref.ts';
import type { QdiscNetem } from '../../../src/wire/ops/traffic.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, veth } from '../ops/ops.ts';

let known: boolean | null = null;

/** Whether the kernel has netem; asking loads the module. The same files prove what one does that has, and what one says that has not. */
export function kernelHasNetem(): boolean {
  known ??= tries('tc qdisc add dev lo root netem');
  return known;
}

function tries(script: string): boolean {
  try {
    execFileSync('unshare', ['--net', 'sh', '-c', script], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** As tc-netem(8) has it; throws where it is wrong. */
export function netem(text: string): Netem {
  const parsed = parseNetem(text);
  if (isFault(parsed)) throw new Error(parsed.message);
  return parsed;
}

/** The operation that impairs (null: relieves) `eth0` of a namespace. */
export function impair(ns: NsId, text: string | null): QdiscNetem {
  const device = { ns, link: 'node:eth0', dev: 'eth0', ifindex: MADE } as const;
  const wanted = text === null ? null : netem(text);
  return {
    op: 'qdisc.netem',
    ...device,
    cause: 'test',
    netem: wanted,
    by: 'configuration',
    handle: null,
    undo: false,
    stacked: false,
  };
}

export interface Pair extends AsyncDisposable {
  readonly a: Netns;
  readonly b: Netns;
}

/** Two nodes and a veth between their `eth0`s, 10.0.0.1 and 10.0.0.2. Without IPv6: its own packets would be among those that are counted. */
export async function pair(): Promise<Pair> {
  const [a, b] = await Promise.all([newNetns('a'), newNetns('b')]);
  for (const { exec } of [a, b]) await exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  const failures = applyJob(a.id, [veth(a.id, 'eth0', b.id, 'eth0', { addresses: ['10.0.0.1/24'] })]);
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  await b.exec('ip', 'address', 'add', '10.0.0.2/24', 'dev', 'eth0');
  await b.exec('ip', 'link', 'set', 'eth0', 'up');
  await Promise.all([a.untilUp('eth0'), b.untilUp('eth0')]);
  const dispose = async () => {
    await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  };
  return { a, b, [Symbol.asyncDispose]: dispose };
}
