/** Types lines into an interactive shell that has loaded linkloom's completion script, and returns what they become. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, linkloom } from '../bin.ts';

export type CompletingShell = 'bash' | 'zsh' | 'fish';

const START: Readonly<Record<'bash' | 'zsh', (rc: string) => string>> = {
  bash: (rc) => `bash --rcfile '${rc}' -i`,
  zsh: () => 'zsh -f -i',
};

/**
 * What a TAB makes of each beginning of a line, in `folder`, where files of its own are also written. Each beginning must have one
 * completion. fish reports its completions itself; the other shells get a terminal of their own (script(1)). The program that the
 * script may ask is written there too.
 */
export async function completed(shell: CompletingShell, lines: readonly string[], folder: string): Promise<string[]> {
  const { stdout: script } = await linkloom(['completion', shell]);
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, script);
  writeFileSync(join(folder, 'linkloom'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 });
  if (shell === 'fish') return lines.map((line) => inFish(file, line, folder));
  const rc = join(folder, `rc.${shell}`);
  const setUp = shell === 'zsh' ? 'autoload -Uz compinit; compinit -u -D\n' : '';
  writeFileSync(rc, `${setUp}source '${file}'\nlinkloom () { printf 'GOT:%s:END\\n' "$*"; }\nPS1='> '\n`);
  const typed = [...(shell === 'zsh' ? [`source '${rc}'`] : []), ...lines.map((line) => `${line}\t`), 'exit', ''];
  const { stdout } = spawnSync('script', ['-qec', START[shell](rc), '/dev/null'], {
    cwd: folder,
    input: typed.join('\n'),
    encoding: 'utf8',
    timeout: 60_000,
    env: environment(folder),
  });
  return [...stdout.matchAll(/GOT:(.*):END/g)].map(([, words]) => `linkloom ${words}`);
}

function environment(folder: string) {
  return { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, TERM: 'dumb' };
}

function inFish(file: string, line: string, folder: string): string {
  const command = `source '${file}'; complete -C '${line}'`;
  const options = { cwd: folder, encoding: 'utf8', env: environment(folder) } as const;
  const { stdout } = spawnSync('fish', ['--no-config', '-c', command], options);
  const words = stdout.split('\n').flatMap((offer) => (offer === '' ? [] : [offer.split('\t')[0] ?? '']));
  return `${line.slice(0, line.lastIndexOf(' ') + 1)}${[...new Set(words)].join('|')}`;
}
