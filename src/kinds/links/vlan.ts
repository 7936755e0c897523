import { type LinkKind, onParent, type Parent, parentOfWritten } from './kind.ts';

/** A child device that gets what its parent receives with one VLAN tag (IEEE 802.1Q). */
export interface VlanPart {
  readonly type: 'vlan';
  readonly parent: Parent;
  readonly vlanId: number;
}

export interface VlanData {
  readonly type: 'vlan';
  readonly vlanId: number;
}

const STACKED = onParent('vlan');

export const vlan: LinkKind<VlanPart, VlanData> = {
  ...STACKED,
  needs: [{ key: 'vlanid', hint: 'type vlan needs a vlanid from 1 to 4094' }, ...STACKED.needs],
  ignores: ['mode'],
  followsParent: true,
  reach: () => 'tagged',
  part(written) {
    const parent = parentOfWritten(written);
    const { vlanid: vlanId } = written;
    return parent === null || vlanId === undefined ? null : { type: 'vlan', parent, vlanId };
  },
  data: ({ vlanId }) => ({ type: 'vlan', vlanId }),
  whyAnew: ({ vlanId }, seen) => (seen.vlanId === vlanId ? null : `vlanid ${seen.vlanId} → ${vlanId}`),
  shown: ({ parent, vlanId }) => ({ base: parent.base, 'outer-dev': parent.dev, vlanid: vlanId }),
  label: ({ vlanId }) => `vlan ${vlanId}`,
  words: ({ vlanId }) => ['id', String(vlanId)],
};
