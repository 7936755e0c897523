/**
 * `yaml/` turns YAML 1.2 into plain values. A library parses the text. The walk to plain values is linkloom's own, because it has
 * to count what aliases and merge keys expand to, find duplicate keys in linear time, and apply compose's `!reset` and `!override`.
 *
 * This file: splits a text into its documents.
 */

import { Composer, type CST, Document, Lexer, Parser } from 'yaml';
import { severityOf } from '../../../diagnostics/table.ts';
import { commandLine } from '../../../verb-names.ts';
import { type Fault, MAX_DEPTH, NOWHERE, type Parsed, tooDeep } from '../parsed.ts';
import { Depth } from './depth.ts';
import { parsedInPieces } from './pieces.ts';
import { type Node, rangeOf, type Targets, targetsOf, writtenAt } from './positions.ts';
import { resetsOf } from './resets.ts';
import { Stop, Walk } from './walk.ts';

/** Characters from which on a text is parsed in pieces, if it can be cut. */
const LARGE = 256 * 1024;
/** The most documents in one file. */
const MAX_DOCUMENTS = 1000;
/** The tags of compose's merge. They are known, though the library does not know them. */
const COMPOSE_TAGS = new Set(['!reset', '!override']);

const OPTIONS = { merge: true, uniqueKeys: false } as const;

/**
 * Parses the documents of a text: all if it may have `several`, else one, and then a second one is a fault. As for compose, an
 * anchor is known to later documents too. Empty documents count only if there is no other. Returns at least one. Never throws.
 */
export function parseYaml(text: string, several: boolean): readonly Parsed[] {
  const inPieces = text.length < LARGE ? null : parsedInPieces(text, (part) => parseAll(part, false)[0]);
  return inPieces === null ? parseAll(text, several) : [inPieces];
}

function parseAll(text: string, several: boolean): readonly Parsed[] {
  try {
    const documents = documentsOf(text, several);
    const anchors = new Map<string, Node>();
    const parsed = documents.map((document) => parsedOf(document, text, anchors));
    const filled = parsed.filter(({ value, faults }) => (value !== null && value !== undefined) || faults.length > 0);
    return filled.length > 0 ? filled : parsed.slice(0, 1);
  } catch (error) {
    return [nothing(faultOf(error))];
  }
}

/** Does what the library's `parseAllDocuments` does, but checks the depth before anything recurses. */
function documentsOf(text: string, several: boolean): readonly Document[] {
  const composer = new Composer(OPTIONS);
  const documents: Document[] = [];
  for (const next of composer.compose(tokensOf(text), true, text.length)) {
    const begins = startOfText(text, next.range[0]);
    if (documents.length === (several ? MAX_DOCUMENTS : 1)) {
      throw several
        ? new Stop('yaml-many-documents', begins, `more than ${MAX_DOCUMENTS} documents in one file`)
        : new Stop(
            'yaml-second-document',
            begins,
            'a second document begins here',
            `give the file with a verb, as in ${commandLine('up', '-f FILE')}: then they are merged`,
          );
    }
    documents.push(next as Document);
  }
  return documents.length > 0 ? documents : [new Document(null, OPTIONS)];
}

/** The offset of a document's first line. The document's own range may begin with the line break before it. */
function startOfText(text: string, offset: number): number {
  return text[offset] === '\n' ? offset + 1 : offset;
}

function parsedOf(document: Document, text: string, anchors: Map<string, Node>): Parsed {
  const faults = libraryFaults(document);
  const isWrong = faults.some(({ code }) => severityOf(code) === 'error');
  if (isWrong) return { ...nothing(), faults };
  try {
    const targets: Targets = targetsOf(document, text, anchors);
    const value = new Walk(targets, faults).plain(document.contents, 0);
    return {
      value,
      faults,
      rangeOf: (path, part) => rangeOf(document, targets, path, part),
      written: (path) => writtenAt(document, targets, path),
      resets: text.includes('!reset') || text.includes('!override') ? resetsOf(document, targets) : [],
    };
  } catch (error) {
    return { ...nothing(), faults: [...faults, faultOf(error)] };
  }
}

function nothing(...faults: Fault[]): Parsed {
  return { value: undefined, faults, rangeOf: () => NOWHERE, written: () => undefined, resets: [] };
}

function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  const depth = new Depth();
  for (const lexeme of new Lexer().lex(text)) {
    if (depth.see(lexeme) > MAX_DEPTH) throw new Stop('nested-too-deep', depth.offset, tooDeep(0).message);
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

function faultOf(error: unknown): Fault {
  if (error instanceof Stop) return error.fault;
  if (error instanceof RangeError) return tooDeep(0);
  return {
    offset: 0,
    code: 'yaml-syntax',
    message: `not YAML: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function libraryFaults(document: Document): Fault[] {
  const faults: Fault[] = [];
  for (const error of document.errors) {
    faults.push({
      offset: error.pos[0],
      end: error.pos[1],
      code: 'yaml-syntax',
      message: `not YAML: ${plainMessage(error.message)}`,
    });
  }
  for (const warning of document.warnings) {
    const tag = warning.message.match(/^Unresolved tag: (.*)$/)?.[1];
    if (tag !== undefined && COMPOSE_TAGS.has(tag)) continue;
    faults.push({
      offset: warning.pos[0],
      end: warning.pos[1],
      code: 'yaml-tag-unknown',
      message: plainMessage(warning.message),
    });
  }
  return faults;
}

function plainMessage(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}
