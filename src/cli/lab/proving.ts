/** Proof of wiring on the command line: of `verify`, and of `up --verify`. */
import { LinkloomError } from '../../errors.ts';
import type { Io } from '../../lab/request.ts';
import type { Session } from '../../lab/session.ts';
import type { VerifyOptions } from '../../lab/verify/verify.ts';
import type { Proof } from '../../proof/proof.ts';
import { verb } from '../../verb-names.ts';
import type { Options } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Context } from '../verb.ts';

type Asked = Pick<Options, 'verify' | 'watch' | 'junit' | 'timeout' | 'json' | 'verbose'>;

/** What the options say of a proof. `links`: as of `VerifyOptions`. */
export function howToVerify({ timeout }: Asked, links: readonly string[]): Omit<VerifyOptions, 'thread'> {
  return { links, timeoutMs: timeout * 1000 };
}

/** Writes what was found: a report of JUnit where one was asked for, and text unless there is a JSON document. Whether there are faults. */
export async function writeProof(context: Context, options: Asked, proof: Proof, seconds: number): Promise<boolean> {
  const [{ countsOf, proofSuite }, { proofText }, { junitXml }] = await Promise.all([
    import('../../report/proof/json.ts'),
    import('../../report/proof/text.ts'),
    import('../../report/ci/junit.ts'),
  ]);
  if (options.junit !== undefined) await writeOutput('--junit', options.junit, junitXml([proofSuite(proof, seconds)]));
  if (!options.json) context.out.write(proofText(proof, options.verbose, context.out));
  return countsOf(proof.links).faults > 0;
}

/** The proof that follows an `up`. */
export class Proving {
  readonly #options: Asked;
  #proof: Proof | null = null;
  #seconds = 0;
  /** Whether a link was found at fault. */
  hasFaults = false;
  /** What the JSON document of `up` has of it. */
  part: { readonly verify?: object } = {};

  private constructor(options: Asked) {
    this.#options = options;
  }

  /** null: none was asked for. Throws E_USAGE. */
  static async begin(options: Asked): Promise<Proving | null> {
    if (!options.verify) {
      if (options.junit === undefined) return null;
      throw new LinkloomError('E_USAGE', '--junit writes what --verify finds', { hint: 'add --verify' });
    }
    if (options.watch) {
      const hint = `leave out --watch, or let ${verb('verify')} prove the lab while it runs`;
      throw new LinkloomError('E_USAGE', '--verify proves once, after the links are made, and --watch does not end', {
        hint,
      });
    }
    if (options.junit !== undefined) await assertWritable('--junit', options.junit, true);
    return new Proving(options);
  }

  /** What `up` does last. */
  onSession(io: Io): (session: Session) => Promise<void> {
    return async (session) => {
      const { verifyLab } = await import('../../lab/verify/verify.ts');
      const startedMs = performance.now();
      this.#proof = await verifyLab(session, howToVerify(this.#options, []), io);
      this.#seconds = (performance.now() - startedMs) / 1000;
    };
  }

  /** Writes what was found, if `up` came so far. */
  async report(context: Context): Promise<void> {
    if (this.#proof === null) return;
    const { proofPart } = await import('../../report/proof/json.ts');
    this.part = { verify: proofPart(this.#proof) };
    this.hasFaults = await writeProof(context, this.#options, this.#proof, this.#seconds);
  }
}
