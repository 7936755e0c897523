/** What `npm audit signatures --json` means. Pure. */

interface Ran {
  /** null: it was ended because it took too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Package {
  readonly name: string;
  readonly version: string;
}

interface Report {
  readonly invalid?: readonly Package[];
  readonly missing?: readonly Package[];
  readonly error?: { readonly code?: string | null; readonly summary?: string };
}

export interface Verdict {
  readonly status: 0 | 1 | 3;
  readonly text: string;
}

export function verdictOf({ exitCode, stdout, stderr }: Ran): Verdict {
  const { invalid = [], missing = [], error } = reportOf(stdout);
  const faulty = [...invalid.map(named('wrong')), ...missing.map(named('no'))];
  if (faulty.length > 0) return { status: 1, text: faulty.join('\n') };
  if (exitCode === 0) return { status: 0, text: 'each package has the signature of its registry' };
  const [line = ''] = stderr.split('\n').filter((text) => text.trim() !== '');
  const why = exitCode === null ? 'it took too long' : (error?.summary?.split('\n')[0] ?? line);
  return { status: 3, text: `nobody could say: the registry has no signatures, or its keys are out of reach (${why})` };
}

function reportOf(stdout: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return {};
  }
}

function named(what: 'wrong' | 'no'): (one: Package) => string {
  return ({ name, version }) => `${name}@${version}: ${what} signature`;
}
