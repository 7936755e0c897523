/** Whether a link can be probed, as it was observed before any probe. */
import { modeOf, reachOf } from '../kinds/links/link-kinds.ts';
import { groupOf, ROLE, sameLab } from '../net/mark.ts';
import { isOverridden, overriddenOn } from '../net/override.ts';
import type { NsView } from '../plan/ns-view.ts';
import type { Observed } from '../plan/observed.ts';
import type { Link, Network } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import type { LinkDump } from '../wire/seen.ts';
import type { Absent } from './end.ts';
import { lossOf } from './impairment.ts';

/** With more loss than this, it would take too many probes to tell a wire from none. */
const LOSS_MAX = 0.95;

/** A link that is ready to be probed, or why it is not. */
export type Standing = { readonly device: LinkDump; readonly view: NsView } | Omit<Absent, 'link'>;

export function standingOf(network: Network, observed: Observed, link: Link): Standing {
  const refusal = network.refused.get(link);
  if (refusal !== undefined) return { state: 'missing', message: refusal.message, hint: refusal.hint };
  const closed = observed.unreachable.get(link.node.ns);
  if (closed !== undefined) return { state: 'missing', message: closed.message, hint: closed.hint };
  const view = observed.namespaces.get(link.node.ns);
  if (view === undefined) {
    return {
      state: 'not-running',
      message: `${link.node.name} does not run`,
      hint: `${verb('up')} makes what is missing`,
    };
  }
  const device = view.byName.get(link.dev);
  if (device === undefined) {
    return { state: 'missing', message: `there is no device ${link.dev}`, hint: `${verb('up')} makes what is missing` };
  }
  if (!sameLab(device.group, groupOf(network.lab, ROLE.nodeEnd))) {
    return { state: 'missing', message: `the device ${link.dev} there is not of this lab`, hint: null };
  }
  return byDesign(link, device) ?? unfit(link, device) ?? { device, view };
}

/** Why nothing is proved of a link, though nothing is wrong with it. */
function byDesign(link: Link, device: LinkDump): Standing | null {
  const notProved = (message: string): Standing => ({ state: 'not-proved', message, hint: null });
  if (reachOf(link.spec) === 'nobody') return notProved('it is tied to nothing that the configuration names');
  if (link.spec.state === 'down') return notProved('it is to be down');
  if (isOverridden(overriddenOn(device)))
    return notProved(`it was changed by hand; ${verb('reset')} puts back what the configuration says`);
  const { netem } = link.spec;
  if (netem !== null && lossOf(netem) > LOSS_MAX) return notProved('its configured loss lets too few probes through');
  return null;
}

/** A device that no probe leaves. */
function unfit(link: Link, device: LinkDump): Standing | null {
  if (!device.up) {
    return {
      state: 'down',
      message: `its device ${link.dev} is down`,
      hint: `${verb('up')} raises it, as the configuration says`,
    };
  }
  const mode = modeOf(link.spec);
  if (mode === null || device.mode === null || device.mode === mode) return null;
  return {
    state: 'nothing',
    message: `its mode is ${device.mode} where ${mode} was asked for, so it does not reach the same links`,
    hint: `${verb('up')} changes it back`,
  };
}
