/** Types lines into an interactive shell that has loaded linkloom's completion script, and returns what they become. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkloom } from '../bin.ts';

export type CompletingShell = 'bash' | 'zsh' | 'fish';

const START: Readonly<Record<'bash' | 'zsh', (rc: string) => string>> = {
  bash: (rc) => `bash --rcfile '${rc}' -i`,
  zsh: () => 'zsh -f -i',
};

/**
 * What a TAB makes of each beginning of a line, in `folder`, where two files are also written. Each beginning must have one
 * completion. fish reports its completions itself; the other shells get a terminal of their own (script(1)).
 */
export async function completed(shell: CompletingShell, lines: readonly string[], folder: string): Promise<string[]> {
  const { stdout: script } = await linkloom(['completion', shell]);
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, script);
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
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb' },
  });
  return [...stdout.matchAll(/GOT:(.*):END/g)].map(([, words]) => `linkloom ${words}`);
}

function inFish(file: string, line: string, folder: string): string {
  const command = `source '${file}'; complete -C '${line}'`;
  const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb' };
  const { stdout } = spawnSync('fish', ['--no-config', '-c', command], { cwd: folder, encoding: 'utf8', env });
  const words = stdout.split('\n').flatMap((offer) => (offer === '' ? [] : [offer.split('\t')[0] ?? '']));
  return `${line.slice(0, line.lastIndexOf(' ') + 1)}${[...new Set(words)].join('|')}`;
}
