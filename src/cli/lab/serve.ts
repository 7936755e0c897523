/** `--no-api`, `--listen` and `--token-file`: whether and where a verb that keeps running serves its lab. */
import type { Serve } from '../../daemon/asked/answering.ts';
import { LinkloomError } from '../../errors.ts';
import type { Options } from '../flags.ts';

/** Where a service manager wants to be told how the program is. What this one starts does not speak in its name, so it is taken out. */
export function takeNotifySocket(env: NodeJS.ProcessEnv): string | undefined {
  const { NOTIFY_SOCKET: address } = env;
  delete env['NOTIFY_SOCKET'];
  return address === '' ? undefined : address;
}

/** undefined: it is served to nobody. Throws E_USAGE, and E_UNSAFE for a token that others may read. */
export async function serveOf({ api, listen, tokenFile }: Options): Promise<Serve | undefined> {
  if (!api && (listen !== undefined || tokenFile !== undefined)) {
    throw new LinkloomError(
      'E_USAGE',
      '--no-api says that the lab is served to nobody: leave out --listen and --token-file',
    );
  }
  if ((listen === undefined) !== (tokenFile === undefined)) {
    throw new LinkloomError(
      'E_USAGE',
      'by TCP whoever has the token is served: --listen and --token-file go together',
      {
        hint: 'make a token: (umask 077; head -c 32 /dev/urandom | base64 > FILE); the unix socket needs none',
      },
    );
  }
  if (!api) return undefined;
  const { serveLab } = await import('../../api/server/serve.ts');
  if (listen === undefined || tokenFile === undefined)
    return (control, hosts) => serveLab(control, { tcp: null, hosts });
  const { readToken } = await import('../../api/server/token.ts');
  const tcp = { ...listen, token: readToken(tokenFile) };
  return (control, hosts) => serveLab(control, { tcp, hosts });
}
