/** The other ends of wires of a lab that is known by its marks alone: only the kernel can tell which they are. */
import type { Workers } from '../../engine/workers.ts';
import type { Observed } from '../../plan/observed.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { questionsOf } from '../../proof/by-marks.ts';
import { lookAgain } from '../look.ts';

/** What was seen, and the far ends of the links of the report that have no port. `isMeant` chooses links by `NODE:DEV`. Default: all. */
export async function withOtherEnds(
  workers: Workers,
  { report, observed }: { readonly report: StatusReport; readonly observed: Observed },
  isMeant: (link: string) => boolean = () => true,
): Promise<Observed> {
  const { farEnds } = questionsOf({ links: report.links.filter(({ link }) => isMeant(link)) });
  return farEnds.size === 0 ? observed : await lookAgain(workers, report.lab, observed, new Set(), farEnds);
}
