/**
 * Each finding provoked once on this kernel, and shown with its words. Settings of the whole machine are not changed: a lab is made that
 * exceeds them, or another file lies on theirs in a mount namespace of the test's own.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { DiagnosticCode } from '../../../src/diagnostics/table.ts';
import { BIN, NEUTRAL } from '../../support/bin.ts';
import { needs } from '../../support/needs.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

interface Found {
  readonly code: DiagnosticCode;
  readonly severity: string;
  readonly message: string;
  readonly hint: string | null;
  readonly links: readonly string[];
}

const NO_ENGINE = ['--docker-socket', '/nonexistent/docker', '--podman-socket', '/nonexistent/podman'];
/** The machine's own namespace, with the settings that are there once. Nothing is changed in it. */
const HOST_NET = ['nsenter', `--net=${machineNamespace()}`];

/** That of the furthest ancestor that can be looked at: suites have a namespace of their own. */
function machineNamespace(): string {
  let found = '/proc/self/ns/net';
  for (let pid = process.ppid; pid > 0; ) {
    try {
      readlinkSync(`/proc/${pid}/ns/net`);
      found = `/proc/${pid}/ns/net`;
      pid = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      break;
    }
  }
  return found;
}

/** Files that lie on settings of the machine. */
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'preflight-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** `links` nodes with a link each to the bridge `b`. */
function lan(count: number, more: (index: number) => object = () => ({}), bridge: object = { mode: 'linux' }): object {
  const links = Array.from({ length: count }, (_, i) => ({ netns: `pf${i}`, dev: 'eth0', bridge: 'b', ...more(i) }));
  return { lab: 'pf', links, bridges: [{ bridge: 'b', ...bridge }] };
}

/** `count` nodes, each with a link to each of `bridges` bridges. */
function lans(bridges: number, count: number): object {
  const names = Array.from({ length: bridges }, (_, b) => `b${b}`);
  const nodes = Array.from({ length: count }, (_, i) => `pf${i}`);
  const links = names.flatMap((bridge, b) => nodes.map((netns) => ({ netns, dev: `eth${b}`, bridge })));
  return { lab: 'pf', links, bridges: names.map((bridge) => ({ bridge, mode: 'linux' })) };
}

interface Way {
  /** Commands before, in a network and a mount namespace of their own, each a list of words. */
  readonly setUp?: readonly (readonly string[])[];
  /** What runs linkloom, such as `prlimit --nofile=128`. */
  readonly by?: readonly string[];
  readonly words?: readonly string[];
}

async function linkloom(verb: string, lab: object | null, { setUp = [], by = [], words = [] }: Way) {
  const own = [
    ...by,
    process.execPath,
    BIN,
    verb,
    ...NO_ENGINE,
    ...words,
    '--json',
    ...(lab === null ? [] : ['-f', '-']),
  ];
  const script = [...setUp.map(quoted), `exec ${quoted(own)}`].join(' && ');
  const result = await execa(
    'unshare',
    ['--mount', '--net', '--propagation', 'private', 'sh', '-c', `ip link set lo up && ${script}`],
    {
      ...(lab === null ? { stdin: 'ignore' as const } : { input: JSON.stringify(lab) }),
      reject: false,
      env: NEUTRAL,
      timeout: 60_000,
    },
  );
  assert.notEqual(result.stdout, '', result.stderr);
  return { exitCode: result.exitCode, document: JSON.parse(result.stdout), stderr: result.stderr };
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** A file with this text lies on another, for linkloom alone. */
function instead(path: string, text: string): readonly string[] {
  const file = join(folder, path.replaceAll('/', '_'));
  writeFileSync(file, text);
  return ['mount', '--bind', file, path];
}

interface Row extends Way {
  readonly code: DiagnosticCode;
  readonly lab: object | null;
  readonly exit: number;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const CHAIN = '{ type filter hook forward priority 0; policy drop; }';
const OWN = ['--switch', 'own'];
const addressed = (i: number): object => ({ ip: `10.${i >> 8}.${i & 255}.1/16` });

const ROWS: readonly Row[] = [
  {
    code: 'kernel-old',
    lab: null,
    by: ['setarch', '--uname-2.6'],
    exit: 1,
    message: /^this kernel is Linux 2\.6\.\d+.*, and 5\.10 is the oldest that will do$/,
  },
  {
    code: 'capability-missing',
    lab: null,
    by: ['setpriv', '--bounding-set=-net_admin,-sys_admin', '--inh-caps=-all'],
    exit: 3,
    message: /^CAP_NET_ADMIN and CAP_SYS_ADMIN missing: links can not be made$/,
    hint: /cap_add: \[NET_ADMIN, SYS_ADMIN\]/,
  },
  {
    code: 'capability-useful',
    lab: null,
    by: ['setpriv', '--bounding-set=-net_broadcast', '--inh-caps=-all'],
    exit: 0,
    message: /^CAP_NET_BROADCAST missing: a daemon hears no changes/,
  },
  {
    code: 'engine-missing',
    lab: {
      lab: 'pf',
      links: [{ container: 'web', dev: 'eth0', bridge: 'b' }],
      bridges: [{ bridge: 'b', mode: 'linux' }],
    },
    exit: 3,
    message: /^Failed to start either docker or podman client/,
    hint: /is the engine running/,
  },
  {
    code: 'lab-refused',
    lab: lan(2, undefined, { mode: 'ovs' }),
    by: ['env', 'PATH=/nonexistent'],
    exit: 1,
    message: /^bridge b mode is 'ovs', but/,
  },
  {
    code: 'link-blocked',
    lab: lan(2),
    setUp: [
      ['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run/netns'],
      ['ip', 'netns', 'add', 'pf0'],
      ['ip', '-n', 'pf0', 'link', 'add', 'eth0', 'type', 'bridge'],
    ],
    exit: 1,
    message: /^pf0:eth0: /,
  },
  {
    code: 'descriptors-short',
    lab: lan(120),
    by: ['prlimit', '--nofile=128:128'],
    exit: 1,
    message: /^up to \d+ file descriptors are open at a time for this lab, and 128 may be/,
    hint: /^`ulimit -n 512`/,
  },
  {
    code: 'namespaces-short',
    lab: lan(20),
    by: [
      'unshare',
      '--user',
      '--map-root-user',
      '--net',
      'sh',
      '-c',
      'echo 9 > /proc/sys/user/max_net_namespaces && exec "$@"',
      'sh',
    ],
    exit: 1,
    message: /^the lab makes 21 network namespaces, .* and the kernel allows 9 \(user\.max_net_namespaces\)$/,
    hint: /^`sysctl -w user\.max_net_namespaces=\d+`$/,
  },
  {
    code: 'memory-short',
    lab: lan(100),
    setUp: [],
    exit: 1,
    message: /^the kernel needs some 3\d MiB for the devices of this lab, and 20 MiB are available$/,
  },
  {
    code: 'memory-tight',
    lab: lan(100),
    exit: 0,
    message: /^the kernel needs some 3\d MiB for the devices of this lab; 40 MiB are available$/,
  },
  {
    code: 'memory-expected',
    lab: lan(60),
    exit: 0,
    message: /^the kernel needs some \d+ MiB for the devices of this lab; .* are available$/,
  },
  {
    code: 'backlog-short',
    lab: lan(1010),
    by: HOST_NET,
    exit: 0,
    message: /^bridge b copies a broadcast to 1009 ports at once, of which a processor's queue takes \d+/,
    hint: /^`sysctl -w net\.core\.netdev_max_backlog=2048`$/,
  },
  {
    code: 'neighbours-short',
    lab: lan(1040, (i) => ({ ...addressed(i), bridge: i % 2 === 0 ? 'b' : 'c' })),
    by: HOST_NET,
    exit: 0,
    message: /^1040 IPv4 links of the lab have a neighbour each at least/,
  },
  {
    code: 'neighbours-mesh',
    lab: lan(40, addressed),
    by: HOST_NET,
    exit: 0,
    message: /^if all nodes talk to all others of their bridges, they have 1560 IPv4 neighbours, .* takes 1024/,
  },
  {
    code: 'conntrack-short',
    lab: lan(800, (i) => (i === 0 ? { nat: '10.0.0.1', ip: '10.1.0.1/16' } : {})),
    words: OWN,
    exit: 0,
    message: /makes 319600, and the kernel takes 262144 \(net\.netfilter\.nf_conntrack_max\)$/,
  },
  {
    code: 'bridge-firewalled',
    lab: lan(2),
    setUp: [
      ['nft', 'add', 'table', 'ip', 'filter'],
      ['nft', 'add', 'chain', 'ip', 'filter', 'FORWARD', CHAIN],
      ['sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1'],
    ],
    words: OWN,
    exit: 0,
    message: /\(ip filter FORWARD\), as bridge-nf-call-iptables is on/,
    hint: /^`sysctl -w net\.bridge\.bridge-nf-call-iptables=0`/,
  },
  {
    code: 'firewall-in-path',
    lab: lan(2),
    setUp: [
      ['nft', 'add', 'table', 'bridge', 'guard'],
      ['nft', 'add', 'chain', 'bridge', 'guard', 'forward', CHAIN],
    ],
    words: OWN,
    exit: 0,
    message: /^bridged packets of the lab go through the chain forward of the table bridge guard, which drops/,
    hint: /^`nft insert rule bridge guard forward meta ibrname b accept`$/,
  },
  {
    code: 'console-noisy',
    lab: lan(64),
    exit: 0,
    message: /^64 ports will write to the kernel's console, as its level is 7/,
  },
  {
    code: 'mtu-mixed',
    lab: lan(2, (i) => ({ mtu: i === 0 ? 9000 : 1500 })),
    exit: 0,
    message: /^bridge b: pf0:eth0 has an MTU of 9000, and pf1:eth0 a smaller one \(1500\)/,
  },
  {
    code: 'mtu-above-underlay',
    lab: { ...lan(2, () => ({ mtu: 1500 })), tunnels: [{ type: 'vxlan', bridge: 'b', remote: '192.0.2.9', vni: 7 }] },
    setUp: [
      ['ip', 'link', 'add', 'up0', 'mtu', '1500', 'type', 'veth', 'peer', 'name', 'up1'],
      ['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'up0'],
      ['ip', 'link', 'set', 'up0', 'up'],
    ],
    exit: 0,
    message:
      /^packets of pf0:eth0, pf1:eth0 \(MTU 1500\) do not fit the vxlan tunnel to 192\.0\.2\.9: up0 takes 1500, of which 50 are headers$/,
    hint: /^`mtu: 1450` for the links of bridge b$/,
  },
  {
    code: 'pids-short',
    lab: {
      lab: 'pf',
      nodes: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`n${i}`, { image: 'busybox' }])),
    },
    exit: 3,
    message:
      /^40 containers and 0 programs of `run:` need some 520 processes and threads, .* and the kernel allows 400$/,
    hint: /^`sysctl -w kernel\.pid_max=/,
  },
  {
    code: 'mtu-above-parent',
    lab: {
      lab: 'pf',
      links: [
        { netns: 'pf0', dev: 'eth0', bridge: 'b', mtu: 1500 },
        { netns: 'pf0', dev: 'm0', type: 'macvlan', base: 'local', 'outer-dev': 'eth0', mtu: 9000 },
      ],
    },
    exit: 1,
    message: /^pf0:m0 is to have an MTU of 9000, and its parent eth0 has 1500$/,
  },
  { code: 'bridges-of-two', lab: lans(20, 2), exit: 0, message: /^20 bridges tie two links each: `up` [\d.]+ s/ },
  {
    code: 'time-expected',
    // Large enough for more than a second on a machine five times as fast as the one of the estimates.
    lab: lans(8, 1000),
    exit: 0,
    message: /^`up` will take some/,
  },
];

/** Files that lie on the machine's own, by the finding that they provoke. */
const INSTEAD: Partial<Record<DiagnosticCode, readonly [path: string, text: string]>> = {
  'memory-short': ['/proc/meminfo', `MemTotal: 99999 kB\nMemAvailable: ${20 * 1024} kB\n`],
  'memory-tight': ['/proc/meminfo', `MemTotal: 99999 kB\nMemAvailable: ${40 * 1024} kB\n`],
  'pids-short': ['/proc/sys/kernel/pid_max', '400\n'],
  'console-noisy': ['/proc/sys/kernel/printk', '7\t4\t1\t7\n'],
};

const NEEDS = needs('root', 'program:ip', 'program:nft', 'program:setpriv', 'program:setarch', 'program:prlimit');

describe('findings, provoked', { timeout: 240_000, ...NEEDS }, () => {
  for (const { code, lab, exit, message, hint, setUp = [], ...way } of ROWS) {
    it(code, async () => {
      const file = INSTEAD[code];
      const steps = file === undefined ? setUp : [...setUp, instead(...file)];
      const { document, exitCode, stderr } = await linkloom('doctor', lab, { ...way, setUp: steps });
      const findings = document.findings as readonly Found[];
      const found = findings.find((one) => one.code === code);
      assert.ok(found, `${JSON.stringify(document)}\n${stderr}`);
      assert.match(found.message, message);
      if (hint) assert.match(found.hint ?? '', hint);
      assert.equal(exitCode, exit, JSON.stringify(findings));
    });
  }
});

/** A type that this kernel lacks, and that a lab can be made of. */
const LACKED = kernelHasNetem() ? null : { impair: { delay: '10ms' } };

/** Namespaces that `up` makes are in a directory of their own. */
const own = ['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run/netns'];

describe('a feature that the kernel lacks', { timeout: 60_000, ...NEEDS }, () => {
  const lab = lan(3, (i) => (i < 2 && LACKED !== null ? LACKED : {}));

  it('is told with its links and its module, and refuses `up` before anything is made', async (context) => {
    if (LACKED === null) return context.skip('this kernel has netem');
    const told = await linkloom('doctor', lab, {});
    const found = (told.document.findings as readonly Found[]).find(({ code }) => code === 'feature-missing');
    assert.deepEqual(found?.links, ['pf0:eth0', 'pf1:eth0']);
    assert.match(
      found?.message ?? '',
      /^this kernel has no netem \(module sch_netem, .*\), which pf0:eth0, pf1:eth0 need$/,
    );
    assert.equal(told.exitCode, 1);
    const refused = await linkloom('up', lab, { setUp: [own] });
    assert.equal(refused.exitCode, 3);
    assert.equal(refused.document.error.code, 'E_FEATURE');
    assert.match(refused.document.error.message, /nothing has been touched$/);
  });

  it('fails its links alone with --no-preflight', async (context) => {
    if (LACKED === null) return context.skip('this kernel has netem');
    const { document, exitCode } = await linkloom('up', lab, { setUp: [own], words: ['--no-preflight'] });
    assert.equal(exitCode, 1);
    assert.deepEqual([document.links.created, document.links.failed], [1, 2]);
  });
});

describe('a limit', { timeout: 60_000, ...NEEDS }, () => {
  it('refuses `up` with E_LIMIT; a warning does not', async () => {
    const meminfo = instead('/proc/meminfo', 'MemTotal: 99999 kB\nMemAvailable: 9999 kB\n');
    const short = await linkloom('up', lan(60), { setUp: [own, meminfo] });
    assert.deepEqual([short.exitCode, short.document.error.code], [3, 'E_LIMIT']);
    assert.equal(short.document.error.diagnostics[0].code, 'memory-short');
    const twoSizes = lan(2, (i) => ({ mtu: i === 0 ? 9000 : 1500 }));
    const mixed = await linkloom('up', twoSizes, { setUp: [own] });
    assert.equal(mixed.exitCode, 0);
    assert.match(mixed.stderr, /\[mtu-mixed\]/);
  });
});
