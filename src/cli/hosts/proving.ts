/** `verify --store`, and `up --store --verify`: the wires of a lab over several hosts are proved. */
import { EXIT } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { HostsIo } from '../../hosts/verbs/up.ts';
import type { HostsProof } from '../../hosts/verbs/verify.ts';
import type { Options } from '../flags.ts';
import { howToVerify, writeProof } from '../lab/proving.ts';
import { assertWritable } from '../output-file.ts';
import { writeDocument } from '../reporting.ts';
import { labNameOf, requestOf } from '../request.ts';
import type { Context } from '../verb.ts';
import { withStore } from './store.ts';

export async function verifyOnHosts(context: Context, options: Options, links: readonly string[]): Promise<number> {
  if (options.junit !== undefined) await assertWritable('--junit', options.junit, true);
  const found = await withStore(context, options, null, async (io) => {
    const lab = await labNameOf(requestOf(options, context));
    return await proved(context, options, lab, links, io);
  });
  const totalMs = Math.round(performance.now() * 1000) / 1000;
  const isProved = await written(context, options, found, totalMs / 1000);
  if (options.json) {
    const { proofJson } = await import('../../report/proof/json.ts');
    writeDocument(context, { ...proofJson(found.proof, { totalMs }), ...silentPart(found) });
  }
  return isProved ? EXIT.done : EXIT.failed;
}

/** What `up` proves last. */
export async function proved(
  context: Context,
  options: Options,
  lab: string,
  links: readonly string[],
  io: HostsIo,
): Promise<HostsProof> {
  const { verifyOnHosts: verify } = await import('../../hosts/verbs/verify.ts');
  const { load: _load, ...base } = requestOf(options, context);
  const found = await verify(lab, base, howToVerify(options, links), io);
  tellSilent(found, io.emit);
  return found;
}

/** Writes what was found, unless there is a JSON document. Returns whether nothing is at fault and all hosts have answered. */
export async function written(
  context: Context,
  options: Options,
  { proof, silent }: HostsProof,
  seconds: number,
): Promise<boolean> {
  const hasFaults = await writeProof(context, options, proof, seconds);
  return !hasFaults && silent.size === 0;
}

/** What the JSON document of `up` has of it. */
export async function provedPart(found: HostsProof): Promise<object> {
  const { proofPart } = await import('../../report/proof/json.ts');
  return { verify: { ...proofPart(found.proof), ...silentPart(found) } };
}

/** A host that is silent proves nothing, so the lab is not proved. */
function silentPart({ silent }: HostsProof): object {
  const hosts = [...silent].map(([host, why]) => ({ host, why }));
  return { silent: hosts, ...(hosts.length > 0 && { proved: false }) };
}

function tellSilent({ silent }: HostsProof, emit: Emit): void {
  for (const why of silent.values()) emit({ type: 'notice', message: `Nothing is proved of its links: ${why}` });
}
