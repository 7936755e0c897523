/** Has a lab that runs take over newer records: each becomes a session, which the loop uses from the next pass on. */
import type { Recorded } from '../../cluster/records.ts';
import type { Adopt } from '../../daemon/asked/control.ts';
import type { Following } from '../../daemon/follow-lab.ts';
import type { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { wholeNetwork } from '../../lab/network.ts';
import type { Request } from '../../lab/request.ts';
import type { Session } from '../../lab/session.ts';
import { Tally } from '../../lab/tally.ts';

export interface FollowerOptions {
  readonly requestOf: (recorded: Recorded) => Request;
  readonly emit: Emit;
  /** The loop uses the record from the next pass on; `tally` is for what becomes of it. */
  readonly onAdopted: (recorded: Recorded, tally: Tally) => void;
}

export class RecordFollower {
  readonly #options: FollowerOptions;
  readonly #adopt: Adopt;
  #session: Session;

  constructor({ session, adopt }: Following, options: FollowerOptions) {
    this.#session = session;
    this.#adopt = adopt;
    this.#options = options;
  }

  /** Throws what `Session.renewed` throws, and E_CLASH; then the lab stays as it was. */
  async use(recorded: Recorded): Promise<void> {
    const { requestOf, emit, onAdopted } = this.#options;
    const next = await this.#session.renewed(requestOf(recorded), emit, () => {});
    wholeNetwork(next, []).checked(() => {});
    const tally = new Tally(next);
    const adopting = this.#adopt(next, tally);
    this.#session = next;
    await adopting;
    onAdopted(recorded, tally);
  }
}

/** What a fault says, with the first of those that it carries. */
export function whyOf({ message, diagnostics }: LinkloomError): string {
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  return first === undefined ? message : `${message}: ${first.message}`;
}
