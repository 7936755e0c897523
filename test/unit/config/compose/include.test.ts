// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** What compose files include, profiles, variables and names. What is right was asked of compose-go 2.16.2. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstBridge } from '../loading.ts';
import { linksOf, load, type Request } from './projects.ts';

describe('include', () => {
  const files = {
    'a.yaml': `name: p
include:
  - sub/c.yaml
  - {path: [other/o1.yaml, other/o2.yaml], project_directory: other, env_file: [other/x.env]}
services: {r1: {x-network: {links: [{bridge: main, dev: eth2}]}}}
`,
    'sub/c.yaml': `services:
  r1: {x-network: {links: [{bridge: "sub-$V", dev: eth1}]}}
  r2: {extends: {file: base.yaml, service: base}}
x-network: {links: [{service: r2, bridge: subtop, dev: eth5}]}
`,
    'sub/base.yaml': 'services: {base: {x-network: {links: [{bridge: "base-$V"}]}}}',
    'sub/.env': 'V=subenv\nW=w',
    'other/x.env': 'V=xenv',
    'other/o1.yaml': 'services: {o1: {x-network: {links: [{bridge: "o1-$V-${COMPOSE_PROJECT_NAME}", dev: eth1}]}}}',
    'other/o2.yaml': 'services: {o1: {x-network: {links: [{bridge: "o2-$V", dev: eth2}]}}}',
  };

  test('short and long, each with its folder and variables', async () => {
    assert.deepEqual(await linksOf(files, { files: ['a.yaml'] }), [
      'r2:eth5 subtop',
      'r1:eth1 sub-subenv',
      'r2:eth0 base-subenv',
      'o1:eth1 o1-xenv-p',
      'o1:eth2 o2-xenv',
      'r1:eth2 main',
    ]);
  });

  test("the project's variables count more", async () => {
    const links = await linksOf({ ...files, '.env': 'V=root' }, { files: ['a.yaml'] });
    assert.deepEqual(links.filter((link) => link.includes('root')).length, 4);
  });

  test('all that was read is told, so that it can be watched', async () => {
    const { sources, folder } = await load(files, { files: ['a.yaml'] });
    const names = [
      '.env',
      'a.yaml',
      'other/o1.yaml',
      'other/o2.yaml',
      'other/x.env',
      'sub/.env',
      'sub/base.yaml',
      'sub/c.yaml',
    ];
    assert.deepEqual(
      sources.toSorted(),
      names.map((name) => `${folder}/${name}`),
    );
  });

  test('what is said of an included service is laid upon it, and upon both what it extends', async () => {
    const inc =
      'services:\n  b: {x-network: {links: [{bridge: b1, dev: d1}]}}\n  d: {x-network: {links: [{bridge: d1, dev: d1}]}}\n';
    const links = (upper: string) =>
      linksOf({ 'a.yaml': `include: [s/inc.yaml]\n${upper}`, 's/inc.yaml': inc }, { files: ['a.yaml'] });
    assert.deepEqual(
      await links(
        'services: {b: {x-network: {links: [{bridge: b2, dev: d2}]}}, d: {extends: b, x-network: {links: [{bridge: d2, dev: d2}]}}}',
      ),
      ['b:d1 b1', 'd:d1 d1', 'd:d2 d2', 'b:d2 b2'],
    );
    assert.deepEqual(await links('services: {b: {x-network: {links: !reset []}}}'), ['d:d1 d1']);
    assert.deepEqual(await links('services: {b: {x-network: {links: !override [{bridge: b3, dev: d3}]}}}'), [
      'd:d1 d1',
      'b:d3 b3',
    ]);
    assert.deepEqual(await links('services: {b: !reset null}'), ['b:d1 b1', 'd:d1 d1']);
  });

  test('the same file extended by two ways, or included twice over, counts once', async () => {
    const files = {
      'm.yaml': 'include: [s/inc.yaml]\nservices: {a: !reset {}}',
      'n.yaml':
        'include: [s/inc.yaml]\nservices: {a: {x-network: {links: [!reset {bridge: q}, {bridge: n, dev: d3}]}}}',
      's/inc.yaml':
        'services: {a: {x-network: {links: [{bridge: i, dev: d1}]}}, b: {extends: {file: x.yaml, service: x}}}',
      's/x.yaml': 'services: {x: {x-network: {links: [{bridge: x, route: [10.9.0.0/16 via 10.0.0.1]}]}}}',
    };
    const { topology } = await load(files, { files: ['m.yaml', 'n.yaml'] });
    assert.deepEqual(
      topology.links.map(({ selector, dev, routes }) => `${selector.name}:${dev} ${routes.length}`),
      ['a:d1 0', 'b:eth0 1', 'a:d3 0'],
    );
  });

  test('what is reached by two ways is there once', async () => {
    const diamond = {
      'a.yaml': 'include: [b/b.yaml, c/c.yaml]',
      'b/b.yaml': 'include: [../d/d.yaml]',
      'c/c.yaml': 'include: [../d/d.yaml]',
      'd/d.yaml': 'services: {d: {x-network: {links: [{bridge: x, route: [10.9.0.0/16 via 10.0.0.1]}]}}}',
    };
    const { topology } = await load(diamond, { files: ['a.yaml'] });
    assert.deepEqual(
      topology.links.map(({ routes }) => routes.length),
      [1],
    );
  });

  test('circles, missing files and remote ones are told', async () => {
    const circle = await load({ 'a.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [a.yaml]' }, { files: ['a.yaml'] });
    assert.match(circle.said[0] ?? '', /includes itself/);
    const missing = await load({ 'a.yaml': 'include: [{path: a/b.yaml, env_file: no.env}]' });
    assert.deepEqual(missing.said, [
      '1:11: error: cannot read no.env: no such file',
      '1:11: error: cannot read a/b.yaml: no such file',
    ]);
    const remote = await load({
      'a.yaml': 'include: ["https://example.com/x.git"]\nx-network: {links: [{service: a, bridge: b}]}',
    });
    assert.match(remote.said[0] ?? '', /warning: include of .* is not followed/);
  });

  test('files that include each other twice over do not explode', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [
        `n${i}.yaml`,
        i === 24 ? 'services: {}' : `include: [n${i + 1}.yaml, ./x/../n${i + 1}.yaml]`,
      ]),
    );
    await load(many, { files: ['n0.yaml'] });
  });
});

describe('profiles', () => {
  const text = `services:
  a: {profiles: [one], x-network: {links: [{bridge: b}]}}
  b: {profiles: [two, three], x-network: {links: [{bridge: b}]}}
  c: {profiles: [], x-network: {links: [{bridge: b}]}}
  d: {x-network: {links: [{bridge: b}]}}
  e: {extends: a}
`;
  const rows: readonly (readonly [string, Request, string])[] = [
    ['none', {}, 'c d'],
    ['COMPOSE_PROFILES', { env: { COMPOSE_PROFILES: 'one' } }, 'a c d e'],
    ['several, with spaces', { env: { COMPOSE_PROFILES: ' three ,one' } }, 'a b c d e'],
    ['all', { env: { COMPOSE_PROFILES: '*' } }, 'a b c d e'],
    ['an unknown one', { profiles: ['x'] }, 'c d'],
    ['the flag beats the variable', { profiles: ['one'], env: { COMPOSE_PROFILES: 'two' } }, 'a c d e'],
  ];
  for (const [name, request, services] of rows) {
    test(name, async () => {
      const links = await linksOf({ 'a.yaml': text }, request);
      assert.equal(links.map((link) => link.charAt(0)).join(' '), services);
    });
  }
});

describe('variables and names', () => {
  test('COMPOSE_PROJECT_NAME is the project, whoever names it', async () => {
    const text = 'name: ${X:-my}-proj1\nx-network: {links: [{container: "${COMPOSE_PROJECT_NAME}_r1", bridge: b}]}';
    const nodeOf = async (request: Request) =>
      (await load({ 'a.yaml': text }, request)).topology.links[0]?.selector.name;
    assert.equal(await nodeOf({}), 'my-proj1_r1');
    assert.equal(await nodeOf({ env: { COMPOSE_PROJECT_NAME: 'env' } }), 'env_r1');
    assert.equal(await nodeOf({ env: { COMPOSE_PROJECT_NAME: '' } }), 'my-proj1_r1');
    assert.equal(await nodeOf({ env: { COMPOSE_PROJECT_NAME: 'env' }, composeProject: 'flag' }), 'flag_r1');
  });

  test('a project of more than 63 signs is whole, and only the lab is shortened', async () => {
    const long = 'n'.repeat(70);
    const { project, lab, topology } = await load({
      'a.yaml': `name: ${long}\nx-network: {links: [{service: r1, bridge: "$COMPOSE_PROJECT_NAME"}]}`,
    });
    assert.equal(project?.name, long);
    assert.equal(firstBridge(topology), long);
    assert.match(lab, /^n{54}-[0-9a-f]{8}$/);
    const other = await load({ 'a.yaml': `name: ${long}x\nx-network: {links: []}` });
    assert.notEqual(other.lab, lab);
  });

  test('--env-file beats .env, and of two the later counts; COMPOSE_ENV_FILES is the same', async () => {
    const files = {
      'a.yaml': 'links: [{netns: n, bridge: "$A-$B-$C"}]',
      '.env': 'A=dot\nB=dot\nC=dot',
      one: 'A=one\nB=one',
      two: 'B=two$A',
      again: 'A=again\nC=$A$B',
    };
    const bridgeOf = async (request: Request) => firstBridge((await load(files, request)).topology);
    assert.equal(await bridgeOf({}), 'dot-dot-dot');
    assert.equal(await bridgeOf({ envFiles: ['one', 'two'] }), 'one-twoone-');
    assert.equal(await bridgeOf({ envFiles: ['one', 'again'] }), 'again-one-againone');
    assert.equal(await bridgeOf({ envFiles: ['one', 'again'], env: { A: 'e' } }), 'e-one-eone');
    assert.equal(await bridgeOf({ env: { COMPOSE_ENV_FILES: 'one,two' } }), 'one-twoone-');
    assert.equal(await bridgeOf({ env: { COMPOSE_DISABLE_ENV_FILE: '1', A: 'e' } }), 'e--');
    assert.match(
      (await load(files, { envFiles: ['three'] })).said[0] ?? '',
      /^error: cannot read three: no such file$/,
    );
  });

  test('a braced text that is no variable is a fault in a compose file, and stays as it is elsewhere', async () => {
    const { said } = await load({ 'a.yaml': 'x-network: {links: [{service: a, bridge: "${A.b}"}]}' });
    assert.match(said[0] ?? '', /"\$\{A\.b\}" is no variable/);
    const text = 'links: []\ncommands: [{netns: a, command: "echo ${A%%.*}"}]';
    assert.equal((await load({ 'a.yaml': text })).topology.commands[0]?.command, 'echo ${A%%.*}');
  });

  test('a fault in .env has its place', async () => {
    const { said } = await load({ 'a.yaml': 'links: []', '.env': 'A=1\nB="x\n' });
    assert.match(said[0] ?? '', /^2:3: error: the value in quotes does not end/);
  });
});
