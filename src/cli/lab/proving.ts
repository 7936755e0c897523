/** Proof of wiring on the command line: of `verify`, and of `up --verify`. */
import type { CheckReport } from '../../check/report.ts';
import { LinkloomError } from '../../errors.ts';
import type { Io } from '../../lab/request.ts';
import type { Session } from '../../lab/session.ts';
import type { VerifyOptions } from '../../lab/verify/verify.ts';
import type { Proof } from '../../proof/proof.ts';
import type { JunitSuite } from '../../report/ci/junit.ts';
import { verb } from '../../verb-names.ts';
import { howToCheck, writeChecks } from '../check/checking.ts';
import type { Options } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Context } from '../verb.ts';

type Asked = Pick<Options, 'verify' | 'watch' | 'junit' | 'timeout' | 'json' | 'verbose'>;

/** `check`: whether the checks of the configuration are run; `if-any`: where it has some. */
type AskedAfter = Asked &
  Pick<Options, 'allPairs' | 'checkFrom' | 'within' | 'checkTimeout' | 'parallel'> & {
    readonly check: boolean | 'if-any';
  };

/** What the options say of a proof. `links`: as of `VerifyOptions`. */
export function howToVerify({ timeout }: Asked, links: readonly string[]): Omit<VerifyOptions, 'thread'> {
  return { links, timeoutMs: timeout * 1000 };
}

/** Writes what was found: a report of JUnit where one was asked for, and text unless there is a JSON document. Whether there are faults. */
export async function writeProof(
  context: Context,
  options: Asked,
  proof: Proof,
  seconds: number,
  others: readonly JunitSuite[] = [],
): Promise<boolean> {
  const [{ countsOf, proofSuite }, { proofText }] = await Promise.all([
    import('../../report/proof/json.ts'),
    import('../../report/proof/text.ts'),
  ]);
  await writeSuites(options, [proofSuite(proof, seconds), ...others]);
  if (!options.json) context.out.write(proofText(proof, options.verbose, context.out));
  return countsOf(proof.links).faults > 0;
}

async function writeSuites({ junit }: Asked, suites: readonly JunitSuite[]): Promise<void> {
  if (junit === undefined) return;
  const { junitXml } = await import('../../report/ci/junit.ts');
  await writeOutput('--junit', junit, junitXml(suites));
}

/** The proof and the checks that follow an `up`. */
export class Proving {
  readonly #options: AskedAfter;
  #proof: Proof | null = null;
  #checks: CheckReport | null = null;
  #seconds = { proof: 0, checks: 0 };
  /** Whether a link was found at fault, or a check failed. */
  hasFaults = false;
  /** What the JSON document of `up` has of it. */
  part: { readonly verify?: object; readonly check?: object } = {};

  private constructor(options: AskedAfter) {
    this.#options = options;
  }

  /** null: nothing was asked for. Throws E_USAGE. */
  static async begin(options: AskedAfter): Promise<Proving | null> {
    const isChecked = options.check !== false || options.allPairs;
    if (!options.verify && !isChecked) {
      if (options.junit === undefined) return null;
      throw new LinkloomError('E_USAGE', '--junit writes what --verify and --check find', { hint: 'add one of them' });
    }
    if (options.watch) {
      const [option, name] = options.verify ? (['--verify', 'verify'] as const) : (['--check', 'check'] as const);
      const hint = `leave out --watch, or let ${verb(name)} look at the lab while it runs`;
      throw new LinkloomError('E_USAGE', `${option} looks once, after the links are made, and --watch does not end`, {
        hint,
      });
    }
    if (options.junit !== undefined) await assertWritable('--junit', options.junit, true);
    return new Proving(options);
  }

  /** What `up` does last. */
  onSession(io: Io): (session: Session) => Promise<void> {
    return async (session) => {
      if (this.#options.verify) await this.#prove(session, io);
      await this.#check(session, io);
    };
  }

  async #prove(session: Session, io: Io): Promise<void> {
    const { verifyLab } = await import('../../lab/verify/verify.ts');
    const startedMs = performance.now();
    this.#proof = await verifyLab(session, howToVerify(this.#options, []), io);
    this.#seconds.proof = (performance.now() - startedMs) / 1000;
  }

  async #check(session: Session, io: Io): Promise<void> {
    const { check, allPairs } = this.#options;
    const isAny = (session.topology.checks ?? []).length > 0;
    const isOfFile = check === true || (check === 'if-any' && isAny);
    if (!isOfFile && !allPairs) return;
    const { checkSession } = await import('../../lab/verbs/check.ts');
    const startedMs = performance.now();
    this.#checks = await checkSession(
      session,
      howToCheck(this.#options, isOfFile && allPairs && isAny ? ['*'] : []),
      io,
    );
    this.#seconds.checks = (performance.now() - startedMs) / 1000;
  }

  /** Writes what was found, if `up` came so far. */
  async report(context: Context): Promise<void> {
    const suites: JunitSuite[] = [];
    if (this.#checks !== null) {
      const { checkPart, checkSuites } = await import('../../report/check/json.ts');
      this.part = { ...this.part, check: checkPart(this.#checks) };
      suites.push(...checkSuites(this.#checks, this.#seconds.checks));
    }
    if (this.#proof !== null) {
      const { proofPart } = await import('../../report/proof/json.ts');
      this.part = { ...this.part, verify: proofPart(this.#proof) };
      this.hasFaults = await writeProof(context, this.#options, this.#proof, this.#seconds.proof, suites);
    } else if (this.#checks !== null) await writeSuites(this.#options, suites);
    if (this.#checks === null) return;
    const hasFailed = await writeChecks(context, this.#options, this.#checks);
    this.hasFaults ||= hasFailed;
  }
}
