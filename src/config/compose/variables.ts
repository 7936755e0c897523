/** Looks up variables: first in the environment, then in `.env` and other files of variables. */
import { join } from 'node:path';
import type { Span } from '../../errors.ts';
import type { Diagnostics } from '../diagnose.ts';
import { type Reader, readBytes, reasonOf, TooLong } from '../read.ts';
import { parseDotEnv } from '../text/dotenv.ts';
import type { Lookup } from '../text/interpolate.ts';
import { diagnosticsOf, spansOf } from '../text/source.ts';

/** The largest file of variables that is read. */
const MAX_BYTES = 4 * 2 ** 20;

export interface EnvFiles {
  /** Absolute paths. A later file overrides an earlier one. */
  readonly paths: readonly string[];
  /** Whether a missing file is a fault. It is not if nobody named the file. */
  readonly isNamed: boolean;
  /** Where the files are named; undefined for the command line. */
  readonly where?: (() => Span) | undefined;
}

/** A lookup that asks `outer`, then the files. If the files add nothing, `outer` itself. */
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

/** The `.env` file of a folder; it need not exist. */
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
