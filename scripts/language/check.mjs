/**
 * `node scripts/language/check.mjs [FILE…]`: plain English in README, the changelog, docs/ and the texts that the program says. Prints a line
 * for each fault; exits 1 if there is one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JARGON, MAX_WORDS, NEWCOMERS, SHORT, TERMS, WORDS } from './rules.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GLOSSARY = 'docs/concepts.md';

/** Paragraphs, items of lists and cells of tables, each with its line; without code, comments and the targets of links. */
function* passagesOf(text) {
  const blank = (block) => block.replaceAll(/[^\n]/g, '');
  const prose = text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, blank).replaceAll(/<!--[\s\S]*?-->/g, blank);
  let passage = null;
  for (const [at, line] of prose.split('\n').entries()) {
    const isTable = /^\s*\|/.test(line);
    const begins = isTable || /^\s*([-*>]|\d+\.)\s|^#/.test(line);
    if (passage !== null && (line.trim() === '' || begins || passage.isTable)) {
      yield passage;
      passage = null;
    }
    if (line.trim() === '' || /^\s*\|[\s|:-]+\|$/.test(line)) continue;
    passage ??= { line: at + 1, text: '', isTable, isHeading: line.startsWith('#') };
    passage.text += ` ${line.trim()}`;
  }
  if (passage !== null) yield passage;
}

function plain(text) {
  return text
    .replaceAll(/`[^`]*`/g, 'CODE')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]+>/g, '')
    .replace(/^\s*(?:[-*>#]+|\d+\.)\s+/, '')
    .replaceAll('**', '')
    .trim();
}

/** A sentence ends with a stop and a space, also behind a bracket or quote. */
function sentencesOf(text) {
  return text.split(/(?<=[.!?]["')]?)\s+(?=\S)/).filter((sentence) => sentence !== '');
}

function wordsIn(sentence) {
  return sentence.split(/\s+/).filter((word) => /[A-Za-z0-9]/.test(word)).length;
}

/** Words that are not used, and names that are written otherwise. */
function* wordFaults(at, sentence) {
  for (const [pattern, advice] of WORDS) {
    const found = pattern.exec(sentence);
    if (found) yield `${at}: "${found[0]}": ${advice}`;
  }
  for (const [pattern, term] of TERMS) {
    const found = pattern.exec(sentence);
    if (found) yield `${at}: "${found[0]}": write ${term}`;
  }
}

function* faultsOf(path, text, glossary) {
  const isForNewcomers = NEWCOMERS.includes(path);
  for (const passage of passagesOf(text)) {
    const words = plain(passage.text);
    const at = `${path}:${passage.line}`;
    for (const sentence of passage.isTable ? words.split('|').map((cell) => cell.trim()) : sentencesOf(words)) {
      yield* wordFaults(at, sentence);
      const count = wordsIn(sentence);
      if (SHORT.includes(path) && !passage.isTable && count > MAX_WORDS)
        yield `${at}: a sentence of ${count} words; at most ${MAX_WORDS}: "${sentence.slice(0, 60)}…"`;
    }
    if (!isForNewcomers) continue;
    for (const term of JARGON) {
      if (new RegExp(`\\b${term}s?\\b`, 'i').test(words) && !glossary.has(term))
        yield `${at}: "${term}" has no entry in ${GLOSSARY}`;
    }
  }
}

/** The terms that the glossary explains: those in bold at the front of an item. */
function glossaryTerms() {
  const path = join(ROOT, GLOSSARY);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return new Set([...text.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, term]) => term.toLowerCase()));
}

function pages() {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = below.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs.sort()];
}

/** The files of the program, which have the texts that it says. */
function programs() {
  return ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`)
      .sort(),
  );
}

const files = process.argv.length > 2 ? process.argv.slice(2) : [...pages(), ...programs()];
const glossary = glossaryTerms();
const faults = files
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => [...faultsOf(path, readFileSync(join(ROOT, path), 'utf8'), glossary)]);
const sources = files.filter((path) => path.endsWith('.ts'));
if (sources.length > 0) {
  const { textsOf } = await import('./messages.mjs');
  for (const path of sources)
    for (const { line, text } of textsOf(path, readFileSync(join(ROOT, path), 'utf8')))
      faults.push(...wordFaults(`${path}:${line}`, plain(text)));
}
for (const fault of faults) process.stdout.write(`${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
