import { LinkloomError } from '../../errors.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { LinkStatus } from '../../plan/status/status.ts';
import { verb } from '../../verb-names.ts';

/** The end of a link that is captured on: in its node, or on the switch side. */
export type CaptureSide = 'node' | 'port';

export interface Place {
  readonly ns: NsId;
  readonly dev: string;
}

/** A link to capture on. Its number among the targets is the interface's id. */
export interface Target {
  /** `NODE:DEV`. */
  readonly link: string;
  /** null: the device is not there yet. */
  readonly place: Place | null;
}

/** Where a link is captured on now; null: the device is not there. */
export function placeOf({ ns, dev, observed, port }: LinkStatus, side: CaptureSide): Place | null {
  if (side === 'port') return port;
  return observed === null ? null : { ns, dev };
}

/**
 * The targets of the chosen links. On the port side links without a port are left out. Throws E_USAGE where none has one, and
 * E_NODE_MISSING where no device is there at all.
 */
export function targetsOf(chosen: readonly LinkStatus[], side: CaptureSide): readonly Target[] {
  const fit = side === 'node' ? chosen : chosen.filter((link) => link.port !== null || link.observed === null);
  const targets = fit.map((link) => ({ link: link.link, place: placeOf(link, side) }));
  const [first] = chosen;
  if (targets.length === 0 && first !== undefined) {
    throw new LinkloomError('E_USAGE', 'there is no port to capture on: nothing of the link is on the switch side', {
      where: first.link,
      hint: 'a direct wire, and a device on another one, have an end in the node alone: leave --side out',
    });
  }
  if (targets.some(({ place }) => place !== null) || first === undefined) return targets;
  const count = chosen.length > 1 ? ` (nor any other of the ${chosen.length} links)` : '';
  throw new LinkloomError('E_NODE_MISSING', `its device is not there${count}`, {
    where: first.link,
    hint: `${verb('status')} says why; ${verb('up')} makes it`,
  });
}
