/**
 * Runs the tools of share/utils in each of their forms: scripts in their shells, and static programs for this machine and for
 * arm64.
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

/** The absolute path of a script in share/utils. */
export function scriptPath(name: string): string {
  return `${SHARE}${name}`;
}

export interface Form {
  readonly name: string;
  /** Whether the form is a program, and not a script. */
  readonly isStatic: boolean;
  /** The command that runs a tool. */
  command(tool: Tool): readonly [string, ...string[]];
  /** The PATH in which it finds programs: busybox's applets and nothing else, or the system's programs. */
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
 * All forms: busybox with its applets alone, dash with the system's programs, programs for this machine, and programs for arm64 in
 * an emulator. A form that this machine can't make is skipped with a message (with CI=true that fails). Disposal removes what was
 * made.
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

/** Runs a tool with an environment of only `env` and PATH. */
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
