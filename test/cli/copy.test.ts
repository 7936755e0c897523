import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { needs } from '../support/needs.ts';
import { forms, runTool, scriptPath } from '../support/shipped/tools.ts';

const made = forms();
after(() => made[Symbol.dispose]());

/** A folder with `source` and `target` in it, gone at the end of the test. */
function trees(): { readonly root: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'linkloom-copy-'));
  for (const name of ['source/sub/deep', 'source/empty', 'target']) mkdirSync(join(root, name), { recursive: true });
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

for (const form of made.all) {
  describe(`copy: ${form.name}`, () => {
    test('copies regular files of the whole tree over what is there, and becomes the command', () => {
      using dir = trees();
      const at = (name: string) => join(dir.root, name);
      writeFileSync(at('source/plain'), 'plain {{HOME}}\n');
      writeFileSync(at('source/.hidden'), 'hidden');
      writeFileSync(at('source/sub/deep/with space\nand newline'), 'deep');
      writeFileSync(at('source/locked'), 'locked');
      chmodSync(at('source/locked'), 0o454);
      symlinkSync('plain', at('source/link'));
      writeFileSync(at('target/plain'), 'old and longer than the new one');
      writeFileSync(at('target/other'), 'other');
      const got = runTool(form, 'copy', ['source', 'target', '--', 'sh', '-c', 'echo "$1"; exit 3', 'x', 'a  b'], {
        cwd: dir.root,
        env: { HOME: '/x' },
      });
      assert.equal(got.stderr, '');
      assert.equal(got.status, 3);
      assert.ok(got.stdout.endsWith('\na  b\n'), got.stdout);
      assert.ok(got.stdout.includes('cp -a source/plain target/plain\n'), got.stdout);
      assert.equal(readFileSync(at('target/plain'), 'utf8'), 'plain {{HOME}}\n');
      assert.equal(readFileSync(at('target/.hidden'), 'utf8'), 'hidden');
      assert.equal(readFileSync(at('target/sub/deep/with space\nand newline'), 'utf8'), 'deep');
      assert.equal(readFileSync(at('target/other'), 'utf8'), 'other');
      assert.equal(statSync(at('target/locked')).mode & 0o777, 0o654);
      assert.equal(existsSync(at('target/link')), false);
      assert.equal(existsSync(at('target/empty')), false);
    });

    test('takes the command without the dashes too', () => {
      using dir = trees();
      const got = runTool(form, 'copy', ['source', 'target', 'echo', 'bare'], { cwd: dir.root });
      assert.deepEqual(got, { status: 0, stdout: 'bare\n', stderr: '' });
    });

    test('fills templates from the environment alone, whole values, once', () => {
      using dir = trees();
      const at = (name: string) => join(dir.root, name);
      writeFileSync(at('source/t'), '{{A}}-{{A}} {{ A }} {{UNSET}} {{folder}} {{template}} {{{B}}}');
      writeFileSync(at('source/sub/lines'), '\n{{B}}\n\n');
      writeFileSync(at('source/bytes'), Buffer.from([0x7b, 0x7b, 0x42, 0x7d, 0x7d, 0xff, 0xfe, 0x0a]));
      writeFileSync(at('source/binary'), Buffer.from('{{B}}\0{{B}}'));
      const env = { A: 'k=v=w&\\n/\\1 {{B}}', B: 'two\nlines' };
      const got = runTool(form, 'copy', ['-T', 'source', 'target'], { cwd: dir.root, env });
      assert.equal(got.stderr, '');
      assert.equal(got.status, 0);
      assert.equal(
        readFileSync(at('target/t'), 'utf8'),
        `${env.A}-${env.A} {{ A }} {{UNSET}} {{folder}} {{template}} {${env.B}}`,
      );
      assert.equal(readFileSync(at('target/sub/lines'), 'utf8'), `\n${env.B}\n\n`);
      assert.deepEqual(readFileSync(at('target/bytes')), Buffer.from('two\nlines\xff\xfe\n', 'latin1'));
      assert.equal(readFileSync(at('target/binary'), 'utf8'), '{{B}}\0{{B}}');
      assert.equal(got.stdout.split("Replacing '{{A}}' with 'k=v=w&\\n/\\1 {{B}}' in 'target/t'\n").length, 2);
    });

    test('gives the copies to root', needs('root'), () => {
      using dir = trees();
      writeFileSync(join(dir.root, 'source/f'), '');
      chownSync(join(dir.root, 'source/f'), 1234, 1234);
      assert.equal(runTool(form, 'copy', ['source', 'target'], { cwd: dir.root }).status, 0);
      const { uid, gid } = statSync(join(dir.root, 'target/f'));
      assert.deepEqual([uid, gid], [0, 0]);
    });

    test('leaves a folder that is copied onto itself as it is', () => {
      using dir = trees();
      writeFileSync(join(dir.root, 'source/f'), 'precious');
      const got = runTool(form, 'copy', ['source', 'source'], { cwd: dir.root });
      assert.equal(got.status, 1);
      assert.match(got.stderr, /same file/);
      assert.equal(readFileSync(join(dir.root, 'source/f'), 'utf8'), 'precious');
    });

    test('keeps modes and times, and gives no files of root the rights of their owner', () => {
      using dir = trees();
      const at = (name: string) => join(dir.root, name);
      writeFileSync(at('source/f'), 'x');
      chmodSync(at('source/f'), 0o4755);
      utimesSync(at('source/f'), 1_000_000, 1_000_000);
      assert.equal(runTool(form, 'copy', ['source', 'target'], { cwd: dir.root }).status, 0);
      const { mode, mtimeMs } = statSync(at('target/f'));
      assert.equal(mode & 0o777, 0o755);
      assert.equal(mtimeMs, 1_000_000_000);
      if (process.getuid?.() === 0) assert.equal(mode & 0o7000, 0);
    });

    test('stops at the first file that cannot be copied, without the command', () => {
      using dir = trees();
      writeFileSync(join(dir.root, 'source/f'), '');
      mkdirSync(join(dir.root, 'target/f'));
      const got = runTool(form, 'copy', ['source', 'target', '--', 'echo', 'ran'], { cwd: dir.root });
      assert.deepEqual(got, { status: 1, stdout: '', stderr: "copy: 'target/f' is a folder, 'source/f' a file\n" });
    });

    const slips: readonly (readonly [readonly string[], string])[] = [
      [[], 'copy: a source and a target folder are needed (see copy --help)\n'],
      [['source'], 'copy: a source and a target folder are needed (see copy --help)\n'],
      [['--tempalte', 'source', 'target'], 'copy: Unknown option: --tempalte\n'],
      [['source', 'nowhere'], "Not a directory: 'nowhere'\n"],
      [['nowhere', 'target'], "Not a directory: 'nowhere'\n"],
    ];
    for (const [args, stderr] of slips) {
      test(`refuses '${args.join(' ')}'`, () => {
        using dir = trees();
        const got = runTool(form, 'copy', args, { cwd: dir.root });
        assert.deepEqual(got, { status: 2, stdout: '', stderr });
      });
    }
  });

  // conlink has a program of that name, and no script.
  if (form.isStatic) {
    test(`echo: ${form.name} joins its arguments and reads no options`, () => {
      const got = runTool(form, 'echo', ['-n', 'a\\tb', '', 'c  d'], { env: { IFS: ',' } });
      assert.deepEqual(got, { status: 0, stdout: '-n a\\tb  c  d\n', stderr: '' });
      assert.deepEqual(runTool(form, 'echo', []), { status: 0, stdout: '\n', stderr: '' });
    });
  }
}

test('the scripts have no fault that shellcheck finds', needs('program:shellcheck'), () => {
  const files = ['wait.sh', 'copy.sh', 'build.sh'].map(scriptPath);
  const got = spawnSync('shellcheck', ['--shell=sh', ...files], { encoding: 'utf8' });
  assert.equal(got.stdout, '');
});
