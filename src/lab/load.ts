/** The first stages: load → validate → normalise. Files become a Topology; no kernel and no privilege is needed. */
import { together } from '../config/diagnose.ts';
import { type Loaded, loadConfig } from '../config/load.ts';
import { readStandardInput } from '../config/read.ts';
import { counted } from '../counted.ts';
import { keepHeapTight } from '../engine/machine/heap.ts';
import { haveOpenvswitch } from '../engine/machine/openvswitch.ts';
import { holdOptimising } from '../engine/machine/optimising.ts';
import { type Diagnostic, errorsIn, LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { withoutInactive } from '../topology/nodes.ts';
import { normalise } from '../topology/normalise.ts';
import type { Topology } from '../topology/topology.ts';
import { withOwnLab } from './inside.ts';
import type { Request } from './request.ts';

/** How long the text of a link is, with its part of a bridge: 90 characters of JSON, 70 of YAML. */
const TEXT_OF_A_LINK = 80;

/** `validate`, `graph`: the topology without services whose profiles are off. Throws E_CONFIG. */
export async function load(request: Request, emit: Emit): Promise<Topology> {
  return withoutInactive((await loadTopology(request, emit)).topology);
}

/**
 * Load, validate and normalise. Warnings are emitted; with errors throws E_CONFIG that carries all diagnostics. `onSources` is told
 * in any case which files the configuration depends on.
 */
export async function loadTopology(
  request: Request,
  emit: Emit,
  onSources: (paths: readonly string[]) => void = () => {},
): Promise<{ readonly loaded: Loaded; readonly topology: Topology }> {
  const onText = (length: number): void => keepHeapTight(length / TEXT_OF_A_LINK);
  const loaded = await loadConfig({ ...(await withOwnLab(request)).load, onText });
  onSources(loaded.sources);
  const things = loaded.config.links.length + 2 * loaded.config.wires.length;
  keepHeapTight(things);
  if (request.isOwnProcess) holdOptimising(things);
  const { topology, diagnostics } = normalise(loaded.config, {
    ...request.defaults,
    lab: loaded.lab,
    haveOpenvswitch: request.defaults.haveOpenvswitch ?? haveOpenvswitch(),
  });
  refuseErrors('E_CONFIG', together(loaded.diagnostics, diagnostics), emit);
  return { loaded, topology: request.cut?.(topology) ?? topology };
}

/** The same request for whoever loads more than once: standard input can be read once only, so its text stays what it was. */
export function readingOnce(request: Request): Request {
  const read = request.load.readStdin ?? readStandardInput;
  let text: Promise<Uint8Array> | null = null;
  const readStdin = (mostBytes: number): Promise<Uint8Array> => {
    text ??= read(mostBytes);
    return text;
  };
  return { ...request, load: { ...request.load, readStdin } };
}

/** Throw if there is an error among the diagnostics; else emit the warnings. */
export function refuseErrors(code: 'E_CONFIG' | 'E_CLASH', diagnostics: readonly Diagnostic[], emit: Emit): void {
  const errors = errorsIn(diagnostics);
  if (errors > 0) {
    const message = `${counted(errors, 'fault')} in the configuration; nothing has been touched`;
    throw new LinkloomError(code, message, { diagnostics });
  }
  for (const diagnostic of diagnostics) emit({ type: 'diagnostic', diagnostic });
}
