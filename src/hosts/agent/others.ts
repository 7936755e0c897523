/** What all hosts tell, as it comes: how far each is with each lab, and which containers it has. */
import { type Identity, isReached } from '../../cluster/identity.ts';
import type { HostName } from '../../cluster/names.ts';
import type { HostInfo, LabState } from '../../cluster/state.ts';
import { jsonOf, toldBy } from '../../cluster/states.ts';
import type { Change } from '../../cluster/store.ts';
import type { Spread } from '../../spread/spread.ts';
import { claimsOf } from './requests.ts';

export class Others {
  readonly #infos = new Map<HostName, HostInfo>();
  readonly #states = new Map<string, LabState>();
  #claims: Spread['claims'] = new Map();
  #claimsText = '';

  get claims(): Spread['claims'] {
    return this.#claims;
  }

  /** Returns the lab that the change is about; `claims`: containers run elsewhere now; null: nothing of use. */
  take({ key, value }: Change): { readonly lab: string } | 'claims' | null {
    const { host, what, lab } = toldBy(key);
    if (value === null) return null;
    if (what === 'lab') {
      this.#states.set(`${host} ${lab}`, jsonOf<LabState>({ key, value }));
      return { lab };
    }
    this.#infos.set(host, jsonOf<HostInfo>({ key, value }));
    this.#claims = claimsOf([...this.#infos].map(([of, info]) => ({ host: of, info })));
    const text = JSON.stringify([...this.#claims].sort());
    if (text === this.#claimsText) return null;
    this.#claimsText = text;
    return 'claims';
  }

  hasReached(host: HostName, lab: string, wanted: Identity): boolean {
    const state = this.#states.get(`${host} ${lab}`);
    return state !== undefined && isReached({ epoch: state.epoch, revision: state.rev }, wanted);
  }
}
