/** NKeys: pairs of which the servers know the public half, and whoever connects has the seed. */
import { natsPackages } from './packages.ts';

export interface UserKey {
  /** `U…`, for the configuration of the servers. */
  readonly publicKey: string;
  /** `SU…`, secret. */
  readonly seed: string;
}

/** A new key of a user. Throws E_TOOL if the packages that speak to NATS are missing. */
export async function newUserKey(): Promise<UserKey> {
  const [{ nkeys }] = await natsPackages();
  const pair = nkeys.createUser();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

/** The public half of a seed. Throws E_TOOL as `newUserKey` does, and what the package throws if the text is no seed. */
export async function publicKeyOf(seed: string): Promise<string> {
  const [{ nkeys }] = await natsPackages();
  return nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
}
