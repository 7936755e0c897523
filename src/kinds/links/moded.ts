import { type LinkKind, onParent, type Parent, parentOfWritten } from './kind.ts';

/** A child device that works in one of several modes. */
export interface ModedPart<Type extends string, Mode extends string> {
  readonly type: Type;
  readonly parent: Parent;
  /** null for the kernel's default. */
  readonly mode: Mode | null;
}

export interface ModedData<Type extends string, Mode extends string> {
  readonly type: Type;
  readonly mode: Mode;
}

/** What all kinds with a parent and modes have in common. `byDefault` is the mode that the kernel chooses. */
export function withModes<Type extends string, Mode extends string>(
  type: Type,
  modes: readonly Mode[],
  byDefault: Mode,
): LinkKind<ModedPart<Type, Mode>, ModedData<Type, Mode>> {
  return {
    ...onParent(type),
    ignores: ['vlanid'],
    modes,
    part(written) {
      const parent = parentOfWritten(written);
      const mode = modes.find((one) => one === written.mode) ?? null;
      return parent === null ? null : { type, parent, mode };
    },
    data: ({ mode }) => ({ type, mode: mode ?? byDefault }),
    change(part, seen) {
      const mode = part.mode ?? byDefault;
      return seen.mode === mode ? null : { cause: `mode ${seen.mode} → ${mode}`, data: { type, mode } };
    },
    shown: ({ parent, mode }) => ({ base: parent.base, 'outer-dev': parent.dev, ...(mode === null ? {} : { mode }) }),
    label: ({ mode }) => (mode === null ? type : `${type} ${mode}`),
    words: ({ mode }) => ['mode', mode],
  };
}
