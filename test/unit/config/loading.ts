/** Loads texts as `validate` would, without a file system where one file is enough. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Loaded, type LoadRequest, loadConfig } from '../../../src/config/load.ts';
import type { Diagnostic } from '../../../src/errors.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import { type Normalised, normalise } from '../../../src/topology/normalise.ts';
import type { Topology } from '../../../src/topology/topology.ts';

export type Checked = Loaded & Pick<Normalised, 'topology'>;

/** Loads one text from standard input and normalises it; as a verb would, nothing known of the machine. */
export async function check(text: string, more: Partial<LoadRequest> = {}): Promise<Checked> {
  const readStdin = async () => new TextEncoder().encode(text);
  return checkFiles({ cwd: '/nowhere/lab', env: {}, files: ['-'], readStdin, ...more });
}

/** Loads and normalises; the diagnostics of both. */
export async function checkFiles(request: LoadRequest): Promise<Checked> {
  const loaded = await loadConfig(request);
  const { topology, diagnostics } = normalise(loaded.config, { lab: loaded.lab, haveOpenvswitch: null });
  return { ...loaded, topology, diagnostics: [...loaded.diagnostics, ...diagnostics] };
}

/** One line per fault: place, severity, message, advice. */
export function lines(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ severity, message, where, hint }) => {
    const place = where === undefined ? '' : `${where.line}:${where.column}: `;
    return `${place}${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

/** The same, each line behind the code of its fault. */
export function codedLines(diagnostics: readonly Diagnostic[]): string[] {
  return lines(diagnostics).map((line, at) => `[${diagnostics[at]?.code}] ${line}`);
}

/** A folder of files that is gone after the block. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'linkloom-config-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The bridge of the first link. */
export function firstBridge({ links }: Topology): string | null {
  return links[0] === undefined ? null : bridgeOf(links[0]);
}
