/**
 * The lab of test/fixtures/exported becomes what stands beside it, notes and all. After a wanted change:
 * `LINKLOOM_WRITE_FIXTURES=1 node --test dist/test/unit/export/exported.test.js`, and read the difference.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exportLab } from '../../../src/export/export.ts';
import { EXPORT_FORMATS } from '../../../src/export/formats.ts';
import { linkloom } from '../../support/bin.ts';
import { check } from '../config/loading.ts';

const FOLDER = fileURLToPath(new URL('../../../../test/fixtures/exported', import.meta.url));
const LAB = join(FOLDER, 'lab.yaml');

describe('an exported lab', () => {
  for (const to of EXPORT_FORMATS) {
    it(`for ${to}`, async () => {
      const { config, lab } = await check(readFileSync(LAB, 'utf8'), { cwd: '/nowhere/lab' });
      const { text, notes } = exportLab(config, lab, to, { folder: '/nowhere/lab', standIn: () => 'alpine:3' });
      const listed = notes.map(({ code, message, where }) => `${where?.line ?? '-'}: ${message} [${code}]`);
      const outcome = `${text}\n${listed.join('\n')}\n`;
      const expected = join(FOLDER, `${to}.txt`);
      if (process.env['LINKLOOM_WRITE_FIXTURES'] === '1') writeFileSync(expected, outcome);
      assert.equal(outcome, readFileSync(expected, 'utf8'));
    });
  }
});

describe('linkloom export', () => {
  it('writes nothing, with --strict, where something is not carried over, and names it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linkloom-export-'));
    try {
      const out = join(folder, 'lab.clab.yml');
      writeFileSync(out, 'before');
      const run = await linkloom(['export', '--to', 'containerlab', '-f', LAB, '-o', out, '--strict']);
      assert.equal(run.exitCode, 1);
      assert.match(run.stderr, /lab\.yaml:\d+:\d+: run of r1 is not carried over \[export-left-out\]/);
      assert.match(run.stderr, /parts are not carried over; nothing is written/);
      assert.equal(run.stdout, '');
      assert.equal(readFileSync(out, 'utf8'), 'before');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('reads what other tools wrote, and --image stands in for namespaces', async () => {
    const input =
      'topology:\n  nodes:\n    a: {kind: linux, image: busybox}\n    b: {kind: linux}\n  links:\n    - endpoints: ["a:e1", "b:e1"]\n';
    const run = await linkloom(
      ['export', '--to', 'containerlab', '-f', '-', '--lab', 'x', '--image', 'b=frr', '--strict'],
      {
        input,
      },
    );
    assert.equal(run.exitCode, 0, run.stderr);
    assert.match(run.stdout, /^name: x\n/);
    assert.match(run.stdout, /b:\n {6}kind: linux\n {6}image: frr\n/);
    assert.match(run.stdout, /endpoints:\n {8}- "a:e1"\n {8}- "b:e1"/);
  });

  it('asks what to write, and refuses a file that can not be written', async () => {
    const idle = await linkloom(['export', '-f', LAB]);
    assert.equal(idle.exitCode, 2);
    assert.match(idle.stderr, /--to compose\|containerlab\|node-link/);
    const nowhere = await linkloom(['export', '--to', 'compose', '-f', LAB, '-o', '/nowhere/x.yaml']);
    assert.equal(nowhere.exitCode, 2);
    assert.match(nowhere.stderr, /\/nowhere\/x\.yaml can not be written/);
  });
});
