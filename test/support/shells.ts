/**
 * The shells that the scripts under share/utils are for, and a way to run them to the end.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of a script under share/utils. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`../../../share/utils/${name}`, import.meta.url));
}

export interface Shell {
  readonly name: string;
  /** The words before the script's path. */
  readonly command: readonly [string, ...string[]];
  /** Where its programs are: busybox's own applets and nothing else, or the system's. */
  readonly path: string;
}

export interface Shells extends Disposable {
  readonly all: readonly Shell[];
}

/** busybox with its applets alone, and dash with the system's programs. Disposing removes the folder of applets. */
export function shells(): Shells {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-busybox-'));
  const applets = spawnSync('busybox', ['--list'], { encoding: 'utf8' }).stdout.split('\n');
  for (const applet of applets) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('/usr/bin/busybox', join(folder, applet));
  }
  return {
    all: [
      { name: 'busybox', command: ['/usr/bin/busybox', 'sh'], path: folder },
      { name: 'dash', command: ['/usr/bin/dash'], path: '/usr/sbin:/usr/bin:/sbin:/bin' },
    ],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a script in a shell with nothing but `env` and its PATH around it. */
export function runScript(
  shell: Shell,
  script: string,
  args: readonly string[],
  more: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Outcome {
  const [program, ...words] = shell.command;
  const { status, stdout, stderr } = spawnSync(program, [...words, scriptPath(script), ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: shell.path, ...more.env },
    ...(more.cwd === undefined ? {} : { cwd: more.cwd }),
  });
  return { status, stdout, stderr };
}
