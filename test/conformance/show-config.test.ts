/**
 * `conformance/` holds linkloom against what conlink's documents and behaviour say, word for word where other programs read it.
 *
 * This file: `--show-config` of conlink's example scenarios. The goldens are written from conlink's specification; only the
 * MACs that nobody gave are linkloom's own.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { linkloom, ROOT } from '../support/bin.ts';
import { SCENARIOS, type Scenario } from '../support/examples.ts';

interface ShownNode {
  readonly links?: readonly Record<string, unknown>[];
  readonly commands?: readonly Record<string, unknown>[];
}

interface Shown {
  readonly bridges: Readonly<Record<string, { readonly bridge: string; readonly mode: string }>>;
  readonly tunnels: readonly Record<string, unknown>[] | null;
  readonly containers: Readonly<Record<string, ShownNode>>;
  readonly services: Readonly<Record<string, ShownNode>>;
}

async function show({ example, args, env }: Scenario): Promise<Shown> {
  const cwd = join(ROOT, 'examples', example);
  const ran = await linkloom(['--default-bridge-mode', 'linux', '--show-config', ...args], { cwd, env });
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.equal(ran.stdout.indexOf('\n'), ran.stdout.length - 1, 'one line');
  return JSON.parse(ran.stdout);
}

function golden(example: string): Shown {
  return JSON.parse(readFileSync(join(ROOT, 'test/fixtures/show-config', `${example}.json`), 'utf8'));
}

const linksOf = ({ containers, services }: Shown) =>
  [...Object.values(containers), ...Object.values(services)].flatMap(({ links }) => links ?? []);

/** Keys that conlink gives a link, and those that every link of a type has. */
const KEYS =
  'base bridge container dev ethtool forward ip mac mode mtu nat netem outer-dev route service type vlanid'.split(' ');
const TYPES_WITHOUT_MTU = ['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap'];

describe('--show-config', () => {
  for (const scenario of SCENARIOS) {
    test(`of ${scenario.example} is as written down, in conlink's shape`, async () => {
      const shown = await show(scenario);
      assert.deepEqual(shown, golden(scenario.example));
      assert.deepEqual(Object.keys(shown).sort(), ['bridges', 'containers', 'services', 'tunnels']);
      for (const [name, bridge] of Object.entries(shown.bridges)) {
        assert.equal(bridge.bridge, name);
        assert.match(bridge.mode, /^(linux|ovs|patch)$/);
      }
      for (const link of linksOf(shown)) {
        const type = String(link['type']);
        assert.deepEqual(
          Object.keys(link).filter((key) => !KEYS.includes(key)),
          [],
        );
        assert.ok(['type', 'dev', 'base', 'ethtool'].every((key) => key in link));
        assert.ok(type.startsWith('ip') || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(String(link['mac'])));
        assert.equal('mtu' in link, !TYPES_WITHOUT_MTU.includes(type));
        assert.equal(typeof link['bridge'] === 'object', type === 'veth');
        for (const key of ['route', 'netem', 'ethtool', 'forward']) {
          assert.ok(link[key] === undefined || Array.isArray(link[key]), key);
        }
      }
    });
  }

  test('of the first scenario has the names that scripts sort and join', async () => {
    const [first] = SCENARIOS;
    assert.ok(first);
    const { bridges, services } = await show(first);
    const named = Object.keys(services).filter((name) => services[name]?.links !== undefined);
    assert.equal(`${Object.keys(bridges).sort().join('.')} ${named.sort().join('.')}`, 's1.s2.s3 h1.h2.h3.r0');
  });

  test('has a golden for every scenario, and every example a scenario or a lab', () => {
    const goldens = readdirSync(join(ROOT, 'test/fixtures/show-config')).map((name) => name.replace(/\.json$/, ''));
    assert.deepEqual(goldens.sort(), SCENARIOS.map(({ example }) => example).sort());
    const examples = readdirSync(join(ROOT, 'examples')).filter((name) => name !== 'README.md');
    const labs = examples.filter((name) => existsSync(join(ROOT, 'examples', name, 'lab.yaml')));
    // Those of containers run in test/docker; the library's program is compiled and run by the tests of the package.
    const tested = new Set([...goldens, ...labs, 'compose-replicas', 'compose-router', 'generated', 'library']);
    assert.deepEqual(
      examples.filter((name) => !tested.has(name)),
      [],
    );
  });
});
