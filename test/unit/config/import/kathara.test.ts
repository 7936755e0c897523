/** What Kathara's manual says of lab.conf, lab.dep, lab.ext and the files beside them, and what an import makes of it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { importLab } from '../../../../src/config/import/import.ts';
import { NO_OPTIONS } from '../../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../../src/config/import/surroundings.ts';
import { temporaryFolder } from '../../../support/folder.ts';

type Part = Readonly<Record<string, unknown>>;

/** Imports lines of a lab.conf, with other files beside it; a name that ends in / is a folder. */
async function imported(lines: readonly string[], files: Readonly<Record<string, string>> = {}) {
  using folder = temporaryFolder('kathara');
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(folder.path, name));
    else writeFileSync(join(folder.path, name), text);
  }
  const around = surroundingsOf(folder.path, folder.path, () => undefined);
  const request = { file: 'lab.conf', text: lines.join('\n'), format: null, options: NO_OPTIONS, around } as const;
  const lab = await importLab(request);
  return {
    document: lab.document(),
    pc1: (lab.document()['nodes'] as Record<string, Part> | undefined)?.['pc1'] ?? {},
    said: lab.notes.inOrder.map(
      ({ severity, message, where }) => `${severity} ${where?.file ?? '-'}:${where?.line ?? '-'}: ${message}`,
    ),
  };
}

/** Lines of a lab.conf, the keys of pc1 that they become, and what is said of them. */
const SETTINGS: readonly (readonly [lines: readonly string[], keys: Part, said: readonly string[]])[] = [
  [['pc1[image]="a/b:1"'], { image: 'a/b:1' }, []],
  [['pc1[mem]=64'], { memory: '64m' }, []],
  [['pc1[mem]="128M"'], { memory: '128m' }, []],
  [
    ['pc1[0]=A', 'pc1[mem]=lots'],
    { memory: undefined },
    [
      'warning lab.conf:2: memory of pc1 is not carried over: its value is no amount of memory: write 512m, 2g or a number of bytes',
    ],
  ],
  [['pc1[cpus]=1.5'], { cpus: '1.5' }, []],
  [['pc1[port]=80'], { ports: ['3000:80'] }, []],
  [['pc1[port]="2000:500/UDP"', 'pc1[port]=80'], { ports: ['2000:500/udp', '3000:80'] }, []],
  [
    ['pc1[port]=80', 'pc1[port]="3000:81/tcp"'],
    { ports: ['3000:81/tcp'] },
    ['warning lab.conf:1: port "80" of pc1 is not carried over: line 2 sets it again'],
  ],
  [
    ['pc1[port]=http'],
    { ports: undefined },
    ['warning lab.conf:1: port of pc1 is not carried over: "http" is no port: it is [HOST:]GUEST[/tcp|udp|sctp]'],
  ],
  [['pc1[bridged]=t'], { network: 'bridge' }, []],
  [['pc1[bridged]=false'], { network: undefined }, []],
  [
    ['pc1[0]=A', 'pc1[bridged]=true'],
    { network: undefined },
    ["warning lab.conf:2: bridged of pc1 is not carried over: the engine's interface would be eth0, which a link has"],
  ],
  [['pc1[ipv6]=maybe'], {}, ['warning lab.conf:1: ipv6 of pc1 is not carried over: "maybe" is neither true nor false']],
  [['pc1[ipv6]="True"'], { sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' } }, []],
  [
    ['pc1[ipv6]=1', 'pc1[sysctl]="net.ipv4.tcp_rmem=4096 87380 6291456"', 'pc1[sysctl]="net.ipv4.ip_forward=0"'],
    {
      sysctls: {
        'net.ipv4.ip_forward': '0',
        'net.ipv6.conf.all.forwarding': '1',
        'net.ipv4.tcp_rmem': '4096 87380 6291456',
      },
    },
    [],
  ],
  [
    ['pc1[sysctl]="kernel.panic=1"', 'pc1[sysctl]="net/ipv4/ip_forward=1"', 'pc1[sysctl]="net.core"'],
    {},
    [
      'warning lab.conf:1: sysctl of pc1 is not carried over: "kernel.panic=1" does not begin with "net.": it would be a setting of the host',
      'warning lab.conf:2: sysctl of pc1 is not carried over: "net/ipv4/ip_forward=1" is not NAME=VALUE, with dots in the name',
      'warning lab.conf:3: sysctl of pc1 is not carried over: "net.core" is not NAME=VALUE, with dots in the name',
    ],
  ],
  [
    ['pc1[env]="A=1"', "pc1[env]='B=x=y'", 'pc1[env]="A=2"', 'pc1[env]=C'],
    { env: { A: '2', B: 'x=y' } },
    [
      'warning lab.conf:1: env "A=1" of pc1 is not carried over: line 3 sets it again',
      'warning lab.conf:4: env of pc1 is not carried over: "C" is not NAME=VALUE',
    ],
  ],
  [
    ['pc1[exec]="echo Hi"', 'pc1[exec]="echo a#b"', 'pc1[exec]=echo a#b', 'pc1[exec]="ulimit -n 64" # open files'],
    {
      exec: [
        ['echo', 'Hi'],
        ['sh', '-c', 'echo a#b'],
        ['sh', '-c', 'echo a#b'],
        ['sh', '-c', 'ulimit -n 64'],
      ],
    },
    [],
  ],
  [
    ['pc1[shell]=/bin/sh', 'pc1[num_terms]=2', 'pc1[ulimit]="memlock=-1:-1"', 'pc1[color]=red'],
    {},
    [
      'warning lab.conf:1: shell of pc1 is not carried over',
      'warning lab.conf:2: num_terms of pc1 is not carried over',
      'warning lab.conf:3: ulimit of pc1 is not carried over',
      'warning lab.conf:4: color of pc1 is not carried over',
    ],
  ],
  [
    ['pc1[privileged]=yes', 'pc1[entrypoint]="/bin/bash -l"', 'pc1[args]="-c true"'],
    { privileged: true, entrypoint: '/bin/bash -l', command: '-c true' },
    [],
  ],
  [
    ['pc1[volume]="/a|/b"', 'pc1[volume]="/c|/d|rw"', 'pc1[volume]="/e|/f|rx"', 'pc1[volume]="/g|/h|"'],
    { binds: ['/a:/b:ro', '/c:/d', '/e:/f:ro', '/g:/h:ro'] },
    [],
  ],
  [
    ['pc1[volume]="/a"', 'pc1[volume]="/a|/b|x"', 'pc1[volume]="/a|b"'],
    { binds: undefined },
    [
      'warning lab.conf:1: volume of pc1 is not carried over: "/a" is no volume: it is HOST|GUEST|[ro|rw|rx]',
      'warning lab.conf:2: volume of pc1 is not carried over: "/a|/b|x" has the unknown mode "x"',
      'warning lab.conf:3: volume of pc1 is not carried over: "/a|b" has the target "b": it must begin with /',
    ],
  ],
  [
    ['pc1[image]=one', 'pc1[image]=two'],
    { image: 'two' },
    ['warning lab.conf:1: image "one" of pc1 is not carried over: line 2 sets it again'],
  ],
  [
    ['pc1[0]=A', 'pc1[image]=""', 'pc1[mem]="64m'],
    { image: 'kathara/base', memory: undefined },
    [
      'warning lab.conf:2: the line "pc1[image]=\\"\\"" is not carried over: it is no setting',
      'warning lab.conf:3: the line "pc1[mem]=\\"64m" is not carried over: it is no setting',
    ],
  ],
];

describe("a machine's settings", () => {
  for (const [lines, keys, said] of SETTINGS) {
    it(lines.join(' ; '), async () => {
      const result = await imported(lines);
      for (const [key, value] of Object.entries(keys)) assert.deepEqual(result.pc1[key], value, key);
      assert.deepEqual(result.said, said);
    });
  }
});

describe('collision domains', () => {
  it('are wires between two, bridges else, with addresses, quotes, comments and blanks', async () => {
    const { document, said } = await imported([
      '# a comment',
      'b[00]="AB" # the first',
      "a[0]='AB'\r",
      '  c[1]=CD/02:42:AC:11:00:02  # with an address',
      'a[1]=CD/02:42',
      'b[1]=CD/03:00:00:00:00:01',
      'c[0]=A/B/C',
    ]);
    assert.deepEqual(Object.keys(document['nodes'] as Part), ['b', 'a', 'c']);
    assert.deepEqual(document['wires'], [['b:eth0', 'a:eth0']]);
    assert.deepEqual(document['links'], [
      { node: 'c', dev: 'eth1', mac: '02:42:ac:11:00:02', bridge: 'CD' },
      { node: 'a', dev: 'eth1', bridge: 'CD' },
      { node: 'b', dev: 'eth1', bridge: 'CD' },
    ]);
    assert.deepEqual(
      said.map((line) => line.slice(0, 60)),
      [
        'warning lab.conf:5: the address of interface 1 of a is not c',
        'warning lab.conf:6: the address of interface 1 of b is not c',
        'warning lab.conf:7: interface 0 of c is not carried over: "A',
      ],
    );
  });

  it('are refused where an interface is in two, or a machine has the name of a folder', async () => {
    const { said } = await imported(['a[0]=A', 'a[00]=B', 'shared[0]=A']);
    assert.deepEqual(said, [
      'error lab.conf:2: a has the interface 00 already',
      'error lab.conf:3: shared can not be a machine: it is the name of a folder of the lab',
    ]);
  });
});

it('takes the name of a lab, and lists all else that is said of it', async () => {
  const { document, said } = await imported(['LAB_NAME="Example" ', 'LAB_WEB=http://x/?a=b', 'LAB_EMAIL=""', 'a[0]=A']);
  assert.equal(document['lab'], 'example');
  assert.deepEqual(said, [
    'warning lab.conf:1: the lab "Example" is called example',
    'warning lab.conf:2: LAB_WEB is not carried over',
  ]);
});

it("runs what is to run in Kathara's order: settings of interfaces, files, scripts, commands", async () => {
  const { pc1, said } = await imported(
    ['pc1[exec]="echo last"', 'pc1[sysctl]="net.ipv4.conf.eth0.rp_filter=0"', 'pc1[0]=A'],
    {
      ...{ 'pc1/': '', 'shared/': '', 'pc1.startup': 'true', 'shared.startup': 'true' },
      ...{ 'pc1.shutdown': 'true', 'shared.shutdown': 'true' },
    },
  );
  assert.deepEqual(pc1['exec'], [
    ['sysctl', '-qw', 'net.ipv4.conf.eth0.rp_filter=0'],
    ['cp', '-a', '/var/tmp/files/.', '/'],
    ['sh', '-c', '"$(command -v bash || echo sh)" /var/tmp/shared.sh'],
    ['sh', '-c', '"$(command -v bash || echo sh)" /var/tmp/pc1.sh'],
    ['echo', 'last'],
  ]);
  assert.deepEqual(pc1['binds'], ['shared:/shared']);
  assert.deepEqual(pc1['copy'], [
    'pc1:/var/tmp/files',
    'shared.startup:/var/tmp/shared.sh',
    'pc1.startup:/var/tmp/pc1.sh',
  ]);
  assert.deepEqual(said, [
    'warning -:-: shared.shutdown is not carried over: nothing runs in a node that is taken down',
    'warning lab.conf:1: pc1.shutdown is not carried over: nothing runs in a node that is taken down',
  ]);
});

describe('lab.dep', () => {
  const lines = ['a[0]=A', 'b[0]=A', 'c[0]=A'];

  it('says which machines start first; what is wrong in it is listed', async () => {
    const { document, said } = await imported(lines, {
      'lab.dep': '# first b\na: b c\n\nc: x b # why\nnonsense\nz: a\na:b\n',
    });
    const nodes = document['nodes'] as Record<string, Part>;
    assert.deepEqual(nodes['a']?.['wait_for'], { b: 'started' });
    assert.deepEqual(nodes['c']?.['wait_for'], { b: 'started' });
    assert.deepEqual(said, [
      'warning lab.dep:2: a rule of a is not carried over: line 7 gives another',
      'warning lab.dep:4: a rule with x is not carried over: it is no machine of the lab',
      'warning lab.dep:5: the line "nonsense" is not carried over: it is no rule: write MACHINE: MACHINE1 MACHINE2',
      'warning lab.dep:6: a rule with z is not carried over: it is no machine of the lab',
    ]);
  });

  it('is refused where machines wait for each other, each circle at the line that closes it', async () => {
    const { said } = await imported(lines, { 'lab.dep': 'a: b\nb: c\n# back\nc: a c\n' });
    assert.deepEqual(said, [
      'error lab.dep:4: machines wait for each other: a starts after b starts after c starts after a',
      'error lab.dep:4: machines wait for each other: c starts after c',
    ]);
  });
});

it('lists each line of lab.ext', async () => {
  const { said } = await imported(['a[0]=A', 'b[0]=A'], { 'lab.ext': '# out\nA enp9s0.20\n' });
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^warning lab\.ext:2: the line "A enp9s0\.20" is not carried over/);
});
