import { OWN_NS } from '../../src/net/ns-id.ts';
import { ruleComment } from '../../src/net/rule-mark.ts';
import type { NatSet, Translation } from '../../src/wire/ops/extras.ts';
import type { TranslationDump } from '../../src/wire/seen.ts';
import { Namespace } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { isAnswer, SystemFault } from '../netlink/fault.ts';
import { enterNew, openCurrent } from '../netns.ts';
import type { Change, Refusal, Translator } from './change.ts';
import { iptables, kernelHasIptables, probeIptablesHere } from './iptables.ts';
import { nftables } from './nftables.ts';

/** The answer of `translator`. undefined: nobody has asked yet. */
let chosen: Translator | null | undefined;

/**
 * What this machine translates addresses with: nftables if the kernel has every module for it, else iptables, else null. This
 * is found out once per thread, by making rules of every kind in a temporary namespace.
 */
export function translator(): Translator | null {
  chosen ??= enterNew('probe', () => {
    if (makesRules()) return nftables;
    return probeIptablesHere() ? iptables : null;
  });
  return chosen;
}

function makesRules(): boolean {
  try {
    using space = Namespace.nameless(OWN_NS, openCurrent());
    return nftables.change(space, PROBE.lab, [{ at: 0, op: PROBE }]).length === 0;
  } catch (error) {
    if (isAnswer(error)) return false;
    throw error;
  }
}

const EVERY_KIND: readonly Translation[] = [
  { kind: 'nat', dev: 'a', to: '192.0.2.1', from: '192.0.2.2' },
  { kind: 'forward', uplink: 'a', bridge: 'b', protocol: 'tcp', outerPort: 1, to: '192.0.2.1', innerPort: 1 },
];
const PROBE: NatSet = {
  op: 'nat.set',
  ns: OWN_NS,
  link: null,
  cause: 'probe',
  lab: 'probe',
  add: EVERY_KIND.map((translation) => ({
    comment: ruleComment({ lab: 'probe', owner: 'probe', text: translation.kind }),
    translation,
  })),
  del: [],
};

/** The lab's rules in a namespace. Throws SystemFault. */
export function readTranslations(space: Namespace, lab: string): readonly TranslationDump[] {
  const rules = nftables.read(space, lab);
  return rules.length === 0 && isIptablesMachine() ? iptables.read(space, lab) : rules;
}

/** Whether this machine translates by iptables. If the kernel has no iptables, the programs are not tried. */
function isIptablesMachine(): boolean {
  if (chosen === undefined && !kernelHasIptables()) return false;
  return translator() === iptables;
}

/** Changes the lab's rules in a namespace. Throws SystemFault if no change can be made at all. */
export function changeTranslations(space: Namespace, lab: string, changes: readonly Change[]): readonly Refusal[] {
  const by = translator();
  if (by === null) throw new SystemFault('nf_tables', 'nat', ERRNO.EOPNOTSUPP);
  return by.change(space, lab, changes);
}
