/** `verify`: proof of wiring. */
import { ProbeThread } from '../../engine/threads/prober.ts';
import type { Proof } from '../../proof/proof.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { type VerifyOptions, verifyLab } from '../verify/verify.ts';

/** Throws what `Session.open` and `verifyLab` throw; changes nothing. */
export async function verify(request: Request, options: Omit<VerifyOptions, 'thread'>, io: Io): Promise<Proof> {
  // The thread starts while the configuration is read.
  const thread = new ProbeThread();
  try {
    await using session = await Session.open(request, io.emit);
    return await verifyLab(session, { ...options, thread }, io);
  } finally {
    await thread[Symbol.asyncDispose]();
  }
}
