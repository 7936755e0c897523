/** The accounts that the servers of the store need, with a key for each host, for those who run verbs and for those who look. */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storeAccounts } from '../../cluster/accounts.ts';
import type { HostName } from '../../cluster/names.ts';
import { newUserKey, publicKeyOf } from '../../cluster/nats/keys.ts';
import { HOST_NAME } from '../../config/nodes/host-name.ts';
import { LinkloomError } from '../../errors.ts';

/** Files of the keys that are no host's; names of hosts have no dot. */
const VERBS = 'verbs.nk';
const READERS = 'readers.nk';

/**
 * The block for the servers' configuration. Keys that are not in the folder yet are made, readable by their owner alone. Throws E_USAGE for a
 * name that can't be a host's, and E_CONFIG for a file that has no key.
 */
export async function permissionsFor(names: readonly HostName[], folder: string): Promise<string> {
  for (const name of names) {
    if (!HOST_NAME.test(name)) throw new LinkloomError('E_USAGE', `'${name}' can't be the name of a host`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hosts = new Map<HostName, string>();
  for (const name of names) hosts.set(name, await keyIn(join(folder, `host-${name}.nk`)));
  const [verbs, readers] = [await keyIn(join(folder, VERBS)), await keyIn(join(folder, READERS))];
  return storeAccounts({ verbs: [verbs], readers: [readers], hosts });
}

/** The public key of a file's seed; the file is made where it is missing. */
async function keyIn(path: string): Promise<string> {
  try {
    return await publicKeyOf((await readFile(path, 'utf8')).trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new LinkloomError('E_CONFIG', `${path} has no seed of an NKey: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  const { seed, publicKey } = await newUserKey();
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${seed}\n`);
  } finally {
    await file.close();
  }
  return publicKey;
}
