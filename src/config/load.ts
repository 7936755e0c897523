/** The first stage of the pipeline: the files of a run become one Config. Start reading the room here. */
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../errors.ts';
import type { Config } from './config.ts';
import { Diagnostics } from './diagnose.ts';
import { discover, type FileRef, formatOf, listed, readDotEnv, readText } from './discover.ts';
import { interpolateSection, isMap, type Kind, kindOf, newInterpolation, sectionsOf } from './extract.ts';
import { type ComposeProject, composeProjectOf, labOf, projectName } from './lab.ts';
import { mergeBridges, mergeLinks } from './merge.ts';
import { checkLink } from './rules.ts';
import { isShown, shownSections } from './shown/sections.ts';
import { interpolate, type Lookup } from './text/interpolate.ts';
import { readSource, type Source } from './text/source.ts';
import { newEntries, validateSection } from './validate.ts';

/** What to load. Everything may be left out but `cwd` and `env`. */
export interface LoadRequest {
  /** Absolute; names are relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-f`: either kind, told by content; `-` is standard input. */
  readonly files?: readonly string[] | undefined;
  /** `--network-file`: each value may be a `:`-separated list. */
  readonly networkFiles?: readonly string[] | undefined;
  /** `--compose-file`: likewise. */
  readonly composeFiles?: readonly string[] | undefined;
  /** Look for compose's own files where none is named; true unless set. */
  readonly discover?: boolean | undefined;
  /** Read `.env` beside the first file (not for conlink's way of calling); true unless set. */
  readonly dotEnv?: boolean | undefined;
  /** `--lab`. */
  readonly lab?: string | undefined;
  /** `--compose-project`. */
  readonly composeProject?: string | undefined;
  /** The compose project of our own container, by its label. */
  readonly ownProject?: string | undefined;
  /** Reads standard input to its end; the process's own unless given. */
  readonly readStdin?: (() => Promise<Uint8Array>) | undefined;
}

/** What was loaded. With an error among the diagnostics the config is what is left without the wrong parts. */
export interface Loaded {
  readonly config: Config;
  readonly lab: string;
  /** The compose project of the compose files; null without one. */
  readonly project: ComposeProject | null;
  /** Names of the files read, in the order in which they count. */
  readonly files: readonly string[];
  /** All faults, in the order of files and places. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Read {
  readonly source: Source;
  readonly kind: Kind;
  readonly path: string;
}

/**
 * Finds, reads, interpolates, validates and merges. Faults of the configuration are collected, not thrown.
 * @throws LinkloomError E_USAGE where no file is named and none found, or the lab's name on the command line or in the environment is none
 */
export async function loadConfig(request: LoadRequest): Promise<Loaded> {
  const diagnostics = new Diagnostics();
  const { refs, lookup } = await filesOf(request);
  const read = await readAll(refs, request.readStdin ?? processStdin, diagnostics);
  const interpolation = newInterpolation(lookup);
  const entries = newEntries();
  for (const { source, kind } of read) {
    for (const section of kind === 'shown' ? shownSections(source) : sectionsOf(source, kind, diagnostics)) {
      validateSection(interpolateSection(section, interpolation, diagnostics), entries, diagnostics);
    }
  }
  const links = mergeLinks(entries.links, diagnostics);
  for (const link of links) checkLink(link, diagnostics);
  const config: Config = {
    links,
    bridges: mergeBridges(entries.bridges),
    tunnels: entries.tunnels,
    commands: entries.commands,
  };
  const project = projectOf(request, lookup, read);
  const named = request.composeProject ?? project?.name ?? (request.ownProject || undefined);
  const folder = dirname(refs[0]?.path ?? resolve(request.cwd, '-'));
  const labQuestion = { flag: request.lab, env: lookup, entries, project: named && projectName(named), folder };
  const lab = labOf(labQuestion, diagnostics);
  if (diagnostics.none) warnIfEmpty(config, read, diagnostics);
  return {
    config,
    lab,
    project,
    files: read.map(({ source }) => source.file),
    diagnostics: diagnostics.inOrder,
  };
}

/** Files in the order in which they count, and the variables: the environment first, then `.env`. */
async function filesOf(request: LoadRequest): Promise<{ refs: readonly FileRef[]; lookup: Lookup }> {
  const { cwd, env } = request;
  const refsOf = (names: readonly string[], kind: Kind | null): FileRef[] =>
    names.map((name) => ({ name, path: resolve(cwd, name), kind }));
  const fromEnv: Lookup = (name) => (Object.hasOwn(env, name) ? env[name] : undefined);
  let refs: readonly FileRef[] = [
    ...refsOf(request.files ?? [], null),
    ...refsOf(listed(request.composeFiles ?? []), 'compose'),
    ...refsOf(listed(request.networkFiles ?? []), 'network'),
  ];
  const withDotEnv = async (folder: string): Promise<Lookup> => {
    if (request.dotEnv === false) return fromEnv;
    const variables = await readDotEnv(folder, fromEnv);
    return (name) => fromEnv(name) ?? variables.get(name);
  };
  if (refs.length === 0 && request.discover !== false) refs = await discover(cwd, await withDotEnv(cwd));
  const first = refs[0];
  return { refs, lookup: await withDotEnv(first === undefined ? cwd : dirname(first.path)) };
}

/** All compose files, then all network files, each kind in the order given. */
async function readAll(
  refs: readonly FileRef[],
  readStdin: () => Promise<Uint8Array>,
  diagnostics: Diagnostics,
): Promise<readonly Read[]> {
  const read: Read[] = [];
  for (const ref of refs) {
    const text = await readText(ref, readStdin, diagnostics);
    const format = text === null ? null : formatOf(ref, text, diagnostics);
    if (text === null || format === null) continue;
    const source = await readSource(ref.name === '-' ? '<stdin>' : ref.name, text, format);
    for (const { severity, message, where, hint } of source.diagnostics) {
      diagnostics.add(severity, message, { where: () => where, hint });
    }
    if (source.diagnostics.some(({ severity }) => severity === 'error') && source.value === undefined) continue;
    const kind = kindOfFile(ref, source, diagnostics);
    if (kind !== null) read.push({ source, kind, path: ref.path });
  }
  return [...read.filter(({ kind }) => kind === 'compose'), ...read.filter(({ kind }) => kind !== 'compose')];
}

/** What the command line says, unless the content can be only one thing. */
function kindOfFile(ref: FileRef, source: Source, diagnostics: Diagnostics): Kind | null {
  if (isMap(source.value) && isShown(source.value)) return 'shown';
  return ref.kind ?? kindOf(source, diagnostics);
}

function projectOf(request: LoadRequest, lookup: Lookup, read: readonly Read[]): ComposeProject | null {
  const compose = read
    .filter(({ kind }) => kind === 'compose')
    .map(({ source, path }) => ({ source, path, name: nameOf(source, lookup) }));
  return composeProjectOf(request.composeProject, lookup, compose);
}

function nameOf(source: Source, lookup: Lookup): string | undefined {
  const name = isMap(source.value) ? source.value['name'] : undefined;
  return typeof name === 'string' ? interpolate(name, lookup).text : undefined;
}

function warnIfEmpty(config: Config, read: readonly Read[], diagnostics: Diagnostics): void {
  if (Object.values(config).some((list) => list.length > 0) || read.length === 0) return;
  const files = read.map(({ source }) => source.file).join(', ');
  diagnostics.add('warning', `nothing to link in ${files}`, {
    hint: 'links stand under links: in x-network of a compose file or at the top of a network file',
  });
}

async function processStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
