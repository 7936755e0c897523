import { existsSync } from 'node:fs';
import { removerOf } from '../../engine/lock/holder.ts';
import type { Emit } from '../../events.ts';
import { removalLogPath } from '../../net/run-directory.ts';

/** Tells that a lab is being removed by another process, or that a removal in the background has failed. */
export function tellRemoval(lab: string, emit: Emit): void {
  const pid = removerOf(lab);
  const logPath = removalLogPath(lab);
  if (pid !== null || existsSync(logPath)) emit({ type: 'removal', lab, pid, isAwaited: false, logPath });
}
