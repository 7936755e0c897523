/**
 * `override/` sets links by hand and takes that back. What is set is marked in the kernel alone.
 *
 * This file: the routes and addresses that a device has lost while it is set down or has a small MTU. The kernel has no place for them
 * then, so they are noted in a file until the device is raised. The process that holds the lab's lock writes it; `down` and a reboot
 * remove it.
 */
import { readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureLabDirectory } from '../../engine/lock/run-directory.ts';
import { labDirectory } from '../../net/run-directory.ts';
import type { Parked } from '../../plan/overrides/along.ts';

interface Document {
  readonly schemaVersion: 1;
  /** By the inode of each network namespace. */
  readonly namespaces: readonly { readonly inode: number; readonly parked: readonly Parked[] }[];
}

export type ParkedByInode = ReadonlyMap<number, readonly Parked[]>;

function pathOf(lab: string): string {
  return `${labDirectory(lab)}/parked.json`;
}

/** Without a readable file nothing is parked. */
export async function readParked(lab: string): Promise<ParkedByInode> {
  try {
    const { namespaces } = JSON.parse(await readFile(pathOf(lab), 'utf8')) as Document;
    return new Map(namespaces.map(({ inode, parked }) => [inode, parked]));
  } catch {
    return new Map();
  }
}

/** Replaces the file as a whole; nothing parked: removes it. Throws what the file system says. */
export async function writeParked(lab: string, parked: ParkedByInode): Promise<void> {
  const namespaces = [...parked].flatMap(([inode, items]) => (items.length === 0 ? [] : [{ inode, parked: items }]));
  if (namespaces.length === 0) return await removeParked(lab);
  ensureLabDirectory(lab);
  const path = pathOf(lab);
  const document: Document = { schemaVersion: 1, namespaces };
  await writeFile(`${path}.new`, `${JSON.stringify(document)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Removes the file, and the lab's folder if it is empty then. */
export async function removeParked(lab: string): Promise<void> {
  const path = pathOf(lab);
  for (const file of [path, `${path}.new`]) await rm(file, { force: true });
  // In use for something else, or never made.
  await rmdir(dirname(path)).catch(() => {});
}
