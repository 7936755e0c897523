/** Turns options into a request to the pipeline. */

import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { EXIT, LinkloomError } from '../errors.ts';
import type { Emit, Summary } from '../events.ts';
import { DEFAULT_WORKERS, type Request } from '../lab/request.ts';
import { socketsToTry } from '../runtime/connect.ts';
import { commandLine } from '../verb-names.ts';
import type { Options } from './flags.ts';
import type { Context } from './verb.ts';

/** The request of a verb. Without a verb, as conlink is called, no file is looked for, and each file is read alone. */
export function requestOf(options: Options, { env, bare }: Context): Request {
  return {
    load: {
      cwd: workingDirectory(env),
      env,
      files: options.file,
      networkFiles: options.networkFile,
      composeFiles: options.composeFile,
      discover: !bare,
      asCompose: !bare,
      envFiles: options.envFile,
      profiles: options.profile,
      lab: options.lab,
      composeProject: options.composeProject,
    },
    defaults: {
      defaultBridgeMode: options.defaultBridgeMode,
      defaultMtuBytes: options.defaultMtu,
      keepVethOffload: options.keepVethOffload,
      haveOpenvswitch: null,
    },
    side: options.switch,
    prune: options.prune,
    workers: options.workers ?? DEFAULT_WORKERS,
    sockets: socketsToTry(options, env),
    rerunCommands: options.rerunCommands,
    preflight: options.preflight,
    isOwnProcess: true,
    reset: options.reset,
  };
}

/**
 * The working directory under the name that the shell has for it, as for compose: if it was reached through a symbolic link, the
 * link's name is that of the project.
 */
function workingDirectory(env: Context['env']): string {
  const here = process.cwd();
  const { PWD: named } = env;
  if (named === undefined || !isAbsolute(named) || named === here) return here;
  const [there, own] = [named, '.'].map((path) => statSync(path, { throwIfNoEntry: false }));
  return there !== undefined && there.dev === own?.dev && there.ino === own.ino ? resolve(named) : here;
}

/**
 * The lab that `--lab` or a configuration names. A configuration with errors is not asked, since it may not say what was meant.
 * Throws E_USAGE or E_CONFIG.
 */
export async function labNameOf(request: Request): Promise<string> {
  const [{ loadConfig }, { withOwnLab }, { LAB_NAME }] = await Promise.all([
    import('../config/load.ts'),
    import('../lab/inside.ts'),
    import('../config/schema.ts'),
  ]);
  const { lab } = request.load;
  if (lab !== undefined) {
    if (LAB_NAME.test(lab)) return lab;
    throw new LinkloomError('E_USAGE', `'${lab}' is not a lab name`, {
      hint: '1 to 63 of a-z, 0-9, `_` and `-`, the first a letter or a digit',
    });
  }
  const loaded = await loadConfig((await withOwnLab(request)).load).catch(noLab);
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return loaded.lab;
  throw new LinkloomError('E_CONFIG', 'the configuration has errors, so it is not sure which lab it means', {
    diagnostics: errors,
    hint: 'give --lab NAME: then no configuration is needed',
  });
}

/** Turns the error that no configuration was found into one that says that no lab is named. */
function noLab(error: unknown): never {
  if (!(error instanceof LinkloomError) || error.code !== 'E_USAGE') throw error;
  throw new LinkloomError('E_USAGE', `no lab is named, and ${error.message}`, {
    hint: `give --lab NAME, or -f FILE; ${commandLine('status', '--all')} lists the labs of this host`,
    cause: error,
  });
}

/** Reports that `--config-schema` is not used, if it is given. */
export function noteSchema(options: Options, emit: Emit): void {
  if (options.configSchema === undefined) return;
  emit({ type: 'detail', message: `--config-schema ${options.configSchema}: not read, linkloom checks with its own` });
}

/** The exit status of a run: 1 if something failed or is still missing. */
export function statusOfSummary({ failures, links, pending }: Summary): number {
  return failures.length > 0 || links.failed > 0 || pending.length > 0 ? EXIT.failed : EXIT.done;
}
