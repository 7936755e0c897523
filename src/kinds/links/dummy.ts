import { type LinkKind, NO_BASE, NO_BRIDGE, PLAIN } from './kind.ts';

/** A device on its own, which drops all that is sent through it. */
export interface DummyPart {
  readonly type: 'dummy';
}

export const dummy: LinkKind<DummyPart, DummyPart> = {
  ...PLAIN,
  refuses: [NO_BRIDGE, NO_BASE],
  ignores: ['outer-dev', 'mode', 'vlanid'],
  part: () => ({ type: 'dummy' }),
  data: () => ({ type: 'dummy' }),
  shown: () => ({ base: 'local' }),
  label: () => '',
};
