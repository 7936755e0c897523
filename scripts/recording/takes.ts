/** Runs the scenes in a folder of their own. Needs root, ip(8), ping(8) and script(1). The caller sees to a sandbox. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BIN, NEUTRAL } from '../../test/support/bin.ts';
import type { Take } from './film.ts';
import { LAB_FILE, SCENES } from './scenes.ts';
import { record } from './terminal.ts';

/** Takes all scenes, one after another. Rejects at the first one whose exit status is another than it should be. */
export async function takeScenes(): Promise<readonly Take[]> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-recording-'));
  try {
    const program = join(folder, '.bin-linkloom');
    writeFileSync(join(folder, LAB_FILE.name), LAB_FILE.text);
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(program, 0o755);
    const env = { ...process.env, ...NEUTRAL, NO_COLOR: undefined, TERM: 'xterm-256color', PATH: pathOf(process.env) };
    const takes: Take[] = [];
    for (const { words, status } of SCENES) {
      const [first, ...rest] = words;
      const command = [first === 'linkloom' ? program : first, ...rest];
      takes.push({ line: words.join(' '), states: await record(command, { status, cwd: folder, env }) });
    }
    return takes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pathOf(env: NodeJS.ProcessEnv): string {
  return ['/usr/sbin', '/sbin', env['PATH'] ?? ''].join(delimiter);
}
