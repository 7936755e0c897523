/** The packages that speak to NATS. They are optional, and loaded here for the first time. */
import { LinkloomError } from '../../errors.ts';

const PACKAGES = ['@nats-io/transport-node', '@nats-io/jetstream'] as const;

type Packages = readonly [typeof import('@nats-io/transport-node'), typeof import('@nats-io/jetstream')];

/** Throws E_TOOL if they are missing. */
export async function natsPackages(): Promise<Packages> {
  try {
    return await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')]);
  } catch (cause) {
    throw new LinkloomError('E_TOOL', `the packages that speak to NATS can't be loaded: ${(cause as Error).message}`, {
      hint: `\`npm install ${PACKAGES.join(' ')}\` beside linkloom; npm leaves them out with --omit=optional`,
      cause,
    });
  }
}
