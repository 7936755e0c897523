/**
 * Reads the pages of the book as the tests run them. A comment of HTML before a block says what a reader does not need to see:
 *
 *     <!-- test: not run: REASON -->      the next block can't run here
 *     <!-- test: not loaded: REASON -->   the next block of YAML is a part of a file
 *     <!-- test: run                      lines of shell that are run there, beside the blocks
 *     linkloom up -f lab.yaml
 *     -->
 *     <!-- test: containers -->           what follows runs where a container engine is
 *
 * All blocks of a page that run in the same place do so in one folder and one shell, in their order. A block of YAML whose first line is `# NAME.yaml` is a file there.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../bin.ts';

export interface Step {
  readonly kind: 'shell' | 'yaml' | 'other';
  /** The word behind the fence; empty for none. */
  readonly language: string;
  readonly text: string;
  readonly line: number;
  /** Why the block is left out; null if it is not. */
  readonly leftOut: string | null;
  readonly runs: 'namespaces' | 'containers';
  /** Whether it is written for the tests alone. */
  readonly isHidden: boolean;
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly steps: readonly Step[];
}

/** Pages whose examples have a test of their own, and those that tell of the past. */
const ELSEWHERE = ['docs/diagnostics.md'];

/** README and all pages under docs/. */
export function bookPages(): readonly Page[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => `docs/${name}`)
    .sort();
  return ['README.md', ...below].filter((path) => !ELSEWHERE.includes(path)).map(readPage);
}

export function readPage(path: string): Page {
  return { path, steps: stepsOf(readFileSync(join(ROOT, path), 'utf8')) };
}

const PART = /^<!-- test: ([\s\S]*?)-->$|^( *)```(\S*)[^\n]*\n([\s\S]*?)^ *```$/gm;
const SHELL = ['sh', 'bash', 'shell', 'console'];

/** The blocks of a page, and what its comments say of them. Throws for a comment that nobody understands. */
export function stepsOf(text: string): readonly Step[] {
  const steps: Step[] = [];
  let runs: Step['runs'] = 'namespaces';
  let leftOut: string | null = null;
  for (const { 1: comment, 2: indent = '', 3: language = '', 4: block = '', index } of text.matchAll(PART)) {
    const line = text.slice(0, index).split('\n').length;
    if (comment === undefined) {
      const kind = SHELL.includes(language) ? 'shell' : language === 'yaml' ? 'yaml' : 'other';
      const own = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      steps.push({ kind, language, text: own, line, leftOut, runs, isHidden: false });
      leftOut = null;
      continue;
    }
    const [, word = '', rest = ''] = /^(not run: |not loaded: |run\n|containers)([\s\S]*)$/.exec(comment) ?? [];
    if (word === 'containers') runs = 'containers';
    else if (word === 'run\n')
      steps.push({ kind: 'shell', language: 'sh', text: rest, line, leftOut: null, runs, isHidden: true });
    else if (word !== '' && rest.trim() !== '') leftOut = rest.trim();
    else throw new Error(`line ${line}: what does the comment '${comment}' mean?`);
  }
  return steps;
}

/** The file that a block of YAML is, by its first line; null if it is none. */
export function fileOf({ kind, text }: Step): string | null {
  return kind === 'yaml' ? (/^# ([\w.-]+\.ya?ml)\b/.exec(text)?.[1] ?? null) : null;
}
