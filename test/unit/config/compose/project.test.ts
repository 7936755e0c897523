// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** Compose files as one project. What is right was asked of compose-go 2.16.2, which prints the merged `x-network`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linksOf, load } from './projects.ts';

const BASE = `name: p
services:
  r1: {image: b, x-network: {links: [{bridge: lan, dev: eth1, ip: 10.0.0.1/24, mtu: 1400}]}}
  r2: {image: b, profiles: [extra], x-network: {links: [{bridge: lan, dev: eth1}]}}
x-network: {links: [{service: r1, bridge: top, dev: eth9}], bridges: [{bridge: lan, mode: linux}]}
`;

describe('!reset and !override', () => {
  const rows: readonly (readonly [name: string, upper: string, links: readonly string[]])[] = [
    ['a service’s section', 'services: {r1: {x-network: !reset null}}', ['r1:eth9 top']],
    ['a whole service', 'services: {r1: !reset null}', ['r1:eth9 top']],
    ['all services', 'services: !reset {}', ['r1:eth9 top']],
    ['the top', 'x-network: !reset null', ['r1:eth1 lan']],
    ['a list of the top', 'x-network: {links: !reset []}', ['r1:eth1 lan']],
    [
      'a list of the top, by another',
      'x-network: {links: !override [{service: r2, bridge: top2, dev: eth8}, {service: r1, bridge: n, dev: eth7}]}',
      ['r1:eth1 lan', 'r1:eth7 n'],
    ],
    [
      'a service, by another, whose profiles are gone',
      'services: {r2: !override {image: c, x-network: {links: [{bridge: other, dev: eth1}]}}}',
      ['r1:eth9 top', 'r1:eth1 lan', 'r2:eth1 other'],
    ],
    ['profiles', 'services: {r2: {profiles: !reset []}}', ['r1:eth9 top', 'r1:eth1 lan', 'r2:eth1 lan']],
    [
      'an item of a list, which is as if not there',
      'services: {r1: {x-network: {links: [!reset {bridge: q, dev: eth3}, {bridge: z, dev: eth4}]}}}',
      ['r1:eth9 top', 'r1:eth1 lan', 'r1:eth4 z'],
    ],
    [
      'a key of an item, which takes nothing from files before',
      'services: {r1: {x-network: {links: [{bridge: lan2, dev: eth1, ip: !reset null}]}}}',
      ['r1:eth9 top', 'r1:eth1 lan2'],
    ],
    ['through an alias', 'x-a: &none !reset null\nx-network: *none', ['r1:eth1 lan']],
    ['through a merge key', 'x-a: &a {x-network: !reset null}\nservices: {r1: {<<: *a}}', ['r1:eth9 top']],
    [
      'an empty value, which resets nothing',
      'services: {r1: {x-network: null}}\nx-network:',
      ['r1:eth9 top', 'r1:eth1 lan'],
    ],
  ];
  for (const [name, upper, links] of rows) {
    test(name, async () => assert.deepEqual(await linksOf({ 'a.yaml': BASE, 'b.yaml': upper }), links));
    test(`${name}, in a second document`, async () =>
      assert.deepEqual(await linksOf({ 'a.yaml': `${BASE}---\n${upper}\n---\n` }), links));
  }

  test('a key reset in a section leaves the others', async () => {
    const { config } = await load({ 'a.yaml': BASE, 'b.yaml': 'x-network: {bridges: !reset null}' });
    assert.deepEqual([config.bridges.length, config.links.length], [0, 3]);
  });

  test('an overriding scalar keeps its kind', async () => {
    const upper = 'services: {r1: {x-network: {links: [{dev: eth1, mtu: !override 1500, state: !override down}]}}}';
    const { topology, said } = await load({ 'a.yaml': BASE, 'b.yaml': upper });
    assert.deepEqual(said, []);
    const link = topology.links.find(({ dev }) => dev === 'eth1');
    assert.deepEqual([link?.mtuBytes, link?.state], [1500, 'down']);
  });

  test("called conlink's way nothing of it counts", async () => {
    const { topology } = await load({ 'a.yaml': BASE, 'b.yaml': 'x-network: !reset null' }, { asCompose: false });
    assert.equal(topology.links.length, 3);
  });

  test('across network files', async () => {
    const files = {
      'a.yaml': 'links: [{netns: a, bridge: b}]\ncommands: [{netns: a, command: x}]',
      'b.yaml': 'links: !override [{netns: c, bridge: b}]',
    };
    assert.deepEqual(await linksOf(files), ['c:eth0 b']);
  });
});

describe('names that compose refuses', () => {
  const SERVICES = 'services: {r1: {x-network: {links: [{bridge: lan}]}}}';
  const rows: readonly (readonly [name: string, says: RegExp])[] = [
    ['123', /^1:7: error: name must be .* as text, not 123 \(put it in quotes: "123"\)$/],
    ['1e3', /not 1e3 \(put it in quotes: "1e3"\)$/],
    ['true', /put it in quotes: "true"/],
    ['[a]', /^1:7: error: name must be .* as text, not \["a"\] \(a project has/],
    ['"___"', /^1:7: error: "___" is no name of a project/],
    ['"${X:-}"', /^1:7: error: "" is no name of a project/],
    ['"${X:?set it}"', /^1:7: error: the variable X is needed: set it$/],
    ['"${1}"', /^1:7: error: "\$\{1\}" is no variable/],
  ];
  for (const [name, says] of rows) {
    test(`name: ${name}`, async () => {
      const { said } = await load({ 'a.yaml': `name: ${name}\n${SERVICES}` });
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', says);
    });
  }

  test('one of which nothing is left does not matter where another counts', async () => {
    assert.equal((await load({ 'a.yaml': `name: "_"\n${SERVICES}` }, { composeProject: 'p' })).project?.name, 'p');
  });

  for (const name of ['My.Proj', '_x', 'A']) {
    test(`--compose-project and COMPOSE_PROJECT_NAME: ${name}`, async () => {
      const refused = (where: string) => ({ code: 'E_USAGE', message: `${where}: "${name}" is no name of a project` });
      await assert.rejects(load({ 'a.yaml': SERVICES }, { composeProject: name }), refused('--compose-project'));
      const env = { COMPOSE_PROJECT_NAME: name };
      await assert.rejects(load({ 'a.yaml': SERVICES }, { env }), refused('COMPOSE_PROJECT_NAME'));
      await assert.rejects(
        load({ 'a.yaml': SERVICES, '.env': `COMPOSE_PROJECT_NAME=${name}` }),
        refused('COMPOSE_PROJECT_NAME'),
      );
      await load({ 'a.yaml': SERVICES }, { composeProject: name, asCompose: false });
    });
  }
});

test('services that are no maps are faults, with their places', async () => {
  const { said } = await load(
    {
      'a.yaml':
        'services: [a]\n---\nservices: {a: b, c: null}\n---\nservices: {c: {extends: {file: b.yaml, service: d}}}',
      'b.yaml': 'services: {d: {image: x}, e: 7, f: {profiles: x}}',
    },
    { files: ['a.yaml'] },
  );
  assert.deepEqual(said, [
    '1:11: error: services must be a map',
    '3:15: error: services.a must be a map',
    '1:30: error: services.e must be a map',
    '1:47: error: services.f.profiles must be a list',
  ]);
});

describe('several documents', () => {
  test('are merged in order, and the name of the last counts', async () => {
    const { project, topology, said } = await load({
      'a.yaml':
        'name: one\nservices: {r1: {image: b}}\n---\nname: Two-${X:-d}\nx-network: {links: [{service: r1, bridge: t}]}\n---\n',
    });
    assert.deepEqual(said, []);
    assert.equal(project?.name, 'two-d');
    assert.equal(topology.links.length, 1);
  });

  test('an anchor is known to those after it', async () => {
    const text = 'services: {r1: {x-network: &n {links: [{bridge: lan}]}}}\n---\nservices: {r2: {x-network: *n}}';
    assert.deepEqual(await linksOf({ 'a.yaml': text }), ['r1:eth0 lan', 'r2:eth0 lan']);
  });

  test('a fault in a later one has its place in the file', async () => {
    const { said } = await load({ 'a.yaml': 'links: []\n---\nlinks:\n  - {netns: a, bridge: b, mtu: 3}\n' });
    assert.deepEqual(said, ['4:32: error: a:eth0: mtu must be a whole number from 68 to 65535, not 3']);
  });

  test('network files may have them too', async () => {
    const text = '---\nlinks: [{netns: a, bridge: b}]\n---\n---\nlinks: [{netns: c, bridge: b}]\n...\n';
    assert.deepEqual(await linksOf({ 'a.yaml': text }), ['a:eth0 b', 'c:eth0 b']);
  });

  test("called conlink's way a file has one", async () => {
    const { said } = await load({ 'a.yaml': 'links: []\n---\nlinks: []\n' }, { asCompose: false });
    assert.match(said[0] ?? '', /^2:1: error: a second document begins here \(give the file with a verb/);
  });
});

describe('merging', () => {
  test('the same words in two files count once', async () => {
    const part = '{bridge: lan, dev: eth1, route: [10.9.0.0/16 via 10.0.0.2]}';
    const { topology } = await load({
      'a.yaml': `services: {r1: {x-network: {links: [${part}], tunnels: [{type: vxlan, bridge: lan, remote: 10.0.0.9, vni: 4}]}}}`,
      'b.yaml': `services: {r1: {x-network: {links: [{route: [10.9.0.0/16 via 10.0.0.2], dev: eth1, bridge: lan}], tunnels: [{vni: 4, type: vxlan, bridge: lan, remote: 10.0.0.9}]}}}`,
    });
    assert.equal(topology.links[0]?.routes.length, 1);
    assert.equal(topology.tunnels.length, 1);
  });
});

describe('extends', () => {
  test('of the same file, with what it says itself', async () => {
    const files = {
      'a.yaml': `${BASE.replace('profiles: [extra]', 'profiles: []')}`,
      'b.yaml': `services:
  r1: {x-network: {links: [{bridge: lan2, dev: eth2}]}}
  r3: {extends: r1}
  r4: {extends: {service: r1}, x-network: {links: [{bridge: lan3, dev: eth3}]}}
  r5: {extends: r1, x-network: !reset null}
  r6: {extends: r4, x-network: !override {links: [{bridge: o}]}}
`,
    };
    assert.deepEqual((await linksOf(files)).slice(3), [
      'r1:eth2 lan2',
      'r3:eth2 lan2',
      'r4:eth2 lan2',
      'r4:eth3 lan3',
      'r6:eth0 o',
    ]);
  });

  test('of another file, in a chain, each relative to its own folder, with profiles', async () => {
    const files = {
      'a.yaml': 'services: {r1: {extends: {file: sub/base.yaml, service: base}}}\nx-network: {links: []}',
      'sub/base.yaml':
        'services: {base: {extends: {service: b2, file: deep/x.yaml}, x-network: {links: [{bridge: "b-$V", dev: eth1}]}}}\nx-network: {links: [{service: nope, bridge: q}]}',
      'sub/deep/x.yaml': 'services: {b2: {profiles: [pp], x-network: {links: [{bridge: deep}]}}}',
      '.env': 'V=v\n',
    };
    assert.deepEqual(await linksOf(files, { profiles: ['pp'] }), ['r1:eth0 deep', 'r1:eth1 b-v']);
    assert.deepEqual(await linksOf(files), []);
  });

  test('what is for no certain service is inherited once', async () => {
    const { topology, said } = await load({
      'a.yaml': `services:
  base: {x-network: {links: [{bridge: b}, {container: c1, bridge: b}], tunnels: [{type: vxlan, bridge: b, remote: 10.0.0.9, vni: 4}], commands: [{command: x}, {container: c1, command: y}]}}
  r1: {extends: base}
  r2: {extends: base}
`,
    });
    assert.deepEqual(said, []);
    assert.deepEqual(
      topology.links.map(({ selector }) => selector.name),
      ['base', 'c1', 'r1', 'r2'],
    );
    assert.equal(topology.tunnels.length, 1);
    assert.deepEqual(
      topology.commands.map(({ selector }) => selector.name),
      ['base', 'c1', 'r1', 'r2'],
    );
  });

  test('a fault has its place in the file that is extended', async () => {
    const { diagnostics } = await load({
      'a.yaml': 'services: {r1: {extends: {file: sub/b.yaml, service: b}}}',
      'sub/b.yaml': 'services:\n  b: {x-network: {links: [{bridge: b, mtu: 1}]}}',
    });
    assert.match(diagnostics[0]?.where?.file ?? '', /sub\/b\.yaml$/);
    assert.equal(diagnostics[0]?.where?.line, 2);
  });

  const wrong: readonly (readonly [name: string, text: string, says: RegExp])[] = [
    ['a circle', 'services: {a: {extends: b}, b: {extends: a}}', /service a extends itself/],
    [
      'a missing service',
      'services: {web: {}, a: {extends: wbe}}',
      /"wbe", which is not in a\.yaml \(did you mean `web`\?\)/,
    ],
    ['a missing file', 'services: {a: {extends: {file: no.yaml, service: b}}}', /cannot read no\.yaml: no such file/],
    ['no service', 'services: {a: {extends: {file: no.yaml}}}', /names no service/],
  ];
  for (const [name, text, says] of wrong) {
    test(`${name} is a fault`, async () => assert.match((await load({ 'a.yaml': text })).said[0] ?? '', says));
  }

  test('a base in a file before is none, as for compose', async () => {
    const { said } = await load({ 'a.yaml': BASE, 'b.yaml': 'services: {r9: {extends: r1}}' });
    assert.match(said[0] ?? '', /service r9 extends "r1", which is not in b\.yaml/);
  });
});
