// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** Compose's rules on the command line: the options, the variables, the working directory by the shell's name for it. */
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inProcess } from '../../support/cli/in-process.ts';
import { temporaryFolder } from '../../support/folder.ts';

const TEXT = `services:
  a: {profiles: [one], x-network: {links: [{bridge: "$B"}]}}
  b: {x-network: {links: [{bridge: "\${COMPOSE_PROJECT_NAME}"}]}}
`;

/** The printed configuration; fails with what was said instead. */
async function config(words: readonly string[], options: Parameters<typeof inProcess>[1]) {
  const { exitCode, stdout, stderr } = await inProcess(['config', '--format', 'json', ...words], options);
  assert.deepEqual([exitCode, stderr], [0, '']);
  return JSON.parse(stdout) as { lab: string; links: { service: string; bridge: string }[] };
}

test('--profile and --env-file, and their variables', async () => {
  using folder = temporaryFolder('compose');
  await writeFile(join(folder.path, 'compose.yaml'), TEXT);
  await writeFile(join(folder.path, 'my.env'), "B='x-y'\n");
  await writeFile(join(folder.path, '.env'), 'B=dot\n');
  const bridgesOf = async (words: readonly string[], env: Record<string, string> = {}) =>
    (await config(words, { cwd: folder.path, env: { COMPOSE_PROJECT_NAME: 'p', ...env } })).links
      .map(({ bridge }) => bridge)
      .join();
  assert.equal(await bridgesOf([]), 'p');
  assert.equal(await bridgesOf(['--profile', 'one']), 'dot,p');
  assert.equal(await bridgesOf(['--profile', 'one', '--env-file', 'my.env']), 'x-y,p');
  assert.equal(await bridgesOf([], { COMPOSE_PROFILES: 'one', COMPOSE_ENV_FILES: 'my.env' }), 'x-y,p');
  assert.equal(await bridgesOf([], { LINKLOOM_PROFILE: 'two:one', LINKLOOM_ENV_FILE: 'my.env' }), 'x-y,p');
});

test("a working directory that is reached through a link has the link's name, unless the shell's name for it is another's", async () => {
  using folder = temporaryFolder('compose');
  await mkdir(join(folder.path, 'real.dir'));
  await symlink('real.dir', join(folder.path, 'o'));
  await writeFile(join(folder.path, 'real.dir/compose.yaml'), TEXT);
  const labFrom = async (cwd: string, PWD: string) => {
    const { lab, links } = await config([], {
      cwd: join(folder.path, cwd),
      env: { B: 'b', PWD: join(folder.path, PWD) },
    });
    assert.deepEqual(
      links.map(({ bridge }) => bridge),
      [lab],
    );
    return lab;
  };
  assert.equal(await labFrom('real.dir', 'o'), 'o');
  assert.equal(await labFrom('real.dir', 'real.dir'), 'realdir');
  assert.equal(await labFrom('real.dir', '.'), 'realdir');
  assert.equal(await labFrom('real.dir', 'gone'), 'realdir');
});
