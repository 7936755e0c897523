/** Impairments as a user asks for them: up, again, changed, taken away; or, where the kernel has none, what is said. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { kernelHasNetem } from './impaired.ts';

const NEEDS = needs('root', 'program:ip', 'program:tc', 'program:ping');

/** The lab's links; `more` for each node, by its letter. */
function links(lab: TestLab, more: Readonly<Record<string, object>>) {
  return Object.entries(more).map(([letter, fields], n) => {
    return { netns: lab.node(letter).name, bridge: 'lan', ip: `10.8.0.${n + 1}/24`, ...fields };
  });
}

/** Brings the links up: created, changed, unchanged, failed. */
async function up(lab: TestLab, more: Readonly<Record<string, object>>): Promise<readonly number[]> {
  const { created, changed, unchanged, failed } = (await lab.up({ links: links(lab, more) })).links;
  return [created, changed, unchanged, failed];
}

interface Root {
  readonly kind: string;
  readonly handle: string;
  readonly options: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The root qdisc of node a's `eth0`, as tc tells it. */
async function rootOf(lab: TestLab): Promise<Root | undefined> {
  const text = await lab.node('a').exec('tc', '-json', 'qdisc', 'show', 'dev', 'eth0', 'root');
  return (JSON.parse(text) as readonly Root[])[0];
}

async function ping(lab: TestLab): Promise<number> {
  const text = await lab.node('a').exec('ping', '-n', '-c', '1', '-w', '20', '10.8.0.2');
  return Number(/time=([\d.]+) ms/.exec(text)?.[1]);
}

if (kernelHasNetem()) describe('an impaired lab', NEEDS, withNetem);
else describe('an impaired lab, where the kernel lacks netem,', NEEDS, withoutNetem);

function withoutNetem(): void {
  it('fails the impaired link whole, by name; the other one is made, and a link that was there stays as it was', async () => {
    await using lab = testLab('netns', 'i');
    const { name } = lab.node('a');
    const input = JSON.stringify({ lab: lab.name, links: links(lab, { a: { impair: { delay: '10ms' } }, b: {} }) });
    const ran = await linkloom(['up', '-f', '-', '--no-preflight', '--json', '--progress', 'quiet'], { input });
    const { links: counts, failures } = JSON.parse(ran.stdout);
    assert.deepEqual([counts.created, counts.failed, ran.exitCode], [1, 1, 1]);
    assert.deepEqual([failures[0].link, failures[0].code], [`${name}:eth0`, 'E_FEATURE']);
    assert.match(
      failures[0].message,
      /eth0: netem \(sch_netem\): RTM_NEWQDISC .* ENOENT: Specified qdisc kind is unknown/,
    );
    assert.equal(await lab.node('a').link('eth0'), undefined);
    assert.equal((await lab.switches.links()).filter(({ master }) => master === 'lan').length, 1);
    assert.deepEqual(await up(lab, { a: {}, b: {} }), [1, 0, 1, 0]);
    const before = await lab.node('a').link('eth0');
    assert.deepEqual(await up(lab, { a: { netem: 'loss 1%' }, b: {} }), [0, 0, 1, 1]);
    assert.equal((await lab.node('a').link('eth0'))?.ifindex, before?.ifindex);
    await ping(lab);
  });
}

function withNetem(): void {
  const lab = testLab('netns', 'i');
  after(() => lab.down());

  it('comes up impaired, and a second run finds it so', async () => {
    const slow = { a: { impair: { delay: '60ms', loss: '0%' } }, b: {} };
    const input = JSON.stringify({ lab: lab.name, links: links(lab, slow) });
    assert.equal((await linkloom(['up', '-f', '-'], { input })).exitCode, 0);
    const timeMs = await ping(lab);
    assert.ok(timeMs >= 60, `${timeMs}`);
    assert.equal((await rootOf(lab))?.options['delay']?.['delay'], 0.06);
    assert.equal((await linkloom(['plan', '-f', '-', '--detailed-exitcode'], { input })).exitCode, 0);
    assert.deepEqual(await up(lab, slow), [0, 0, 2, 0]);
  });

  it('is changed in place, with the link and the qdisc that are there', async () => {
    const [device, root] = [await lab.node('a').link('eth0'), await rootOf(lab)];
    const lossy = { a: { netem: ['delay 5ms', 'loss 1%'] }, b: {} };
    const { links: planned } = await lab.plan({ links: links(lab, lossy) });
    assert.equal(planned[0]?.cause, 'netem delay 60ms → delay 5ms loss 1%');
    assert.deepEqual(await up(lab, lossy), [0, 1, 1, 0]);
    assert.equal((await lab.node('a').link('eth0'))?.ifindex, device?.ifindex);
    assert.equal((await rootOf(lab))?.handle, root?.handle);
    assert.deepEqual(await up(lab, lossy), [0, 0, 2, 0]);
    const [status] = (await lab.status({ links: links(lab, lossy) })).links;
    assert.deepEqual([status?.observed?.netem?.netem.delayUs, status?.observed?.netem?.netem.loss], [5000, 0.01]);
  });

  it('is mended where somebody changed or removed it, and relieved when it is asked for no more', async () => {
    const lossy = { a: { netem: 'delay 5ms loss 1%' }, b: {} };
    for (const meddle of ['change dev eth0 root netem delay 1s', 'delete dev eth0 root']) {
      await lab.node('a').exec('tc', 'qdisc', ...meddle.split(' '));
      const [status] = (await lab.status({ links: links(lab, lossy) })).links;
      assert.equal(status?.drift.length, 1);
      assert.deepEqual(await up(lab, lossy), [0, 1, 1, 0]);
      assert.equal((await rootOf(lab))?.options['delay']?.['delay'], 0.005);
    }
    assert.deepEqual(await up(lab, { a: {}, b: {} }), [0, 1, 1, 0]);
    assert.equal((await rootOf(lab))?.kind, 'noqueue');
  });

  it('leaves alone what the node itself does to its packets', async () => {
    await lab.node('a').exec('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', '2ms');
    assert.deepEqual(await up(lab, { a: {}, b: {} }), [0, 0, 2, 0]);
    assert.equal((await rootOf(lab))?.options['delay']?.['delay'], 0.002);
  });

  it('impairs both ends of a direct link, a dummy, a device on a parent and a tunnel, each as it asks', async () => {
    const { name } = lab.node('a');
    const configuration = {
      bridges: [{ bridge: 'lan', mode: 'direct' }],
      links: [
        ...links(lab, { a: { impair: { rate: '10mbit' } }, b: { impair: { delay: '3ms' } } }),
        { netns: name, type: 'dummy', dev: 'd0', ip: '192.0.2.1/32', netem: 'limit 7' },
        { netns: name, type: 'macvlan', mode: 'bridge', base: 'local', 'outer-dev': 'd0', dev: 'm0', netem: 'limit 8' },
      ],
      tunnels: [{ type: 'vxlan', bridge: 'far', remote: '192.0.2.2', vni: 7, netem: 'limit 9' }],
    };
    assert.deepEqual((await lab.up(configuration)).failures, []);
    assert.equal((await rootOf(lab))?.options['rate']?.['rate'], 1_250_000);
    const rootAt = (letter: string, dev: string) => lab.node(letter).exec('tc', 'qdisc', 'show', 'dev', dev, 'root');
    assert.match(await rootAt('b', 'eth0'), /netem 4c00: .* delay 3ms/);
    assert.match(await rootAt('a', 'd0'), /netem 4c00: .* limit 7/);
    assert.match(await rootAt('a', 'm0'), /netem 4c00: .* limit 8/);
    assert.match(await lab.switches.exec('tc', 'qdisc', 'show', 'dev', 'vxlan-7', 'root'), /netem 4c00: .* limit 9/);
    assert.deepEqual((await lab.plan(configuration)).ops, []);
  });
}
