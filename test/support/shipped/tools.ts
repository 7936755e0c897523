/**
 * The tools under share/utils in each form that there is, and a way to run them to the end: scripts in the shells that they are
 * for, and static programs, of this machine and of arm64.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needs } from '../needs.ts';

export type Tool = 'wait' | 'copy' | 'echo';

const SHARE = fileURLToPath(new URL('../../../../share/utils/', import.meta.url));
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Absolute path of a script under share/utils. */
export function scriptPath(name: string): string {
  return `${SHARE}${name}`;
}

export interface Form {
  readonly name: string;
  /** A program, not a script in a shell. */
  readonly isStatic: boolean;
  /** The words that run a tool. */
  command(tool: Tool): readonly [string, ...string[]];
  /** Where its programs are: busybox's own applets and nothing else, or the system's. */
  readonly path: string;
}

export interface Forms extends Disposable {
  readonly all: readonly Form[];
}

/** Builds the programs by share/utils/build.sh, as the image does. */
function buildTools(folder: string, compiler: string): void {
  const env = { ...process.env, CC: compiler };
  execFileSync('sh', [scriptPath('build.sh'), folder], { stdio: ['ignore', 'inherit', 'inherit'], env });
}

/**
 * busybox with its applets alone, dash with the system's programs, the programs of this machine, and those of arm64 in an
 * emulator; a form that this machine can't make is skipped aloud (with CI=true that fails). Disposing removes what was made for them.
 */
export function forms(): Forms {
  const root = mkdtempSync(join(tmpdir(), 'linkloom-tools-'));
  const applets = spawnSync('busybox', ['--list'], { encoding: 'utf8' }).stdout.split('\n');
  const busybox = mkdtempSync(join(root, 'busybox-'));
  for (const applet of applets) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('/usr/bin/busybox', join(busybox, applet));
  }
  const all: Form[] = [
    inShell('busybox', ['/usr/bin/busybox', 'sh'], busybox),
    inShell('dash', ['/usr/bin/dash'], SYSTEM_PATH),
  ];
  if (needs('program:gcc').skip === undefined) all.push(asProgram('static', root, 'gcc', []));
  if (needs('program:aarch64-linux-gnu-gcc', 'program:qemu-aarch64-static').skip === undefined) {
    all.push(asProgram('static arm64', root, 'aarch64-linux-gnu-gcc', ['/usr/bin/qemu-aarch64-static']));
  }
  return { all, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

function inShell(name: string, shell: readonly [string, ...string[]], path: string): Form {
  return { name, isStatic: false, path, command: (tool) => [...shell, scriptPath(`${tool}.sh`)] };
}

function asProgram(name: string, root: string, compiler: string, emulator: readonly string[]): Form {
  const folder = mkdtempSync(join(root, 'static-'));
  buildTools(folder, compiler);
  const command = (tool: Tool): [string, ...string[]] => {
    const [program = '', ...words] = [...emulator, join(folder, tool)];
    return [program, ...words];
  };
  return { name, isStatic: true, path: SYSTEM_PATH, command };
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a tool with nothing but `env` and its PATH around it. */
export function runTool(
  form: Pick<Form, 'command' | 'path'>,
  tool: Tool,
  args: readonly string[],
  more: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Outcome {
  const [program, ...words] = form.command(tool);
  const { status, stdout, stderr } = spawnSync(program, [...words, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: form.path, ...more.env },
    ...(more.cwd === undefined ? {} : { cwd: more.cwd }),
  });
  return { status, stdout, stderr };
}
