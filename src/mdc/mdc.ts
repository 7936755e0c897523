/** The steps of `mdc` in order: modes → resolution → assembly → compose. */
import type { Emit } from '../events.ts';
import { type Assembly, assemble } from './assemble.ts';
import { runCompose } from './compose.ts';
import { parseDeps, readModes } from './modes.ts';
import { type Resolved, resolve } from './resolve.ts';

export interface MdcSettings {
  /** As typed: `base,node1 web`. */
  readonly modes: string;
  readonly composeArgs: readonly string[];
  /** MODES_DIR: folders or JSON files, apart by `:` or `,`. */
  readonly modesDir: string;
  /** ENV_FILE. */
  readonly envFile: string;
  /** MDC_FILES_DIR. */
  readonly filesDir: string;
  /** DOCKER_COMPOSE. */
  readonly dockerCompose: string;
}

/** The settings that the environment gives, with their defaults. */
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

/** Which modes are meant, dependencies first. Throws E_CONFIG. */
export function resolveModes(modes: string, modesDir: string): readonly Resolved[] {
  const sources = modesDir.split(/[:,]/).filter((source) => source !== '');
  return resolve(readModes(sources), parseDeps(modes, 'the command line'));
}

/**
 * Assemble the modes in the working directory and run compose, if there are arguments for it. Returns the exit status.
 * Throws E_CONFIG or E_TOOL.
 */
export async function mdc(settings: MdcSettings, emit: Emit): Promise<number> {
  const resolved = resolveModes(settings.modes, settings.modesDir);
  const words = ['mdc', settings.modes, ...settings.composeArgs];
  const layout = { ...settings, cwd: process.cwd(), commandLine: words.join(' ') };
  const assembly = assemble(resolved, layout);
  announce(resolved, assembly, settings.envFile, emit);
  if (settings.composeArgs.length === 0) return 0;
  emit({
    type: 'detail',
    message: `Running: ${settings.dockerCompose} --env-file ${settings.envFile} ${settings.composeArgs.join(' ')}`,
  });
  return await runCompose(settings.dockerCompose, settings.envFile, settings.composeArgs);
}

function announce(resolved: readonly Resolved[], assembly: Assembly, envFile: string, emit: Emit): void {
  emit({ type: 'notice', message: `MODES:  ${resolved.map(({ name }) => name).join(' ')}` });
  const details = {
    ENV_FILE: envFile,
    COMPOSE_FILE: assembly.composeFiles.join(':'),
    COMPOSE_PROFILES: assembly.profiles.join(','),
    MDC_MODE_DIRS: assembly.modeDirs.join(','),
  };
  for (const [name, value] of Object.entries(details)) emit({ type: 'detail', message: `${name}: ${value}` });
}

export type ResolutionFormat = 'nodes' | 'paths' | 'json';

/** The resolution as text: names in a line, `name=path` lines, or JSON with the dependencies. */
export function formatResolution(resolved: readonly Resolved[], format: ResolutionFormat): string {
  switch (format) {
    case 'nodes':
      return resolved.map(({ name }) => name).join(' ');
    case 'paths':
      return resolved.map(({ name, path }) => `${name}=${path}`).join('\n');
    case 'json':
      return JSON.stringify(resolved.map(({ name, path, deps }) => ({ node: name, path, deps })));
    default:
      return format satisfies never;
  }
}
