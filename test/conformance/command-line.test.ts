/** What ends a start, called as conlink is: exit status, standard output empty, and words on standard error that say why. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom } from '../support/bin.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const FILES = {
  'good.yaml': 'links:\n  - {container: a, bridge: b, ip: 10.0.0.1/24}\n',
  'good.txt': 'links: []\n',
  'needs.yaml': `links:\n  - {container: a, bridge: "\${NEEDED:?say which}"}\n`,
  'unknown-key.yaml': 'links:\n  - {container: a, bridge: b, foo: 1}\n',
  'two-nodes.yaml': 'links:\n  - {service: a, container: b, bridge: b}\n',
  'no-bridge.yaml': 'links:\n  - {container: a}\n',
  'no-vlanid.yaml': 'links:\n  - {container: a, type: vlan, outer-dev: e0}\n',
  'forward-type.yaml': 'links:\n  - {container: a, type: dummy, ip: 10.0.0.1/24, forward: "1:2/tcp"}\n',
  'forward-mode.yaml':
    'links:\n  - {container: a, bridge: b, ip: 10.0.0.1/24, forward: "1:2/tcp"}\nbridges: [{bridge: b, mode: patch}]\n',
  'forward-ip.yaml': 'links:\n  - {container: a, bridge: b, forward: "1:2/tcp"}\n',
  'not-yaml.yaml': 'links: [\n',
} as const;

type File = keyof typeof FILES;

/** Options, exit status, words; conlink's status where it is another one. */
const ENDS: readonly (readonly [words: readonly string[], status: number, text: RegExp, conlinks?: number])[] = [
  [[], 2, /^ERROR: either --network-file or --compose-file is required$/m],
  [['--bogus'], 2, /unknown option '--bogus'/, 1],
  [['extra'], 2, /unknown command 'extra'/, 1],
  [['--network-file'], 2, /'--network-file <file\.\.\.>' argument missing/, 1],
  [['--show-conf', '--network-file', 'good.yaml'], 2, /unknown option '--show-conf'/, 1],
  [file('absent.yaml'), 1, /cannot read absent\.yaml: no such file/],
  [file('good.txt'), 1, /the name does not say whether it is YAML or JSON/],
  [file('not-yaml.yaml'), 1, /^ERROR: not-yaml\.yaml:\d+:\d+: /m],
  [file('needs.yaml'), 1, /needs\.yaml:2:28: the variable NEEDED is needed: say which/],
  [file('unknown-key.yaml'), 1, /unknown key "foo"/],
  [file('two-nodes.yaml'), 1, /both service and container are given/],
  [file('no-bridge.yaml'), 1, /a:eth0: .*bridge/],
  [file('no-vlanid.yaml'), 1, /a:eth0: .*vlanid/],
  [file('forward-type.yaml'), 1, /forward has no meaning for type dummy/],
  [file('forward-mode.yaml'), 1, /forward needs a bridge of mode linux or ovs, and b is patch/],
  [file('forward-ip.yaml'), 1, /forward needs an IPv4 address on the link/],
];

function file(name: File | 'absent.yaml'): readonly string[] {
  return ['--network-file', name];
}

describe('called as conlink is', () => {
  let folder: Folder | undefined;
  let cwd = '';
  before(() => {
    folder = temporaryFolder('conformance');
    cwd = folder.path;
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, name), text);
  });
  after(() => folder?.[Symbol.dispose]());

  for (const [words, status, text, conlinks] of ENDS) {
    const title = `${words.join(' ') || 'nothing'} exits ${status}${conlinks === undefined ? '' : ` (conlink: ${conlinks})`}`;
    it(title, async () => {
      const ran = await linkloom(words.includes('--network-file') ? ['--show-config', ...words] : words, { cwd });
      assert.deepEqual([ran.exitCode, ran.stdout], [status, '']);
      assert.match(ran.stderr, text);
    });
  }

  it('without an engine that answers it says so of both, and exits 3 (conlink: 1)', async () => {
    const sockets = ['--docker-socket', join(cwd, 'd.sock'), '--podman-socket', join(cwd, 'p.sock')];
    const ran = await linkloom([...file('good.yaml'), ...sockets], { cwd, env: { DOCKER_HOST: undefined } });
    assert.equal(ran.exitCode, 3);
    assert.match(ran.stderr, new RegExp(`^WARNING: Could not start docker client on '${cwd}/d\\.sock': `, 'm'));
    assert.match(ran.stderr, new RegExp(`^WARNING: Could not start podman client on '${cwd}/p\\.sock': `, 'm'));
    assert.match(ran.stderr, /^ERROR: Failed to start either docker or podman client\/listener$/m);
  });

  it('prints help and the version on standard output, and exits 0', async () => {
    for (const words of [['--help'], ['-h'], ['--version']]) {
      const ran = await linkloom(words, { cwd });
      assert.deepEqual([ran.exitCode, ran.stderr], [0, ''], words.join(' '));
      assert.notEqual(ran.stdout, '');
    }
    assert.match((await linkloom(['daemon', '--help'], { cwd })).stdout, /--compose-file/);
  });

  it('prints warnings on standard error alone, so that standard output is JSON', async () => {
    const ran = await linkloom(['--show-config', ...file('good.yaml'), '--default-bridge-mode=auto'], { cwd });
    assert.equal(ran.exitCode, 0);
    assert.equal(JSON.parse(ran.stdout).containers.a.links.length, 1);
  });
});
