/**
 * `node dist/test/vm/run.js COMMAND [ARG]…`: run a command as root in the machine with everything, in the same folder,
 * with its output and its exit status; 124 after --timeout seconds, 125 if the guest died. What it writes is lost,
 * except below folders given with --share. Boots in some 20 s and is 5 to 7 times slower than outside: measure no speed in it.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureKernel } from './kernel.ts';
import { runMachine } from './machine.ts';

const { values, positionals } = parseArgs({
  // Options end at the command: its own are not for us.
  args: process.argv.slice(2, firstWord(process.argv)),
  options: {
    share: { type: 'string', multiple: true, default: [] },
    timeout: { type: 'string', default: '1800' },
    memory: { type: 'string', default: '4096' },
  },
  allowPositionals: true,
});
const command = process.argv.slice(firstWord(process.argv));
if (command.length === 0 || positionals.length > 0) {
  process.stderr.write('usage: run.js [--share=FOLDER]… [--timeout=SECONDS] [--memory=MIB] COMMAND [ARG]…\n');
  process.exit(2);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const kernel = ensureKernel((message) => process.stderr.write(`${message}\n`));
process.exitCode = await runMachine(kernel, {
  command,
  cwd: process.cwd(),
  env: inherited(),
  shared: values.share.map((folder) => resolve(folder)),
  memoryMiB: Number(values.memory),
  timeoutMs: Number(values.timeout) * 1000,
  signal: stop.signal,
  output: process.stdout,
});

/** Index of the first word that is no option; all options are written `--name=value`. */
function firstWord(words: readonly string[]): number {
  const index = words.findIndex((word, at) => at >= 2 && !word.startsWith('--'));
  return index < 0 ? words.length : index;
}

/** What a test may depend on. The machine's extra certificates stay out: parsing them costs each Node two seconds there. */
function inherited(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(PATH|HOME|LANG|CI|NO_COLOR|FORCE_COLOR|LINKLOOM_.*)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
}
