/** Turns modes into the environment file, the overlay of files and the compose files of one project. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve as resolvePath } from 'node:path';
import { LinkloomError } from '../errors.ts';
import { copyOverlay } from './overlay.ts';
import type { Resolved } from './resolve.ts';

export interface Layout {
  /** The folder to which relative paths are relative. */
  readonly cwd: string;
  /** The environment file (`.env`). It is written at the end, in one step. */
  readonly envFile: string;
  /** The folder of the modes' files (`./.files`). It is emptied first. */
  readonly filesDir: string;
  /** The command line, for a comment in the environment file. */
  readonly commandLine: string;
}

/** What was assembled, as it is written into the environment file. */
export interface Assembly {
  readonly composeFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly modeDirs: readonly string[];
}

/**
 * An empty compose file. With it, COMPOSE_FILE names a file even if no mode has one, and paths are relative to the working
 * directory.
 */
const EMPTY_COMPOSE = './.compose-empty.yaml';
/** Not quite empty: docker-compose 1.x takes an empty file without a version for one of its first format. */
const EMPTY_TEXT = 'services: {}\nnetworks: {default: {}}\n';
/** The file names of compose, in the order in which compose looks for them. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;
const ENV_NAMES = ['env', '.env'] as const;

/**
 * Writes the environment file, the overlay and an empty compose file. Throws E_CONFIG if a file can't be read or written, or if the
 * folder of files contains what must not be deleted; the old environment file then stays.
 */
export function assemble(modes: readonly Resolved[], layout: Layout): Assembly {
  const at = (path: string) => resolvePath(layout.cwd, path);
  const temporary = `${at(layout.envFile)}-mdc-tmp`;
  const assembly: Assembly = {
    composeFiles: [EMPTY_COMPOSE, ...modes.flatMap(({ path }) => composeFile(at, path) ?? [])],
    profiles: modes.map(({ name }) => `MODE_${name}`),
    modeDirs: modes.flatMap(({ path }) => (path === '' ? [] : [path])),
  };
  checkFilesDir(modes, layout);
  try {
    writeFileSync(temporary, environment(modes, layout, assembly));
    writeFileSync(at(EMPTY_COMPOSE), EMPTY_TEXT);
    rmSync(at(layout.filesDir), { recursive: true, force: true });
    mkdirSync(at(layout.filesDir), { recursive: true });
    for (const dir of assembly.modeDirs) copyOverlay(at(dir), at(layout.filesDir));
    renameSync(temporary, at(layout.envFile));
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new LinkloomError('E_CONFIG', `cannot assemble the modes: ${(cause as Error).message}`, { cause });
  }
  return assembly;
}

function composeFile(at: (path: string) => string, path: string): string | undefined {
  return path === '' ? undefined : COMPOSE_NAMES.map((name) => `${path}/${name}`).find((file) => existsSync(at(file)));
}

/** Checks that the folder of files, which is emptied, contains nothing of the user's. */
function checkFilesDir(modes: readonly Resolved[], { cwd, envFile, filesDir }: Layout): void {
  const folder = resolvePath(cwd, filesDir);
  const precious = [cwd, envFile, ...modes.map(({ path }) => path)].map((path) => resolvePath(cwd, path));
  const endangered = precious.find((path) => !relative(folder, path).startsWith('..'));
  if (endangered === undefined) return;
  throw new LinkloomError(
    'E_CONFIG',
    `the folder of files '${filesDir}' would be emptied, but ${endangered} is in it`,
    {
      hint: 'let MDC_FILES_DIR name a folder of its own, such as ./.files',
    },
  );
}

function environment(modes: readonly Resolved[], layout: Layout, assembly: Assembly): string {
  const at = (path: string) => resolvePath(layout.cwd, path);
  return [
    `### mdc command line: ${layout.commandLine.replaceAll('\n', ' ')}`,
    ...modes.flatMap((mode) => block(mode, at)),
    `COMPOSE_FILE=${quoted(assembly.composeFiles.join(':'))}`,
    `COMPOSE_DIR=${quoted(dirname(at(layout.envFile)))}`,
    `COMPOSE_PROFILES=${assembly.profiles.join(',')}`,
    `MDC_MODE_DIRS="${assembly.modeDirs.join(',')}"`,
    '',
  ].join('\n');
}

function block({ name, path }: Resolved, at: (path: string) => string): readonly string[] {
  const files = path === '' ? [] : ENV_NAMES.map((each) => `${path}/${each}`).filter((file) => existsSync(at(file)));
  const blocks = files.length === 0 ? [null] : files;
  return blocks.flatMap((file) => [
    `### mdc begin mode ${name}${file === null ? '' : ` (${file})`}`,
    ...variables(name).map((variable) => `${variable}=enabled`),
    file === null ? '' : readFileSync(at(file), 'utf8'),
    `### mdc end mode ${name}${file === null ? '' : ` (${file})`}`,
  ]);
}

/**
 * The variables of a mode: `MDC_MODE_<name>`, with `_` for each character that no variable can have. The second one has no digits:
 * conlink's mdc writes that one (there `node1` and `node2` share one), and files may test for it.
 */
function variables(name: string): readonly string[] {
  const own = `MDC_MODE_${name.replace(/[^A-Za-z0-9]/g, '_')}`;
  const lettersOnly = `MDC_MODE_${name.replace(/[^A-Za-z]/g, '_')}`;
  return [...new Set([own, lettersOnly])];
}

/** The value for an environment file, in quotes if it needs them. */
function quoted(value: string): string {
  return /^[\w./:,@+=-]*$/.test(value) ? value : `'${value}'`;
}
