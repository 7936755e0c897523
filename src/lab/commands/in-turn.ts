import type { CommandEnd, Started } from '../../runtime/command.ts';

/** A command whose turn may not have come yet. */
export interface Turn extends Started {
  readonly isBegun: boolean;
}

/** What became of a command whose turn never came. */
export const NEVER_BEGUN: CommandEnd = {
  ...{ status: null, signal: null },
  error: 'those before it had not ended when linkloom did',
};

/** Begins a command once `after` has resolved. Without a wait (null) it is begun at once. */
export function inTurn(after: Promise<void> | null, begin: () => Started): Turn {
  let begun = after === null ? begin() : null;
  let isLeft = false;
  const whenItsTurn = async (): Promise<CommandEnd> => {
    await after;
    if (isLeft) return NEVER_BEGUN;
    begun = begin();
    return await begun.ended;
  };
  return {
    get isBegun() {
      return begun !== null;
    },
    get process() {
      return begun?.process ?? null;
    },
    ended: begun === null ? whenItsTurn() : begun.ended,
    leave: () => {
      isLeft = true;
      begun?.leave();
    },
  };
}
