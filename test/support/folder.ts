/** Makes a folder for one test, which is removed at the end of its block. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `linkloom-${name}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
