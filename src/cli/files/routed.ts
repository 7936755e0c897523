/** Puts an address plan and FRR into a document, as the options ask. */
import type { Config } from '../../config/config.ts';
import { counted } from '../../counted.ts';
import { errorsIn, LinkloomError } from '../../errors.ts';
import type { Options } from '../flags.ts';

type Part = Readonly<Record<string, unknown>>;
type Env = Readonly<Record<string, string | undefined>>;

/** The pools of a lab that routes, where nobody says others. */
export const USUAL = { wires: { pool: '10.0.0.0/9' }, loopbacks: { pool: '10.255.0.0/16' } } as const;
const USUAL_6 = { wires6: { pool: 'fd00:0:0:1::/64' }, loopbacks6: { pool: 'fd00:0:0:2::/64' } } as const;

/** The document with what was asked for. Throws E_USAGE and E_CONFIG. */
export async function asRouted(document: Part, options: Options, env: Env): Promise<Part> {
  const addressed = withAddressing(document, options);
  if (options.frr === undefined) return addressed;
  const [{ withFrr }, config] = await Promise.all([import('../../routing/frr.ts'), configOf(addressed, options, env)]);
  return withFrr(addressed, config, frrRequestOf(options));
}

export function frrRequestOf({ frr = 'ospf', frrNodes, fastTimers }: Options) {
  return { protocol: frr, timers: fastTimers ? 'fast' : 'usual', nodes: frrNodes } as const;
}

/** The document with the pools of the options; routers get pools even if none is asked for. */
export function withAddressing(document: Part, options: Options): Part {
  const { wires, loopbacks, wires6, loopbacks6, ipv6 } = options;
  const usual = { ...(options.frr === undefined && !ipv6 ? {} : USUAL), ...(ipv6 ? USUAL_6 : {}) };
  const asked = Object.entries({ wires, loopbacks, wires6, loopbacks6 }).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, planOf(text)] as const],
  );
  const known = (document['addressing'] ?? {}) as Part;
  const addressing = { ...usual, ...known, ...Object.fromEntries(asked) };
  if (Object.keys(addressing).length === 0) return document;
  const { lab, ...rest } = document;
  return { ...(lab === undefined ? {} : { lab }), ...rest, addressing };
}

/** Reads `POOL` or `POOL,LENGTH`. */
function planOf(text: string): Part {
  const [pool = '', length] = text.split(',');
  return length === undefined ? { pool } : { pool, prefix: Number(length) };
}

/** What a document says, as it will be read. Throws E_CONFIG with every fault. */
export async function configOf(document: Part, { lab }: Options, env: Env): Promise<Config> {
  const [{ loadConfig }, { printDocument }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/text/document.ts'),
  ]);
  const { config, diagnostics } = await loadConfig({
    ...{ cwd: process.cwd(), env: { ...env, COMPOSE_DISABLE_ENV_FILE: 'true' }, files: ['-'], discover: false, lab },
    readStdin: async () => Buffer.from(printDocument(document, 'json')),
  });
  const errors = errorsIn(diagnostics);
  if (errors === 0) return config;
  throw new LinkloomError('E_CONFIG', `${counted(errors, 'fault')} in what would be printed; nothing is printed`, {
    // Their places are in a text that nobody sees.
    diagnostics: diagnostics.map(({ where: _, ...rest }) => rest),
  });
}
