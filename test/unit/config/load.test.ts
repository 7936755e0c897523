/** Which files are read, in which order, under which name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LinkloomError } from '../../../src/errors.ts';
import { check, checkFiles, firstBridge, folderOf, lines } from './loading.ts';

const LINKS = 'x-network: {links: [{service: a, bridge: b}]}';

describe('finding files', () => {
  test("compose's file is found upward, with its override", async () => {
    await using folder = await folderOf({
      'compose.yml': LINKS,
      'compose.override.yml': 'x-network: {links: [{service: a, mtu: 1400}]}',
      'docker-compose.yml': 'x-network: {links: [{service: old, bridge: b}]}',
      'deep/er/.keep': '',
    });
    const { topology, files, project } = await checkFiles({ cwd: `${folder.path}/deep/er`, env: {} });
    assert.deepEqual(files, [`${folder.path}/compose.yml`, `${folder.path}/compose.override.yml`]);
    assert.deepEqual(
      topology.links.map((link) => [link.selector.name, link.mtuBytes]),
      [['a', 1400]],
    );
    assert.equal(project?.workingDir, folder.path);
  });

  test('COMPOSE_FILE names them, also from .env, with its separator', async () => {
    await using folder = await folderOf({
      '.env': 'COMPOSE_FILE=one.yaml,two.json\nCOMPOSE_PATH_SEPARATOR=,\nB=from-env\n',
      'one.yaml': 'x-network: {links: [{service: a, bridge: $B}]}',
      'two.json': '{"links":[{"netns":"n","bridge":"b"}]}',
    });
    const { files, topology } = await checkFiles({ cwd: folder.path, env: {} });
    assert.deepEqual(files, ['one.yaml', 'two.json']);
    assert.equal(firstBridge(topology), 'from-env');
  });

  test('no file at all is a mistake of usage', async () => {
    await using folder = await folderOf({});
    // Above a folder for temporary files there is none either, or the machine is a lab itself.
    await assert.rejects(checkFiles({ cwd: folder.path, env: {} }), (error) => {
      return error instanceof LinkloomError && error.code === 'E_USAGE' && error.exitCode === 2;
    });
  });

  test('the environment beats .env, which conlink does not read', async () => {
    await using folder = await folderOf({
      '.env': 'B=file\nC=$B-more\n',
      'n.yaml': 'links: [{netns: n, bridge: $B$C}]',
    });
    const bridgeWith = async (env: Record<string, string>, asCompose = true) =>
      firstBridge((await checkFiles({ cwd: folder.path, env, files: ['n.yaml'], asCompose })).topology);
    assert.equal(await bridgeWith({}), 'filefile-more');
    assert.equal(await bridgeWith({ B: 'env' }), 'envenv-more');
    assert.equal(await bridgeWith({ B: 'env' }, false), 'env');
  });

  test('standard input is either format', async () => {
    assert.equal((await check('{"links":[{"netns":"n","bridge":"b"}]}')).topology.links.length, 1);
    assert.equal((await check('{links: [{netns: n, bridge: b}]}')).topology.links.length, 1);
    assert.equal((await check('\ufefflinks:\n- {netns: n, bridge: b}\n')).topology.links.length, 1);
  });

  test('a compose file without links is no mistake, but is said', async () => {
    const { diagnostics } = await check('services: {a: {image: b}}');
    assert.deepEqual(
      diagnostics.map(({ severity }) => severity),
      ['warning'],
    );
  });
});

describe("the lab's name", () => {
  const files = {
    'My Lab.d/compose.yaml': LINKS,
    'My Lab.d/n.yaml': 'lab: written\nlinks: []',
    'My Lab.d/p.yaml': `name: proj-$X\n${LINKS}`,
  };
  const labOf = async (names: readonly string[], more: Partial<Parameters<typeof checkFiles>[0]> = {}) => {
    await using folder = await folderOf(files);
    return (await checkFiles({ cwd: `${folder.path}/My Lab.d`, env: {}, files: names, ...more })).lab;
  };

  test('comes from the flag first, then from LINKLOOM_LAB', async () => {
    assert.equal(await labOf(['n.yaml'], { lab: 'flag', env: { LINKLOOM_LAB: 'env' } }), 'flag');
    assert.equal(await labOf(['n.yaml'], { env: { LINKLOOM_LAB: 'env' } }), 'env');
  });

  test('then from lab:, then from the compose project, then from the folder', async () => {
    assert.equal(await labOf(['p.yaml', 'n.yaml'], { env: { X: '1' } }), 'written');
    assert.equal(await labOf(['p.yaml'], { env: { X: '1' } }), 'proj-1');
    assert.equal(await labOf(['p.yaml'], { env: { X: '1', COMPOSE_PROJECT_NAME: 'named' } }), 'named');
    assert.equal(await labOf(['p.yaml'], { composeProject: 'flagged' }), 'flagged');
    assert.equal(await labOf(['compose.yaml']), 'mylabd');
  });

  test("for a network file our own container's project comes before the folder", async () => {
    const text = 'links: [{netns: n, bridge: b}]';
    assert.equal((await check(text, { ownProject: 'mine' })).lab, 'mine');
    assert.equal((await check(text, { cwd: '/srv/_Lab-1' })).lab, 'lab-1');
    assert.equal((await check(text, { cwd: '/' })).lab, 'lab');
  });

  test('inside a container it is never the folder, nor what a file calls its project', async () => {
    const inside = { ownLab: 'mine' };
    assert.equal(await labOf(['compose.yaml'], inside), 'mine');
    assert.equal(await labOf(['p.yaml'], { ...inside, env: { X: '1' } }), 'mine');
    assert.equal(await labOf(['compose.yaml'], { ownLab: '0123456789ab' }), '0123456789ab');
    assert.equal(await labOf(['p.yaml'], { ...inside, composeProject: 'flagged' }), 'flagged');
    assert.equal(await labOf(['p.yaml', 'n.yaml'], { ...inside, env: { X: '1' } }), 'written');
    assert.equal(await labOf(['p.yaml'], { ...inside, env: { X: '1', LINKLOOM_LAB: 'env' } }), 'env');
    assert.equal(await labOf(['p.yaml'], { ...inside, lab: 'flag' }), 'flag');
    assert.equal((await check('links: []', { ...inside, cwd: '/test' })).lab, 'mine');
  });

  test('that is none is a mistake of usage', async () => {
    await assert.rejects(check('links: []', { lab: 'No Lab' }), {
      code: 'E_USAGE',
      message: '--lab: "No Lab" is not a lab name',
    });
    await assert.rejects(check('links: []', { env: { LINKLOOM_LAB: '../x' } }), {
      message: 'LINKLOOM_LAB: "../x" is not a lab name',
    });
  });
});

describe('places', () => {
  test('an excerpt shows the line and a caret, within 80 columns and without controls', async () => {
    const { diagnostics } = await check(`links:\n  - {service: a, bridge: b, ethtool: "${'x'.repeat(100)}", mtu: 5}\n`);
    const [line = '', caret = ''] = diagnostics[0]?.where?.excerpt?.split('\n') ?? [];
    assert.ok(line.length <= 80);
    assert.equal(line[caret.length - 1], '5');
    const hostile = await check('links:\n  - {service: "a\\e[31m", bridge: b, mtu: 5, x: "\u009b31m"}\n');
    assert.doesNotMatch(JSON.stringify(hostile.diagnostics), /\u009b|\\u001b/);
  });

  test('a fault in an anchor is shown where the anchor was written', async () => {
    const text = [
      'x-base: &base',
      '  mtu: 5',
      'services:',
      '  a:',
      '    x-network: {links: [{<<: *base, bridge: b}]}',
    ].join('\n');
    assert.deepEqual(lines((await check(text)).diagnostics), [
      '2:8: error: a:eth0: mtu must be a whole number from 68 to 65535, not 5',
    ]);
  });

  test('JSON has places too', async () => {
    const text =
      '{\n  "x-a": ["}", {"\\"": [1]}],\n  "links": [\n    {"service": "a", "bridge": "b"},\n    {"service": "b", "bridge": "b", "mtu": 5}\n  ]\n}';
    assert.deepEqual(lines((await check(text)).diagnostics), [
      '5:44: error: b:eth0: mtu must be a whole number from 68 to 65535, not 5',
    ]);
  });

  test('each mistake in JSON has its place and its words', async () => {
    const said = async (text: string) => lines((await check(text)).diagnostics)[0];
    assert.equal(await said('{"links": [],}'), '1:13: error: not JSON: a comma before `}` (remove the comma)');
    assert.equal(
      await said('{"links": [1 2]}'),
      '1:14: error: not JSON: a comma or `]` is missing (write a comma before what follows, or `]`)',
    );
    assert.equal(
      await said('{"links" []}'),
      '1:10: error: not JSON: a colon is missing after the key (a member is written "key": value)',
    );
    assert.equal(
      await said('{"links": [tru]}'),
      '1:12: error: not JSON: a value is missing (values are "text", numbers, true, false, null, […] and {…}; strings take double quotes)',
    );
    assert.equal(
      await said('{"links": [}'),
      '1:12: error: not JSON: nothing is open that `}` closes (`[` is open: write `]` where it ends)',
    );
    assert.equal(
      await said('{"links": [] // none\n}'),
      '1:14: error: not JSON: comments are not allowed (name the file .yaml: YAML has comments)',
    );
    assert.equal(
      await said('{"links": ["a\n"]}'),
      '1:12: error: not JSON: the string does not end (write `"` at its end; a line break in it is written `\\n`)',
    );
    assert.equal(
      await said('{"links": []} {}'),
      '1:15: error: not JSON: text after the end of the document (a JSON file holds one value: remove the rest)',
    );
    assert.equal(await said('{"links": ['), '1:11: error: not JSON: `[` is not closed (write `]` where it ends)');
    assert.equal(
      await said('{"a": "\\x"}'),
      '1:7: error: not JSON: the string holds a control character or an unknown escape (a backslash is written `\\\\`, a tab `\\t`, a line break `\\n`)',
    );
    assert.equal(
      await said('{"a": 1, b: 2}'),
      '1:10: error: not JSON: a key in double quotes is missing (write "…" around the key)',
    );
    assert.equal(
      await said('{"a": 1,, "b": 2}'),
      '1:9: error: not JSON: a key in double quotes is missing (remove the comma)',
    );
    assert.equal(await said('{"a":'), '1:1: error: not JSON: `{` is not closed (write `}` where it ends)');
    assert.equal(
      await said('{"a": 01}'),
      '1:7: error: not JSON: a value is missing (values are "text", numbers, true, false, null, […] and {…}; strings take double quotes)',
    );
  });
});
