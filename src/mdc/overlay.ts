/**
 * Copies the files of a mode over those of earlier modes, as `cp -a` does: with permissions, times, links and, for root, owners.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

/** Copies `MODE/X/files/*` to `TARGET/X/` for every X. Throws the errors of node:fs. */
export function copyOverlay(modeDir: string, target: string): void {
  for (const name of readdirSync(modeDir).sort()) {
    const files = join(modeDir, name, 'files');
    if (!existsSync(files) || !statSync(files).isDirectory()) continue;
    mkdirSync(join(target, name), { recursive: true });
    for (const entry of readdirSync(files).sort()) copyTree(join(files, entry), join(target, name, entry));
  }
}

function copyTree(source: string, target: string): void {
  const stats = lstatSync(source);
  if (stats.isDirectory()) {
    mkdirSync(target, { recursive: true });
    for (const entry of readdirSync(source).sort()) copyTree(join(source, entry), join(target, entry));
    keepMetadata(target, stats);
  } else if (stats.isSymbolicLink()) {
    rmSync(target, { force: true });
    symlinkSync(readlinkSync(source), target);
    keepOwner(target, stats);
  } else if (stats.isFile()) {
    // A symbolic link of an earlier mode is replaced, not followed.
    if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(target);
    copyFileSync(source, target);
    keepMetadata(target, stats);
  } else {
    throw new Error(`'${source}' is neither file, folder nor symbolic link`);
  }
}

function keepMetadata(target: string, stats: Stats): void {
  keepOwner(target, stats);
  chmodSync(target, stats.mode & 0o7777);
  utimesSync(target, stats.atime, stats.mtime);
}

function keepOwner(target: string, { uid, gid }: Stats): void {
  if (process.geteuid?.() === 0) lchownSync(target, uid, gid);
}
