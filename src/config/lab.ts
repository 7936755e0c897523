/** Finds the lab's name and the compose project. */
import { basename } from 'node:path';
import { LinkloomError } from '../errors.ts';
import { sha256Hex } from '../net/digest.ts';
import type { Diagnostics } from './diagnose.ts';
import { LAB_NAME } from './schema.ts';
import { quote } from './text/excerpt.ts';
import { type Entries, LAB_HINT } from './validate.ts';

/** The compose project of `service` links, as the compose files name it. */
export interface ComposeProject {
  readonly name: string;
  /** The folder of the first compose file, absolute. Compose puts it into a label of its containers. */
  readonly workingDir: string;
}

/**
 * A folder's name as compose turns it into a project's name: lower case, without other characters than letters, digits, `_` and
 * `-`, and without `_` and `-` at the front. The result may be empty, and of any length.
 */
export function projectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

export const PROJECT_HINT =
  'a project has lower-case letters, digits, "_" and "-" in its name, the first a letter or digit';

/** The lab's name for a project: the project's name, or, if that is too long, its beginning and eight digits of its hash. */
function labOfProject(project: string): string {
  if (project.length <= MAX_LAB_NAME) return project;
  const digits = sha256Hex(project).slice(0, 8);
  return `${project.slice(0, MAX_LAB_NAME - digits.length - 1)}-${digits}`;
}

/** The longest name that `LAB_NAME` matches. */
const MAX_LAB_NAME = 63;

export interface LabQuestion {
  /** `--lab`. */
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly entries: Entries;
  readonly project: string | undefined;
  /** The folder of the first file, absolute. */
  readonly folder: string;
  /** What makes the name one of this run alone; absent: nothing does. */
  readonly suffix?: string | undefined;
}

/**
 * The lab's name: `--lab`, `LINKLOOM_LAB`, `lab:`, the compose project (inside a container, that of our own; else its id), the folder;
 * then `-` and the suffix, for which a long name gives way.
 * @throws LinkloomError E_USAGE if the flag or the variable is no lab name
 */
export function labOf(question: LabQuestion, diagnostics: Diagnostics): string {
  const { suffix } = question;
  const lab = namedLab(question, diagnostics);
  return suffix === undefined ? lab : `${lab.slice(0, MAX_LAB_NAME - suffix.length - 1)}-${suffix}`;
}

function namedLab(question: LabQuestion, diagnostics: Diagnostics): string {
  const written = labWritten(question.entries, diagnostics);
  const flag = question.flag ?? (question.env('LINKLOOM_LAB') || undefined);
  if (flag !== undefined) {
    if (LAB_NAME.test(flag)) return flag;
    const where = question.flag === undefined ? 'LINKLOOM_LAB' : '--lab';
    throw new LinkloomError('E_USAGE', `${where}: ${quote(flag)} is not a lab name`, { hint: LAB_HINT });
  }
  return written ?? labOfProject(question.project || projectName(basename(question.folder)) || 'lab');
}

function labWritten(entries: Entries, diagnostics: Diagnostics): string | undefined {
  const [first, ...others] = entries.labs;
  for (const other of others) {
    if (first === undefined || other.lab === first.lab) continue;
    const { file, line } = first.origin.source.locate(first.origin.path);
    diagnostics.add('lab-twice', `lab ${quote(other.lab)}, but ${file}:${line} says ${quote(first.lab)}`, {
      where: () => other.origin.source.locate(other.origin.path),
      hint: 'one run makes one lab: keep one of the two names',
    });
  }
  return first?.lab;
}

/** The possible sources of the project's name, the strongest first. If none has one, the folder's name is used. */
export interface ProjectQuestion {
  /** `--compose-project`. */
  readonly flag: string | undefined;
  readonly env: (name: string) => string | undefined;
  /** `name:` of the compose files. */
  readonly written: string | undefined;
  /** The compose project in the label of linkloom's own container. */
  readonly own: string | undefined;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Whether an invalid name on the command line or in a variable is refused, as compose does, or adapted. */
  readonly isStrict: boolean;
}

/**
 * The name of the compose project; may be empty where the folder's name has no sign that counts.
 * @throws LinkloomError E_USAGE for a flag or a variable that is no project's name
 */
export function projectNameOf({ flag, env, written, own, folder, isStrict }: ProjectQuestion): string {
  if (isStrict) {
    const where = flag ? '--compose-project' : 'COMPOSE_PROJECT_NAME';
    const name = flag || (env('COMPOSE_PROJECT_NAME') ?? '');
    if (projectName(name) !== name)
      throw new LinkloomError('E_USAGE', `${where}: ${quote(name)} is no name of a project`, { hint: PROJECT_HINT });
  }
  const said = [flag, env('COMPOSE_PROJECT_NAME'), written, own].map((name) => projectName(name ?? ''));
  return said.find((name) => name !== '') ?? projectName(basename(folder));
}
