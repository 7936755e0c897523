/**
 * Questions and answers that do not go into one message go in pieces. Each piece is a question with an answer of its own on the same
 * subject, since the account of a host may give one answer to a question. The header `Linkloom-Piece` says `ID AT OF`: which one this is.
 * The header `Linkloom-More` asks for a piece of an answer: `ID AT`.
 */
import { randomBytes } from 'node:crypto';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { cutInPieces, PIECE_BYTES } from '../pieces.ts';

const PIECE = 'Linkloom-Piece';
const MORE = 'Linkloom-More';

/** The most pieces of a question or an answer: 128 MiB. */
const PIECES_MAX = 256;
/** What nobody goes on with is dropped after this. */
const KEPT_MS = 30_000;
/** How many questions and answers are under way at the same time. */
const OPEN_MAX = 64;

const NOTHING = new Uint8Array();

type MakeHeaders = () => MsgHdrs;

interface Position {
  readonly id: string;
  readonly at: number;
  readonly of: number;
}

interface Question {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Asks, in as many messages as it takes. Throws what the client throws, and Error where pieces of the answer are not to be had. */
export async function askInPieces(
  connection: NatsConnection,
  makeHeaders: MakeHeaders,
  { subject, data }: Question,
  timeoutMs: number,
): Promise<Uint8Array> {
  const endMs = performance.now() + timeoutMs;
  const request = async (piece: Uint8Array, name: string, value: string | null): Promise<Msg> => {
    const headers = value === null ? {} : { headers: withHeader(makeHeaders, name, value) };
    const leftMs = Math.max(1, Math.round(endMs - performance.now()));
    return await connection.request(subject, piece, { timeout: leftMs, ...headers });
  };
  const pieces = cut(data);
  const id = randomBytes(8).toString('hex');
  let answer: Msg | null = null;
  for (const [at, piece] of pieces.entries()) {
    answer = await request(piece, PIECE, pieces.length === 1 ? null : `${id} ${at} ${pieces.length}`);
  }
  const position = positionIn(answer?.headers);
  if (answer === null || position === null) return answer?.data ?? NOTHING;
  const parts = [answer.data];
  for (let at = 1; at < position.of; at++) {
    const more = await request(NOTHING, MORE, `${position.id} ${at}`);
    const found = positionIn(more.headers);
    if (found?.id !== position.id || found.at !== at) throw new Error('the rest of the answer is not there any more');
    parts.push(more.data);
  }
  return Buffer.concat(parts);
}

/** Answers questions on a subject, in as many messages as it takes. */
export class Parcels {
  readonly #makeHeaders: MakeHeaders;
  readonly #onAsked: (question: Question) => Promise<Uint8Array>;
  /** By id: pieces of questions that are not whole yet, and of answers that were not fetched yet. */
  readonly #open = new Map<string, readonly Uint8Array[]>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(makeHeaders: MakeHeaders, onAsked: (question: Question) => Promise<Uint8Array>) {
    this.#makeHeaders = makeHeaders;
    this.#onAsked = onAsked;
  }

  /** What can't be answered is not: whoever asks is told by the time that passes. */
  async take(message: Msg): Promise<void> {
    const more = message.headers?.get(MORE) ?? '';
    if (more !== '') return this.#tellMore(message, more);
    const position = positionIn(message.headers);
    if (position === null) return await this.#answer(message, message.data);
    const whole = this.#gather(position, message.data);
    if (whole !== null) await this.#answer(message, whole);
    else message.respond(NOTHING);
  }

  /** Drops what is under way. */
  end(): void {
    for (const id of [...this.#open.keys()]) this.#drop(id);
  }

  async #answer(message: Msg, data: Uint8Array): Promise<void> {
    const pieces = cut(await this.#onAsked({ subject: message.subject, data }));
    const [first = NOTHING] = pieces;
    if (pieces.length === 1) return void message.respond(first);
    const id = randomBytes(8).toString('hex');
    this.#keep(id, pieces);
    this.#send(message, { id, at: 0, of: pieces.length }, first);
  }

  #tellMore(message: Msg, more: string): void {
    const [id = '', at = ''] = more.split(' ');
    const pieces = this.#open.get(id);
    const piece = pieces?.[Number(at)];
    if (pieces === undefined || piece === undefined) return void message.respond(NOTHING);
    this.#send(message, { id, at: Number(at), of: pieces.length }, piece);
    if (Number(at) === pieces.length - 1) this.#drop(id);
    else this.#keep(id, pieces);
  }

  /** null: there are more pieces to come. They come in their order, so one that is missed spoils the question. */
  #gather({ id, at, of }: Position, data: Uint8Array): Uint8Array | null {
    const earlier = this.#open.get(id) ?? [];
    if (earlier.length !== at) {
      this.#drop(id);
      throw new Error('a piece of the question was lost');
    }
    const pieces = [...earlier, data];
    if (pieces.length < of) {
      this.#keep(id, pieces);
      return null;
    }
    this.#drop(id);
    return Buffer.concat(pieces);
  }

  #send(message: Msg, { id, at, of }: Position, piece: Uint8Array): void {
    message.respond(piece, { headers: withHeader(this.#makeHeaders, PIECE, `${id} ${at} ${of}`) });
  }

  /** For a while from now on. */
  #keep(id: string, pieces: readonly Uint8Array[]): void {
    this.#drop(id);
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= OPEN_MAX) this.#drop(oldest);
    this.#open.set(id, pieces);
    this.#timers.set(id, setTimeout(() => this.#drop(id), KEPT_MS).unref());
  }

  #drop(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#open.delete(id);
  }
}

/** One piece at least. Throws Error where it is too much. */
function cut(data: Uint8Array): readonly Uint8Array[] {
  const pieces = cutInPieces(data);
  if (pieces.length > PIECES_MAX)
    throw new Error(`it has ${data.length} bytes, and at most ${PIECES_MAX * PIECE_BYTES} can be sent`);
  return pieces.length === 0 ? [data] : pieces;
}

function withHeader(makeHeaders: MakeHeaders, name: string, value: string): MsgHdrs {
  const headers = makeHeaders();
  headers.set(name, value);
  return headers;
}

/** null: it is in one piece. */
function positionIn(headers: MsgHdrs | undefined): Position | null {
  const [, id = '', at = '', of = ''] = /^([0-9a-f]{16}) (\d{1,3}) (\d{1,3})$/.exec(headers?.get(PIECE) ?? '') ?? [];
  const position = { id, at: Number(at), of: Number(of) };
  return id !== '' && position.at < position.of && position.of <= PIECES_MAX ? position : null;
}
