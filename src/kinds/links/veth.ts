import { type LinkKind, NO_BASE, PLAIN } from './kind.ts';

/** A veth. One end is in the node. The other is a port of the bridge, or the end of another link of the same wire. */
export interface VethPart {
  readonly type: 'veth';
  /** The broadcast domain that it joins. */
  readonly bridge: string;
  /** The configured name of the outer end; null if it is computed for each replica. */
  readonly outerDev: string | null;
}

export interface VethData {
  readonly type: 'veth';
}

export const veth: LinkKind<VethPart, VethData> = {
  ...PLAIN,
  needs: [{ key: 'bridge', hint: 'a veth link names the bridge that it joins' }],
  refuses: [NO_BASE],
  ignores: ['mode', 'vlanid'],
  isPaired: true,
  reach: () => 'bridge',
  takesForward: true,
  part: ({ bridge, 'outer-dev': outerDev = null }) =>
    bridge === undefined ? null : { type: 'veth', bridge, outerDev },
  data: () => ({ type: 'veth' }),
  shown: ({ outerDev }) => ({ base: 'conlink', ...(outerDev === null ? {} : { 'outer-dev': outerDev }) }),
  label: () => '',
};
