/** Variables: the environment, then what `.env` and its kin add to it. */
import { join } from 'node:path';
import type { Span } from '../../errors.ts';
import type { Diagnostics } from '../diagnose.ts';
import { type Reader, readBytes, reasonOf, TooLong } from '../read.ts';
import { parseDotEnv } from '../text/dotenv.ts';
import type { Lookup } from '../text/interpolate.ts';
import { diagnosticsOf, spansOf } from '../text/source.ts';

/** More would be no list of variables. */
const MAX_BYTES = 4 * 2 ** 20;

export interface EnvFiles {
  /** Absolute; a later file counts more. */
  readonly paths: readonly string[];
  /** Whether a file that is not there is a fault: not for one that nobody named. */
  readonly isNamed: boolean;
  /** Where they are named; undefined for the command line. */
  readonly where?: (() => Span) | undefined;
}

/** `outer`, and what it does not know from files. The same function where they add nothing. */
export async function withEnvFiles(
  outer: Lookup,
  files: EnvFiles,
  reader: Reader,
  diagnostics: Diagnostics,
): Promise<Lookup> {
  const variables = new Map<string, string>();
  for (const path of files.paths) {
    const text = await textOf(path, files, reader, diagnostics);
    if (text === null) continue;
    const parsed = parseDotEnv(text, outer, variables);
    diagnostics.addAll(diagnosticsOf(parsed.faults, spansOf(reader.refOf(path).name, text)));
    for (const [name, value] of parsed.variables) variables.set(name, value);
  }
  return variables.size === 0 ? outer : (name) => outer(name) ?? variables.get(name);
}

/** The `.env` of a folder, which need not be there. */
export function dotEnvOf(folder: string): EnvFiles {
  return { paths: [join(folder, '.env')], isNamed: false };
}

async function textOf(
  path: string,
  { isNamed, where }: EnvFiles,
  reader: Reader,
  diagnostics: Diagnostics,
): Promise<string | null> {
  const { name } = reader.refOf(path);
  reader.note(path);
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readBytes(path, MAX_BYTES));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')) return null;
    if (error instanceof TooLong) {
      diagnostics.add(
        'file-too-large',
        `${name} is larger than ${MAX_BYTES / 2 ** 20} MiB, the most that is read as variables`,
        { where },
      );
    } else {
      const code = isNamed ? 'file-unreadable' : 'env-file-unreadable';
      diagnostics.add(code, `cannot read ${name}: ${reasonOf(error)}`, { where });
    }
    return null;
  }
}
