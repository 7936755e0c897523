/** Settings in the syntax of ethtool(8), without the device: `--offload tx off`. */
import type { EthtoolSetting } from '../values.ts';
import { type Fault, Faults, fail } from './fault.ts';
import { Words } from './words.ts';

const FEATURE_OPTIONS: readonly string[] = ['-K', '--features', '--offload'];

/** ethtool's short names of features, and the long names that it prints and takes as well. */
const FEATURES: Readonly<Record<string, string>> = {
  rx: 'rx-checksumming',
  tx: 'tx-checksumming',
  sg: 'scatter-gather',
  tso: 'tcp-segmentation-offload',
  ufo: 'udp-fragmentation-offload',
  gso: 'generic-segmentation-offload',
  gro: 'generic-receive-offload',
  lro: 'large-receive-offload',
  rxvlan: 'rx-vlan-offload',
  txvlan: 'tx-vlan-offload',
  ntuple: 'ntuple-filters',
  rxhash: 'receive-hashing',
};
const SHORT = new Map(Object.entries(FEATURES).flatMap(([short, long]) => [[short, short] as const, [long, short]]));

/**
 * Parses `OPTION REST`. If OPTION sets features and the kernel has a name for every feature, the result is a setting
 * for each. Otherwise it is one setting for the ethtool program. A feature that is neither on nor off is a fault, and
 * so is a text that does not begin with an option.
 */
export function parseEthtool(text: string): readonly EthtoolSetting[] | Fault {
  const faults = new Faults();
  const settings = faults.attempt(() => parse(text, faults));
  return faults.or(() => settings ?? []);
}

function parse(text: string, faults: Faults): readonly EthtoolSetting[] {
  const [option = '', ...words] = text.trim().split(/\s+/);
  if (!/^--?[A-Za-z]/.test(option)) {
    fail(
      `${JSON.stringify(option)} is no option of ethtool`,
      'begin with the option and leave the device out, as in "--offload rx off"',
    );
  }
  if (!FEATURE_OPTIONS.includes(option)) return [{ kind: 'program', option, words, text }];
  if (words.length === 0) fail(`${option} lacks its features`, 'as in "--offload rx off tso off"');
  const settings: EthtoolSetting[] = [];
  const rest = new Words(words.join(' '));
  let allKnown = true;
  for (let word = rest.next(); word !== undefined; word = rest.next()) {
    const state = rest.next();
    const feature = word;
    faults.attempt(() => {
      if (state !== 'on' && state !== 'off')
        fail(`${feature} must be on or off${state === undefined ? '' : `, not ${state}`}`);
    });
    const name = SHORT.get(word);
    if (name === undefined) allKnown = false;
    else settings.push({ kind: 'offload', name, on: state === 'on', text: `${option} ${word} ${state}` });
  }
  return allKnown ? settings : [{ kind: 'program', option, words, text }];
}
