import type { Emit } from '../events.ts';
import { orphanWarnings } from '../plan/orphans/orphans.ts';
import type { Pass } from './pass.ts';
import type { Session } from './session.ts';

/** Tell what stays since other files made it, each once for as long as it does. A pass over some nodes knows of none. */
export function tellOrphans({ orphansTold }: Pick<Session, 'orphansTold'>, { isWhole, plan }: Pass, emit: Emit): void {
  if (!isWhole) return;
  const news = plan.orphans.filter((orphan) => !orphansTold.has(orphan));
  const now = new Set(plan.orphans);
  for (const told of orphansTold) if (!now.has(told)) orphansTold.delete(told);
  for (const orphan of news) orphansTold.add(orphan);
  for (const diagnostic of orphanWarnings(plan.lab, news)) emit({ type: 'diagnostic', diagnostic });
}
