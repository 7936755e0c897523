/** Several descriptions of one link, several files, several sections. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { spanOf } from '../../../src/config/config.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import { check, checkFiles, firstBridge, folderOf, lines } from './loading.ts';

/** The one link that several descriptions of `a:eth0` make. */
async function merged(...descriptions: readonly string[]) {
  const entries = descriptions.map((keys) => `  - {service: a, dev: eth0, bridge: b, ${keys}}`);
  const { config } = await check(`links:\n${entries.join('\n')}\n`);
  assert.equal(config.links.length, 1);
  return config.links[0]?.value;
}

describe('one link described twice', () => {
  test('of two single values the later one wins', async () => {
    assert.equal((await merged('mtu: 1400', 'mtu: 1300'))?.mtu, 1300);
    assert.equal((await merged('netem: delay 1ms', 'netem: delay 2ms'))?.netem, 'delay 2ms');
  });

  test('two lists are strung together', async () => {
    const link = await merged('route: [default via 10.0.0.1]', 'route: [10.1.0.0/16 via 10.0.0.2]');
    assert.deepEqual(link?.route, ['default via 10.0.0.1', '10.1.0.0/16 via 10.0.0.2']);
  });

  test('a list wins over an earlier single value', async () => {
    assert.deepEqual((await merged('ethtool: -K rx off', 'ethtool: [-K tx off]'))?.ethtool, ['-K tx off']);
  });

  test('a single value joins an earlier list', async () => {
    assert.deepEqual((await merged('ethtool: [-K rx off]', 'ethtool: -K tx off'))?.ethtool, ['-K rx off', '-K tx off']);
  });

  test('maps join key by key', async () => {
    const link = await merged('impair: {delay: 1ms, loss: 1%}', 'impair: {delay: 2ms}');
    assert.deepEqual(link?.impair, { delay: '2ms', loss: '1%' });
  });

  test('what one place leaves out, another may give', async () => {
    const { diagnostics, topology } = await check(
      'links:\n  - {service: a, dev: e}\n  - {service: a, dev: e, bridge: b}',
    );
    assert.deepEqual(lines(diagnostics), []);
    assert.equal(firstBridge(topology), 'b');
  });

  test('a namespace is never the container of its name; a service is', async () => {
    const { topology } = await check(
      'links:\n  - {service: a, dev: e, bridge: b}\n  - {netns: a, dev: e, bridge: b}\n  - {container: a, dev: e, bridge: c}',
    );
    assert.deepEqual(
      topology.links.map((link) => [link.selector.kind, bridgeOf(link)]),
      [
        ['container', 'c'],
        ['netns', 'b'],
      ],
    );
  });

  test('each item is still where it was written', async () => {
    const { config } = await check(
      ['links:', '  - {service: a, bridge: b, dev: e, route: [r1, r2]}', '  - {service: a, dev: e, route: r3}'].join(
        '\n',
      ),
    );
    const [entry] = config.links;
    assert.ok(entry);
    const places = [0, 1, 2].map((index) => spanOf(entry, 'route', index));
    assert.deepEqual(
      places.map((place) => [place?.line, place?.column]),
      [
        [2, 45],
        [2, 49],
        [3, 33],
      ],
    );
    assert.deepEqual([spanOf(entry, 'bridge')?.line, spanOf(entry)?.line], [2, 3]);
  });
});

describe('sections', () => {
  const compose = [
    'services:',
    '  a:',
    '    x-network:',
    '      links: [{bridge: s1}]',
    '      commands: [{command: id}]',
    '  b:',
    '    x-network:',
    '      bridges: [{bridge: s1, mode: patch, note: kept}]',
    '      links: [{bridge: s1, dev: e1}, {netns: n, bridge: s2}]',
    'x-network:',
    '  bridges: [{bridge: s1, mode: linux}]',
    '  links: [{service: b, dev: e1, bridge: s9, mtu: 1400}]',
  ].join('\n');

  test('the top counts first, then each service in its order; links and commands are for their service', async () => {
    const { topology, diagnostics } = await check(compose);
    assert.deepEqual(lines(diagnostics), ['8:43: warning: bridge s1: unknown key "note" has no effect']);
    assert.deepEqual(
      topology.links.map((link) => [link.selector.kind, link.selector.name, link.dev, bridgeOf(link), link.mtuBytes]),
      [
        ['service', 'b', 'e1', 's1', 1400],
        ['service', 'a', 'eth0', 's1', 65535],
        ['netns', 'n', 'eth0', 's2', 65535],
      ],
    );
    assert.deepEqual(topology.commands[0]?.selector, { kind: 'service', name: 'a' });
  });

  test('the last definition of a bridge counts, whole', async () => {
    const { topology } = await check(compose);
    assert.deepEqual(
      topology.bridges.map(({ name, mode, extra }) => [name, mode, extra]),
      [
        ['s1', 'patch', { note: 'kept' }],
        ['s2', 'linux', {}],
      ],
    );
  });

  test('all compose files count before all network files, whatever the order given', async () => {
    await using folder = await folderOf({
      'n.json': '{"links":[{"service":"a","bridge":"net","netem":"delay 1ms"}]}',
      'c.yml': 'services: {a: {x-network: {links: [{bridge: comp, netem: delay 2ms}]}}}',
      'd.yml': 'x-network: {links: [{service: z, bridge: comp}]}',
    });
    const request = { cwd: folder.path, env: {}, networkFiles: ['n.json'], composeFiles: ['c.yml:d.yml'] };
    const { topology, files } = await checkFiles(request);
    assert.deepEqual(files, ['c.yml', 'd.yml', 'n.json']);
    assert.equal(firstBridge(topology), 'net');
    assert.equal(topology.links[0]?.netemText[0], 'delay 1ms');
    assert.equal(
      firstBridge(
        (await checkFiles({ ...request, networkFiles: [], composeFiles: [], files: ['n.json', 'c.yml', 'd.yml'] }))
          .topology,
      ),
      'net',
    );
  });

  test("compose's tags and merge keys are taken as compose takes them", async () => {
    const { topology, diagnostics } = await check(
      [
        'x-base: &base',
        '  image: busybox',
        '  x-network: {links: [{bridge: s1, mtu: 1400}]}',
        'services:',
        '  a: {<<: *base, ports: !override ["80"]}',
        '  b:',
        '    <<: [*base]',
        '    x-network: !reset null',
        '  c:',
        '    <<: *base',
        '    x-network: {links: [{bridge: s2}]}',
      ].join('\n'),
    );
    assert.deepEqual(lines(diagnostics), []);
    assert.deepEqual(
      topology.links.map((link) => [link.selector.name, bridgeOf(link)]),
      [
        ['a', 's1'],
        ['b', 's1'],
        ['c', 's2'],
      ],
    );
  });
});
