/** `down --detach`. */
import { EXIT } from '../../errors.ts';
import { detach } from '../../lab/verbs/detach.ts';
import { detachedJson, detachedText } from '../../report/summary.ts';
import type { Options } from '../flags.ts';
import { writeDocument } from '../reporting.ts';
import type { Context } from '../verb.ts';

/** Returns once the lab is being removed, or is gone. Throws what `detach` throws. */
export async function downDetached(context: Context, options: Options, lab: string): Promise<number> {
  const { dockerSocket, podmanSocket, workers } = options;
  const given = { '--docker-socket': dockerSocket, '--podman-socket': podmanSocket, '--workers': workers };
  const words = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
  const detached = await detach(lab, words, context.env);
  if (detached.state === 'ended' && detached.status !== EXIT.done) {
    context.err.write(detached.said);
    return detached.status;
  }
  const begun = detached.state === 'going' ? detached : null;
  if (options.json) writeDocument(context, detachedJson(lab, begun));
  else context.out.write(detachedText(lab, begun));
  return EXIT.done;
}
