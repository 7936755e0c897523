/** Modes → the environment file, the overlay of files and the compose files of one project. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve as resolvePath } from 'node:path';
import { LinkloomError } from '../errors.ts';
import { copyOverlay } from './overlay.ts';
import type { Resolved } from './resolve.ts';

export interface Layout {
  /** Against which every relative path is meant. */
  readonly cwd: string;
  /** Written whole, at the end, in one step (`.env`). */
  readonly envFile: string;
  /** Emptied, then filled with the modes' files (`./.files`). */
  readonly filesDir: string;
  /** The command line, for a comment in the environment file. */
  readonly commandLine: string;
}

/** What was assembled, as written into the environment file. */
export interface Assembly {
  readonly composeFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly modeDirs: readonly string[];
}

/** So that COMPOSE_FILE names a file even where no mode has one, and paths are relative to the working directory. */
const EMPTY_COMPOSE = './.compose-empty.yaml';
/** docker-compose 1.x takes a file without a version and without a thing in it for one of its first format. */
const EMPTY_TEXT = 'services: {}\nnetworks: {default: {}}\n';
/** In the order in which compose looks for them. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;
const ENV_NAMES = ['env', '.env'] as const;

/**
 * Write the environment file, the overlay and an empty compose file. Throws E_CONFIG, with the old environment file
 * still in place, if a file cannot be read or written or the overlay's folder holds what must not be deleted.
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

/** The folder is deleted with all that is in it: it must not be, nor hold, anything of the user's. */
function checkFilesDir(modes: readonly Resolved[], { cwd, envFile, filesDir }: Layout): void {
  const folder = resolvePath(cwd, filesDir);
  const precious = [cwd, envFile, ...modes.map(({ path }) => path)].map((path) => resolvePath(cwd, path));
  const held = precious.find((path) => !relative(folder, path).startsWith('..'));
  if (held === undefined) return;
  throw new LinkloomError('E_CONFIG', `the folder of files '${filesDir}' would be emptied, but ${held} is in it`, {
    hint: 'let MDC_FILES_DIR name a folder of its own, such as ./.files',
  });
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
 * `MDC_MODE_<name>`, what can be in no variable as `_`. A second one without the digits is what conlink's mdc
 * writes (there `node1` and `node2` share one); who tests for that finds it.
 */
function variables(name: string): readonly string[] {
  const own = `MDC_MODE_${name.replace(/[^A-Za-z0-9]/g, '_')}`;
  const lettersOnly = `MDC_MODE_${name.replace(/[^A-Za-z]/g, '_')}`;
  return [...new Set([own, lettersOnly])];
}

/** For an environment file: as it is where that is safe. */
function quoted(value: string): string {
  return /^[\w./:,@+=-]*$/.test(value) ? value : `'${value}'`;
}
