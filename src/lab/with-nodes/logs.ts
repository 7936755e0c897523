/** Reads what nodes have written: from the engine for containers, from files for the `run:` programs of namespaces. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../../errors.ts';
import { createLineReader } from '../../runtime/command-output.ts';
import type { OutputStream } from '../../runtime/engine.ts';
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import { programsOf } from '../../supervisor/client.ts';
import { logPath } from '../../supervisor/files.ts';
import type { FoundNode } from './find.ts';

/** Time between two looks at a file that is followed. */
const POLL_MS = 200;
const PIECE_BYTES = 65_536;

export interface LogsWanted {
  readonly follow: boolean;
  /** The number of lines from the end; null: all. */
  readonly tail: number | null;
  /** Seconds since the Unix epoch; null: from the beginning. */
  readonly sinceS: number | null;
  readonly onLine: (source: string, stream: OutputStream, text: string) => void;
  readonly signal: AbortSignal;
}

/** Something that writes: a container, or a program of a namespace. */
export interface LogSource {
  /** NODE, or NODE/PROGRAM. */
  readonly name: string;
  readonly read: (wanted: LogsWanted) => Promise<void>;
}

/** Throws E_NODE_FAILED for a namespace without programs, and E_USAGE if `sinceS` is set for one with programs, as its lines carry no time. */
export function logSources(nodes: readonly FoundNode[], { sinceS }: Pick<LogsWanted, 'sinceS'>): readonly LogSource[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'container')
      return [{ name: node.label, read: (wanted: LogsWanted) => ofContainer(node, wanted) }];
    const at = node.name.indexOf('.');
    const [lab, name] = [node.name.slice(0, at), node.name.slice(at + 1)];
    const programs = at < 0 ? [] : programsOf(lab).filter(({ spec }) => spec.node === name);
    if (programs.length === 0) {
      throw new LinkloomError('E_NODE_FAILED', 'it is a namespace without `run:` programs, which alone keep a log', {
        where: node.label,
      });
    }
    if (sinceS !== null) {
      const hint = 'the lines of programs in namespaces have no time; take --tail';
      throw new LinkloomError('E_USAGE', `--since is for containers, and ${node.label} is a namespace`, { hint });
    }
    return programs.map(({ spec }) => {
      const source = `${node.label}/${spec.name}`;
      return { name: source, read: (wanted: LogsWanted) => ofFile(source, logPath(lab, spec), wanted) };
    });
  });
}

async function ofContainer(
  { label, engine, container }: Extract<FoundNode, { kind: 'container' }>,
  { onLine, ...options }: LogsWanted,
): Promise<void> {
  const readers = {
    stdout: createLineReader((text) => onLine(label, 'stdout', text)),
    stderr: createLineReader((text) => onLine(label, 'stderr', text)),
  };
  const runtime = await openNodeRuntime(engine);
  await runtime.logs(container.id, {
    ...options,
    timestamps: false,
    onOutput: (stream, bytes) => readers[stream].push(bytes),
  });
  readers.stdout.end();
  readers.stderr.end();
}

/** Reads the part that was cut off, then the log itself. With `follow`, reads on when the log grows, and from its beginning when it was cut. */
async function ofFile(source: string, path: string, wanted: LogsWanted): Promise<void> {
  const reader = createLineReader((text) => wanted.onLine(source, 'stdout', text));
  const before = Buffer.concat([contents(`${path}.1`), contents(path)]);
  let read = sizeOf(path);
  reader.push(wanted.tail === null ? before : lastLines(before, wanted.tail));
  while (wanted.follow && !wanted.signal.aborted) {
    await delay(POLL_MS, undefined, { signal: wanted.signal }).catch(() => {});
    const size = sizeOf(path);
    if (size < read) read = 0;
    for (const piece of piecesOf(path, read)) {
      reader.push(piece);
      read += piece.length;
    }
  }
  reader.end();
}

function contents(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function* piecesOf(path: string, from: number): Generator<Buffer> {
  if (sizeOf(path) <= from) return;
  const fd = openSync(path, 'r');
  try {
    for (let at = from; ; ) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const length = readSync(fd, piece, 0, PIECE_BYTES, at);
      if (length === 0) return;
      yield piece.subarray(0, length);
      at += length;
    }
  } finally {
    closeSync(fd);
  }
}

function lastLines(bytes: Buffer, count: number): Buffer {
  let at = bytes.length;
  if (bytes[at - 1] === 0x0a) at -= 1;
  for (let left = count; left > 0 && at >= 0; left--) at = at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1);
  return count === 0 ? Buffer.alloc(0) : bytes.subarray(at + 1);
}
