/** Runs the commands of a page as they are written, in a folder of their own. */
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { BIN, NEUTRAL } from '../bin.ts';
import { fileOf, type Page, type Step } from './pages.ts';

/** How long all commands of a page may take. */
const PAGE_TIMEOUT_MS = 240_000;

export interface Surroundings {
  readonly folder: string;
  /** Name → shell script. Programs that the commands of pages find before all others. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves with all that was said if each command succeeded; rejects with it otherwise, the command that failed at its end. */
export async function runPage(page: Page, { folder, programs = {}, env = {} }: Surroundings): Promise<string> {
  const all = { linkloom: `exec ${process.execPath} ${BIN} "$@"`, ...programs };
  for (const [name, script] of Object.entries(all))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const lines = ['set -euo pipefail', 'set -v'];
  for (const step of page.steps) {
    const file = fileOf(step);
    if (file !== null && step.leftOut === null) lines.push(heredoc(file, step.text));
    if (step.kind === 'shell' && step.leftOut === null) lines.push(step.text);
  }
  const script = join(folder, '.page.sh');
  await writeFile(script, `${lines.join('\n')}\n`);
  const ran = await execa('bash', [script], {
    cwd: folder,
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: PAGE_TIMEOUT_MS,
    env: { ...NEUTRAL, ...env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  if (ran.exitCode !== 0) throw new Error(`${page.path}: exit ${ran.exitCode ?? ran.signal}\n${ran.all.slice(-4000)}`);
  return ran.all;
}

/** A block becomes a file where it stands on the page, so that a later one can replace it. */
function heredoc(file: string, text: string): string {
  return `cat > ${file} <<'END-OF-BLOCK'\n${text}END-OF-BLOCK`;
}

/** The part of a page that runs in a place; null if it has no commands. */
export function partOf({ path, steps }: Page, place: Step['runs']): Page | null {
  const part = steps.filter(({ runs }) => runs === place);
  const isRun = part.some(({ kind, leftOut, isHidden }) => kind === 'shell' && leftOut === null && !isHidden);
  return isRun ? { path, steps: part } : null;
}
