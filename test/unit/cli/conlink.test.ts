/** Called without a verb, with conlink's options: what compose files in the field have in their `command:`. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Ran } from '../../support/bin.ts';
import { inProcess } from '../../support/cli/in-process.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

const COMPOSE = `services:
  h1:
    x-network:
      links:
        - {bridge: s1, ip: 10.0.1.1/24}
  h2:
    x-network:
      links:
        - {bridge: "\${BRIDGE}", ip: 10.0.1.2/24}
`;

const network = (bridge: string): string =>
  `links:\n  - {container: c-${bridge}, bridge: ${bridge}, ip: 10.1.0.1/24}\n`;

describe('without a verb', () => {
  let folder: Folder | undefined;
  let cwd = '';
  before(() => {
    folder = temporaryFolder('conlink');
    cwd = folder.path;
    writeFileSync(join(cwd, 'compose.yaml'), COMPOSE);
    writeFileSync(join(cwd, '.env'), 'BRIDGE=from-dotenv\n');
    for (const name of ['a', 'b', 'c']) writeFileSync(join(cwd, `${name}.yaml`), network(name));
    mkdirSync(join(cwd, 'below'));
  });
  after(() => folder?.[Symbol.dispose]());

  const show = async (words: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ran> =>
    inProcess([...words, '--show-config'], { cwd, env: { BRIDGE: 's2', ...env } });
  const bridgesOf = ({ stdout }: Ran): string[] => Object.keys(JSON.parse(stdout).bridges).sort();

  it('prints the configuration as one line of JSON, with its defaults', async () => {
    const ran = await show(['--compose-file', 'compose.yaml']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.equal(ran.stdout.split('\n').length, 2);
    const { services } = JSON.parse(ran.stdout);
    assert.deepEqual(Object.keys(services).sort(), ['h1', 'h2']);
    const [link] = services.h1.links;
    assert.deepEqual([link.dev, link.type, link.mtu, link.ethtool], ['eth0', 'veth', 65_535, ['--offload tx off']]);
  });

  it('takes several files after one option, as a list with colons, and the option again', async () => {
    assert.deepEqual(bridgesOf(await show(['--network-file', 'a.yaml', 'b.yaml', 'c.yaml'])), ['a', 'b', 'c']);
    assert.deepEqual(bridgesOf(await show(['--network-file', 'a.yaml:b.yaml'])), ['a', 'b']);
    assert.deepEqual(bridgesOf(await show(['--network-file', 'a.yaml', '--network-file', 'c.yaml'])), ['a', 'c']);
    assert.deepEqual(bridgesOf(await show(['--network-file=b.yaml', '--compose-file=compose.yaml'])), [
      'b',
      's1',
      's2',
    ]);
  });

  it('takes files from the environment', async () => {
    assert.deepEqual(bridgesOf(await show([], { LINKLOOM_NETWORK_FILE: 'a.yaml:c.yaml' })), ['a', 'c']);
  });

  it('reads no .env and looks for no file, as conlink', async () => {
    assert.deepEqual(bridgesOf(await show(['--compose-file', 'compose.yaml'])), ['s1', 's2']);
    const ran = await show([]);
    assert.deepEqual([ran.exitCode, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^ERROR: either --network-file or --compose-file is required\n/);
  });

  it('with a verb, .env is read and compose files are found, also from below', async () => {
    const ran = await inProcess(['config', '--format', 'json'], {
      cwd: join(cwd, 'below'),
      env: { BRIDGE: undefined },
    });
    assert.equal(ran.exitCode, 0, ran.stderr);
    const bridges = JSON.parse(ran.stdout).bridges.map(({ bridge }: { bridge: string }) => bridge);
    assert.deepEqual(bridges, ['s1', 'from-dotenv']);
  });

  it('takes the defaults from options and from their variables', async () => {
    const first = ({ stdout }: Ran) => JSON.parse(stdout).containers['c-a'].links[0];
    const words = ['--network-file', 'a.yaml'];
    assert.equal(first(await show([...words, '--default-mtu', '1400'])).mtu, 1400);
    assert.deepEqual(first(await show([...words, '--keep-veth-offload'])).ethtool, []);
    const mode = async (env: Record<string, string>) => first(await show(words, env)).bridge.mode;
    assert.equal(await mode({ CONLINK_BRIDGE_MODE: 'patch' }), 'patch');
    assert.equal(await mode({ CONLINK_BRIDGE_MODE: 'patch', LINKLOOM_DEFAULT_BRIDGE_MODE: 'linux' }), 'linux');
  });

  it('refuses values that conlink only finds wrong later, and exits 2', async () => {
    for (const words of [
      ['--default-mtu', 'abc'],
      ['--default-mtu', '70000'],
      ['--default-bridge-mode', 'quantum'],
      ['--network-file'],
      ['--show-conf'],
      ['--network-file=a.yaml', 'stray'],
    ]) {
      const ran = await show(words);
      assert.deepEqual([ran.exitCode, ran.stdout], [2, ''], words.join(' '));
    }
    const ran = await show(['--network-file', 'a.yaml'], { CONLINK_BRIDGE_MODE: 'quantum' });
    assert.equal(ran.exitCode, 2);
    assert.match(ran.stderr, /^ERROR: CONLINK_BRIDGE_MODE is 'quantum'/);
  });

  it('tells more with --verbose or VERBOSE, but not with VERBOSE=0 or an empty one', async () => {
    const words = ['--network-file', 'a.yaml', '--config-schema', 'mine.yaml'];
    const isVerbose = async (more: readonly string[], env: Record<string, string> = {}): Promise<boolean> =>
      (await show([...words, ...more], env)).stderr.includes('mine.yaml');
    assert.equal(await isVerbose([]), false);
    assert.equal(await isVerbose(['-v']), true);
    assert.equal(await isVerbose([], { VERBOSE: '1' }), true);
    assert.equal(await isVerbose([], { VERBOSE: '0' }), false);
    assert.equal(await isVerbose([], { VERBOSE: '' }), false);
    assert.equal(await isVerbose([], { VERBOSE: 'false' }), false);
  });

  it('a configuration with faults exits 1 and names each with its place', async () => {
    writeFileSync(join(cwd, 'bad.yaml'), 'links:\n  - {container: c, bridg: s1, ip: 10.0.0.300/24}\n');
    const ran = await show(['--network-file', 'bad.yaml']);
    assert.deepEqual([ran.exitCode, ran.stdout], [1, '']);
    assert.match(ran.stderr, /^ERROR: bad\.yaml:2:\d+: .*bridg/m);
    assert.match(ran.stderr, /did you mean .*bridge/);
    const validated = await inProcess(['validate', '-f', 'bad.yaml', '--json'], { cwd });
    assert.equal(validated.exitCode, 1);
    const { valid, diagnostics } = JSON.parse(validated.stdout);
    assert.equal(valid, false);
    assert.ok(diagnostics.length >= 2);
    assert.deepEqual([diagnostics[0].file, diagnostics[0].line], ['bad.yaml', 2]);
  });
});
