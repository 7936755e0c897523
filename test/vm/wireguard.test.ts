/** A lab over hosts that reach each other by WireGuard alone: the machine's own kernel may lack it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { HOSTS, RunningSite } from '../support/cluster/running.ts';
import { wireguard } from '../support/cluster/wireguard.ts';
import { temporaryFolder } from '../support/folder.ts';
import { needs } from '../support/needs.ts';

/** A ring of three wires, one node on each host. */
const links = [0, 1, 2].flatMap((at) => {
  const common = { bridge: `w${at}`, mtu: 1370 };
  return [
    { ...common, netns: `n${at}`, dev: 'right', ip: `10.0.${at}.1/24` },
    { ...common, netns: `n${(at + 1) % 3}`, dev: 'left', ip: `10.0.${at}.2/24` },
  ];
});
const LAB = {
  lab: 'guarded',
  hosts: Object.fromEntries(HOSTS.map((host, at) => [host, { nodes: [`n${at}`] }])),
  bridges: [0, 1, 2].map((at) => ({ bridge: `w${at}`, mode: 'direct' })),
  links,
};

test(
  'wires between hosts go through WireGuard, and nothing else does between them',
  needs('root', 'program:wg'),
  async () => {
    using folder = temporaryFolder('wireguard');
    await using running = await RunningSite.start(wireguard(folder.path));
    const { hosts } = running.site;
    const [nsenter, ...words] = hosts.words(null);
    const bare = spawn(nsenter, [...words, 'tcpdump', '-lnni', 'underlay', 'ip and not udp port 51820'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let seen = '';
    bare.stdout.on('data', (text) => (seen += text));
    await new Promise((resolve) => bare.stderr.once('data', resolve));
    await running.up(LAB, 'h1', '--wait', '120');
    const large = ['-M', 'do', '-s', String(1370 - 28)];
    for (const [at, host] of HOSTS.entries())
      await hosts.exec(host, 'ip', ['netns', 'exec', `n${at}`, 'ping', '-n', '-c', '2', ...large, `10.0.${at}.2`]);
    const { stdout } = await running.must('h2', 'verify', '--lab', 'guarded', '--json');
    const { counts } = JSON.parse(stdout) as { readonly counts: { readonly links: number; readonly ok: number } };
    assert.deepEqual([counts.links, counts.ok], [6, 6]);
    await running.down('guarded');
    bare.kill('SIGINT');
    await new Promise((resolve) => bare.once('exit', resolve));
    assert.equal(seen, '');
  },
);
