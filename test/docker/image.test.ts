/** The image: what is in it, and that it can be called in both ways. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { ROOT } from '../support/bin.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../support/engine/image.ts';
import { temporaryFolder } from '../support/folder.ts';

const TOOLS = [
  'curl',
  'ethtool',
  'ip',
  'iptables',
  'jq',
  'nc',
  'nft',
  'node',
  'ovs-vsctl',
  'ovs-vswitchd',
  'ping',
  'socat',
  'tc',
  'tcpdump',
  'tini',
];

describe('the image', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  const run = (...command: readonly string[]): Promise<string> =>
    engine.docker('run', '--rm', '--network', 'none', IMAGE, ...command);

  it('runs linkloom by its name, and by the path that conlink has', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.match(await run('linkloom', 'version'), new RegExp(version.replaceAll('.', '\\.')));
    assert.match(await run('/app/build/conlink.js', '--help'), /--compose-file/);
    assert.equal(JSON.parse(await run('linkloom', 'schema')).type, 'object');
  });

  it('names a lab after its container, not after the folder in it', async () => {
    const script =
      "mkdir /test && cd /test && echo 'links: []' > n.yaml && linkloom config -f n.yaml --format json && hostname";
    const said = (await run('sh', '-c', script)).trimEnd().split('\n');
    const id = said.pop() ?? '';
    assert.match(id, /^[0-9a-f]{12}$/);
    assert.equal(JSON.parse(said.join('\n').replace(/^WARNING.*$/gm, '')).lab, id);
  });

  it('has the tools of the trade', async () => {
    const script = 'for tool; do command -v "$tool" > /dev/null || echo "$tool"; done';
    assert.equal(await run('sh', '-c', script, 'sh', ...TOOLS), '');
    // The pages, for who installs `man`.
    for (const page of ['man1/linkloom-up.1', 'man5/linkloom.yaml.5'])
      assert.match(await run('head', '-n', '3', `/usr/local/share/man/${page}`), /^\.TH /m);
  });

  it('has what containers mount: wait, copy and echo', async () => {
    assert.equal(await run('sh', '-c', 'ls /utils'), 'copy\ncopy.sh\necho\nwait\nwait.sh');
    assert.equal(await run('/utils/echo', 'a', 'b'), 'a b');
    assert.match(await run('/utils/wait', '-f', '/etc/passwd', '--', 'echo', 'done'), /^done$/m);
  });

  it('has them as programs that run where there is nothing else', async () => {
    using folder = temporaryFolder('scratch');
    mkdirSync(join(folder.path, 'tree/data'), { recursive: true });
    const tarball = join(folder.path, 'scratch.tar');
    await execa('tar', ['-C', join(folder.path, 'tree'), '-cf', tarball, '.']);
    await engine.docker('import', tarball, 'linkloom-test/scratch:1');
    // A new volume is filled from the image.
    await engine.docker('run', '--rm', '--network', 'none', '--volume', 'utils:/utils', IMAGE, 'true');
    const bare = ['run', '--rm', '--network', 'none', '--volume', 'utils:/utils', 'linkloom-test/scratch:1'];
    const said = await engine.docker(
      ...[...bare, '/utils/wait', '-f', '/data', '-i', 'lo', '--', '/utils/copy', '/utils', '/data'],
      ...['--', '/data/echo', 'a', 'b'],
    );
    assert.match(said, /^Interface 'lo' exists\nRunning: [^\n]*\ncp -a \/utils\/copy \/data\/copy\n.*^a b$/ms);
    await engine.docker('volume', 'rm', 'utils');
    await engine.docker('rmi', 'linkloom-test/scratch:1');
  });

  it('draws what conlink showed, by the name that conlink has for it', async () => {
    const shown =
      '{"bridges":{"s1":{"bridge":"s1","mode":"linux"}},"tunnels":null,"containers":{},"services":{"r0":{}}}';
    assert.match(await run('sh', '-c', `echo '${shown}' | net2dot`), /^digraph /);
    assert.match(await run('sh', '-c', 'mdc --help'), /MODES|modes/);
  });

  it('has no development dependencies', async () => {
    assert.equal(
      await run(
        'sh',
        '-c',
        'ls -d node_modules/typescript node_modules/esbuild node_modules/@esbuild/* node_modules/fast-check 2>&1 | grep -c "^node_modules" || :',
      ),
      '0',
    );
  });
});
