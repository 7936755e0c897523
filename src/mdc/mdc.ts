/**
 * The steps of `mdc` in order: read the modes, resolve them, assemble the project. Then compose runs (`compose.ts`) and has the
 * terminal.
 */
import type { Emit } from '../events.ts';
import { type Assembly, assemble } from './assemble.ts';
import { parseDeps, readModes } from './modes.ts';
import { type Resolved, resolve } from './resolve.ts';

export interface MdcSettings {
  /** The modes as typed: `base,node1 web`. */
  readonly modes: string;
  readonly composeArgs: readonly string[];
  /** MODES_DIR: folders or JSON files, separated by `:` or `,`. */
  readonly modesDir: string;
  /** ENV_FILE. */
  readonly envFile: string;
  /** MDC_FILES_DIR. */
  readonly filesDir: string;
  /** DOCKER_COMPOSE. */
  readonly dockerCompose: string;
}

/** The settings from the environment, with their defaults. */
export function settingsFrom(
  env: Readonly<Record<string, string | undefined>>,
): Pick<MdcSettings, 'modesDir' | 'envFile' | 'filesDir' | 'dockerCompose'> {
  return {
    modesDir: env['MODES_DIR'] || './modes',
    envFile: env['ENV_FILE'] || '.env',
    filesDir: env['MDC_FILES_DIR'] || './.files',
    dockerCompose: env['DOCKER_COMPOSE'] || 'docker compose',
  };
}

/** The modes that are meant, dependencies first. Throws E_CONFIG. */
export function resolveModes(modes: string, modesDir: string): readonly Resolved[] {
  const sources = modesDir.split(/[:,]/).filter((source) => source !== '');
  return resolve(readModes(sources), parseDeps(modes, 'the command line'));
}

/** Assembles the modes in the working directory. The environment file then describes the project. Throws E_CONFIG. */
export function assembleModes(settings: MdcSettings, emit: Emit): void {
  const resolved = resolveModes(settings.modes, settings.modesDir);
  const commandLine = ['mdc', settings.modes, ...settings.composeArgs].join(' ');
  const assembly = assemble(resolved, { ...settings, cwd: process.cwd(), commandLine });
  announce(resolved, assembly, settings, emit);
}

function announce(resolved: readonly Resolved[], assembly: Assembly, settings: MdcSettings, emit: Emit): void {
  emit({ type: 'notice', message: `MODES:  ${resolved.map(({ name }) => name).join(' ')}` });
  const { envFile, dockerCompose, composeArgs } = settings;
  const details = {
    ENV_FILE: envFile,
    COMPOSE_FILE: assembly.composeFiles.join(':'),
    COMPOSE_PROFILES: assembly.profiles.join(','),
    MDC_MODE_DIRS: assembly.modeDirs.join(','),
  };
  for (const [name, value] of Object.entries(details)) emit({ type: 'detail', message: `${name}: ${value}` });
  if (composeArgs.length === 0) return;
  emit({ type: 'detail', message: `Running: ${dockerCompose} --env-file ${envFile} ${composeArgs.join(' ')}` });
}
