/** The lab's name and the compose project: who says them, in which order. */
import { basename, dirname } from 'node:path';
import { LinkloomError } from '../errors.ts';
import type { Diagnostics } from './diagnose.ts';
import { LAB_NAME } from './schema.ts';
import { quote } from './text/excerpt.ts';
import type { Source } from './text/source.ts';
import { type Entries, LAB_HINT } from './validate.ts';

/** The compose project that `service` links are for, as the compose files have it. */
export interface ComposeProject {
  readonly name: string;
  /** Absolute: the folder of the first compose file, as compose labels its containers with it. */
  readonly workingDir: string;
}

/** What compose makes of a folder's name: lower case, no other signs than `_` and `-`, none of them in front. May be empty. */
export function projectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
    .slice(0, 63);
}

export interface LabQuestion {
  /** `--lab`. */
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly entries: Entries;
  readonly project: string | undefined;
  /** Folder of the first file, absolute. */
  readonly folder: string;
}

/**
 * The lab's name: `--lab`, `LINKLOOM_LAB`, `lab:`, the compose project, the folder.
 * @throws LinkloomError E_USAGE if the flag or the variable is no lab name
 */
export function labOf(question: LabQuestion, diagnostics: Diagnostics): string {
  const written = labWritten(question.entries, diagnostics);
  const flag = question.flag ?? (question.env('LINKLOOM_LAB') || undefined);
  if (flag !== undefined) {
    if (LAB_NAME.test(flag)) return flag;
    const where = question.flag === undefined ? 'LINKLOOM_LAB' : '--lab';
    throw new LinkloomError('E_USAGE', `${where}: ${quote(flag)} is not a lab name`, { hint: LAB_HINT });
  }
  return written ?? question.project ?? (projectName(basename(question.folder)) || 'lab');
}

function labWritten(entries: Entries, diagnostics: Diagnostics): string | undefined {
  const [first, ...others] = entries.labs;
  const other = others.find(({ lab }) => lab !== first?.lab);
  if (first !== undefined && other !== undefined) {
    const { file, line } = first.origin.source.locate(first.origin.path);
    diagnostics.add('error', `lab ${quote(other.lab)}, but ${file}:${line} says ${quote(first.lab)}`, {
      where: () => other.origin.source.locate(other.origin.path),
      hint: 'one run makes one lab: keep one of the two names',
    });
  }
  return first?.lab;
}

/** The project of compose files: `--compose-project`, `COMPOSE_PROJECT_NAME`, `name:` of the last file that has one, the folder. */
export function composeProjectOf(
  flag: string | undefined,
  env: (name: string) => string | undefined,
  compose: readonly { readonly source: Source; readonly name: string | undefined; readonly path: string }[],
): ComposeProject | null {
  const first = compose[0];
  if (first === undefined) return null;
  const workingDir = dirname(first.path);
  const written = compose.map(({ name }) => name).findLast((name) => name !== undefined);
  const name = flag || env('COMPOSE_PROJECT_NAME') || written || '';
  return { name: projectName(name) || projectName(basename(workingDir)), workingDir };
}
