/** Puts the files that came with a record where the engine's containers get them from. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { HostName } from '../../cluster/names.ts';
import { sourcesOf } from '../../cluster/node-files.ts';
import type { LabRecord } from '../../cluster/record.ts';
import { ensureLabDirectory } from '../../engine/lock/run-directory.ts';
import { LinkloomError } from '../../errors.ts';
import { labDirectory } from '../../net/run-directory.ts';

const FOLDER_MODE = 0o700;
/** Of the name of a folder. */
const DIGITS = 16;

/** Where a source of `copy:` is on this host: a relative one came with the record. It does not depend on what is in it. */
export function sourceOnHost(lab: string, source: string): string {
  if (isAbsolute(source)) return source;
  return join(folderOf(lab), createHash('sha256').update(source).digest('hex').slice(0, DIGITS), 'file');
}

/** Puts the files of this host's nodes there, in place of all that were. Throws E_STORE for a path that leads elsewhere, and what the system throws. */
export function putNodeFiles(lab: string, { config, files = {}, place }: LabRecord, host: HostName): void {
  dropNodeFiles(lab);
  const names = Object.entries(place).flatMap(([key, of]) =>
    of === host && key.startsWith(NODE) ? [key.slice(NODE.length)] : [],
  );
  const sources = new Set(names.flatMap((name) => sourcesOf(config, name)));
  const needed = Object.entries(files).filter(([source]) => sources.has(source));
  if (needed.length === 0) return;
  ensureLabDirectory(lab);
  for (const [source, list] of needed) {
    const root = sourceOnHost(lab, source);
    mkdirSync(dirname(root), { recursive: true, mode: FOLDER_MODE });
    for (const { path, mode, data } of list) {
      const full = normalize(join(root, path));
      if (full !== root && !full.startsWith(`${root}/`)) throw strange(lab, path);
      if (data === null) mkdirSync(full, { recursive: true });
      else writeFileSync(full, Buffer.from(data, 'base64'), { flag: 'wx' });
      chmodSync(full, mode);
    }
  }
}

export function dropNodeFiles(lab: string): void {
  rmSync(folderOf(lab), { recursive: true, force: true });
  try {
    rmdirSync(labDirectory(lab));
  } catch {
    // Other things of the lab are in it, or it is gone.
  }
}

const NODE = 'node/';

function folderOf(lab: string): string {
  return join(labDirectory(lab), 'files');
}

function strange(lab: string, path: string): LinkloomError {
  return new LinkloomError('E_STORE', `the record of the lab ${lab} has a file ${path}, which is not below its folder`);
}
