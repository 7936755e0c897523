/** What the README of an example says that its commands print: the lines of its block of `text`. `…` in one is any text. */
import assert from 'node:assert/strict';
import { readPage } from './pages.ts';

/** The lines that the README of `examples/EXAMPLE` promises. */
export function promisedBy(example: string): readonly string[] {
  const { steps } = readPage(`examples/${example}/README.md`);
  const block = steps.find(({ language }) => language === 'text')?.text ?? '';
  return block.split('\n').filter(Boolean);
}

/** Throws unless each promised line, but those of `except`, is in what the commands have said. */
export function assertPromised(example: string, said: string, except: RegExp = /^$/): void {
  const promised = promisedBy(example).filter((line) => !except.test(line));
  assert.ok(promised.length > 0, `examples/${example}/README.md says what the output is`);
  for (const line of promised) assert.ok(isSaid(line, said), `${line}\nis not in\n${said}`);
}

function isSaid(line: string, output: string): boolean {
  const parts = line.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(output);
}
