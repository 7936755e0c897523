/** The host's side of a proof: it does what the leader says, one step after the other, and gives up when it hears nothing more. */
import * as v from 'valibot';
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import { LabPart } from '../../lab/verify/part.ts';
import { type Step, StepSchema } from './messages.ts';

/** A proof whose leader says nothing for so long is over. */
const SILENT_MS = 15_000;
/** A proof is over after this, whatever its leader says: passes over the lab wait for it. */
const LONGEST_MS = 330_000;
/** Each one holds a thread and some sockets. */
const RUNS_MAX = 4;

interface Running {
  readonly part: LabPart;
  readonly end: () => void;
  /** A step is carried out: silence counts from its end. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The proofs of one lab in which this host takes part. */
export class Proving {
  readonly #control: LabControl;
  readonly #runs = new Map<string, Running>();

  constructor(control: LabControl) {
    this.#control = control;
  }

  /** Takes and returns what goes as a message. Throws LinkloomError. */
  async answer(asked: unknown): Promise<unknown> {
    const { success, output, issues } = v.safeParse(StepSchema, asked);
    if (!success) throw new LinkloomError('E_USAGE', `the question has a fault: ${issues[0].message}`);
    if (output.step === 'look') return await this.#look(output);
    const running = this.#runs.get(output.run);
    if (running === undefined) throw new LinkloomError('E_USAGE', 'this host does not know the proof any more');
    return await running.during(() => carryOut(running, output));
  }

  /** Ends all of them. */
  leave(): void {
    for (const { end } of this.#runs.values()) end();
  }

  /** Resolves when the ends are known; the turn is kept until the proof is over. */
  async #look({ run, bridges }: Extract<Step, { step: 'look' }>): Promise<unknown> {
    if (this.#runs.has(run) || this.#runs.size >= RUNS_MAX)
      throw new LinkloomError('E_LOCKED', 'too many proofs of this lab are under way', {
        hint: 'try again in a moment',
      });
    return await new Promise((resolve, reject) => {
      this.#control
        .looking(async (session) => {
          await using part = await LabPart.look(session, bridges);
          const over = this.#begin(run, part);
          resolve(part.part);
          await over;
        })
        .catch(reject);
    });
  }

  /** Resolves when the proof is over. */
  async #begin(run: string, part: LabPart): Promise<void> {
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const longest = setTimeout(end, LONGEST_MS);
    let silent = setTimeout(end, SILENT_MS);
    const during = async <T>(work: () => Promise<T>): Promise<T> => {
      clearTimeout(silent);
      try {
        return await work();
      } finally {
        silent = setTimeout(end, SILENT_MS);
      }
    };
    this.#runs.set(run, { part, end, during });
    await over;
    this.#runs.delete(run);
    clearTimeout(silent);
    clearTimeout(longest);
  }
}

async function carryOut({ part, end }: Running, step: Exclude<Step, { step: 'look' }>): Promise<unknown> {
  switch (step.step) {
    case 'meet':
      return await part.meet({ ...step, run: Buffer.from(step.run, 'hex') });
    case 'send': {
      const { from, to, bytes, copies, pace, waitMs } = step;
      const [first, second, third, fourth] = [from, to, bytes, copies].map((column) => Int32Array.from(column));
      if (!first || !second || !third || !fourth) throw new Error('four columns');
      return await part.send({ from: first, to: second, bytes: third, copies: fourth, pace, waitMs });
    }
    case 'explain':
      return await part.explain(step.own);
    case 'close':
      end();
      return null;
    default:
      return step satisfies never;
  }
}
