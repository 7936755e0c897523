/** The first stage of the pipeline: it turns the files of a run into one Config. Start to read this room here. */
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../errors.ts';
import { type KnownNames, namesOf, resolveChecks } from './checks/resolve.ts';
import { sectionWithout } from './compose/layers.ts';
import { nameIn, type ProjectParts, profilesOf, projectOf, withProjectName } from './compose/project.ts';
import { dotEnvOf, withEnvFiles } from './compose/variables.ts';
import type { Config } from './config.ts';
import { Diagnostics } from './diagnose.ts';
import { discover, type FileRef, listed } from './discover.ts';
import {
  type Interpolation,
  interpolateSection,
  isMap,
  type Kind,
  kindOf,
  newInterpolation,
  type Section,
  sectionsOf,
} from './extract.ts';
import { fileSetOf } from './file-set.ts';
import { type ComposeProject, labOf, projectName, projectNameOf } from './lab.ts';
import { mergeBridges, mergeLinks } from './merge.ts';
import { resolveLab } from './nodes/resolve.ts';
import { Reader } from './read.ts';
import { checkLink } from './rules.ts';
import type { LinkConfig } from './schema.ts';
import { isShown, shownSections } from './shown/sections.ts';
import type { Lookup } from './text/interpolate.ts';
import type { Source } from './text/source.ts';
import { newEntries, validateSection } from './validate.ts';

/** What to load. Everything but `cwd` and `env` may be left out. */
export interface LoadRequest {
  /** Absolute. File names are relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-f`: files of either kind, recognised by content; `-` is standard input. */
  readonly files?: readonly string[] | undefined;
  /** `--network-file`: each value may be a `:`-separated list. */
  readonly networkFiles?: readonly string[] | undefined;
  /** `--compose-file`: each value may be a `:`-separated list. */
  readonly composeFiles?: readonly string[] | undefined;
  /** Whether to look for compose's files if no file is named. Default: true. */
  readonly discover?: boolean | undefined;
  /**
   * Whether to read files as compose does: `.env`, several documents, `!reset`, `extends`, `include`, profiles. Without a verb, as
   * conlink is called, it is false: each file is read alone. Default: true.
   */
  readonly asCompose?: boolean | undefined;
  /** `--env-file`, instead of `.env`. If several files set a variable, the last one counts. */
  readonly envFiles?: readonly string[] | undefined;
  /** `--profile`, instead of `COMPOSE_PROFILES`. */
  readonly profiles?: readonly string[] | undefined;
  /** `--lab`. */
  readonly lab?: string | undefined;
  /** What is added to the lab's name after `-`, so that no other run has it; absent: nothing. */
  readonly labSuffix?: string | undefined;
  /** `--compose-project`. */
  readonly composeProject?: string | undefined;
  /** The compose project of linkloom's own container, from its label. */
  readonly ownProject?: string | undefined;
  /**
   * The lab's name inside a container if nothing else names it: the compose project of linkloom's own container, else its id.
   * Absent outside a container.
   */
  readonly ownLab?: string | undefined;
  /** Reads standard input to its end, or to more than `mostBytes`. Default: the standard input of this process. */
  readonly readStdin?: ((mostBytes: number) => Promise<Uint8Array>) | undefined;
  /** Called with the length of each text (in UTF-16 units) before it is parsed. Default: nobody asks. */
  readonly onText?: ((length: number) => void) | undefined;
}

/** The result of loading. If there is an error among the diagnostics, `config` lacks the wrong parts. */
export interface Loaded {
  readonly config: Config;
  readonly lab: string;
  /** The compose project of the compose files; null if there are none. */
  readonly project: ComposeProject | null;
  /** The names of the files that were read, in the order in which they count. */
  readonly files: readonly string[];
  /**
   * Absolute paths of all files on which the result depends. Included and extended files are among them, and `.env`, even if it is
   * missing.
   */
  readonly sources: readonly string[];
  /** Identifies the files that were named (`fileSetOf`), whatever their content. */
  readonly fileSet: string;
  /** All faults, in the order of files and positions. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A document and its file. */
interface Read {
  readonly source: Source;
  readonly kind: Kind;
  /** Absolute. */
  readonly path: string;
}

/**
 * Finds, reads, interpolates, validates and merges. Faults of the configuration are collected, not thrown.
 * @throws LinkloomError E_USAGE where no file is named and none found, or the lab's name on the command line or in the environment is none
 */
export async function loadConfig(request: LoadRequest): Promise<Loaded> {
  const diagnostics = new Diagnostics();
  const { cwd, env, readStdin, onText, asCompose = true } = request;
  const reader = new Reader({ cwd, readStdin, several: asCompose, diagnostics, env, onText });
  const { refs, lookup, folder } = await filesOf(request, reader, diagnostics);
  const read = await readAll(refs, reader, diagnostics);
  const compose = read.filter(({ kind }) => kind === 'compose');
  const plain = newInterpolation(lookup);
  const name = projectNameOf({
    flag: request.composeProject,
    env: lookup,
    written: nameIn(
      compose,
      { ...plain, isStrict: asCompose },
      Boolean(request.composeProject || lookup('COMPOSE_PROJECT_NAME')),
      asCompose ? diagnostics : new Diagnostics(),
    ),
    own: request.ownProject,
    folder,
    isStrict: asCompose,
  });
  const interpolation = asCompose && name !== '' ? { ...plain, lookup: withProjectName(lookup, name) } : plain;
  const { sections, duplicates, inactive, services } = await sectionsOfAll(
    request,
    read,
    interpolation,
    reader,
    folder,
    diagnostics,
  );
  const entries = newEntries(duplicates);
  for (const section of sections) validateSection(section, entries, diagnostics);
  const links = mergeLinks(entries.links, diagnostics);
  for (const link of links) checkLink(link, diagnostics);
  const { tunnels, commands, checks, incomplete, whole } = entries;
  const bridges = mergeBridges(entries.bridges);
  const resolved = resolveLab(whole, { links, bridges, tunnels, commands, services }, diagnostics);
  const config: Config = {
    ...resolved,
    bridges,
    tunnels,
    commands,
    checks,
    incomplete,
    inactive,
    defaults: whole.defaults.get('') ?? null,
    groups: whole.groups,
    addressing: whole.addressing.get('') ?? null,
  };
  resolveChecks(checks, namesIn(config, services, whole.faultyNodes), diagnostics);
  const said = compose.length > 0 || request.composeProject !== undefined || request.ownProject ? name : '';
  const project = request.ownLab === undefined ? said : projectName(request.composeProject ?? request.ownLab);
  const lab = labOf(
    { flag: request.lab, env: lookup, entries, project, folder, suffix: request.labSuffix },
    diagnostics,
  );
  if (diagnostics.none) warnIfEmpty(config, read, diagnostics);
  return {
    config,
    lab,
    project: compose.length === 0 ? null : { name, workingDir: folder },
    files: [...new Set(read.map(({ source }) => source.file))],
    sources: reader.asked,
    fileSet: fileSetOf(refs),
    diagnostics: diagnostics.inOrder,
  };
}

/** The files in the order in which they count, the variables, and the project's folder, which is that of the first file. */
async function filesOf(
  request: LoadRequest,
  reader: Reader,
  diagnostics: Diagnostics,
): Promise<{ refs: readonly FileRef[]; lookup: Lookup; folder: string }> {
  const { cwd, env } = request;
  const refsOf = (names: readonly string[], kind: Kind | null): FileRef[] =>
    names.map((name) => ({ name, path: resolve(cwd, name), kind }));
  const fromEnv: Lookup = (name) => (Object.hasOwn(env, name) ? env[name] : undefined);
  const named = [
    ...refsOf(request.files ?? [], null),
    ...refsOf(listed(request.composeFiles ?? []), 'compose'),
    ...refsOf(listed(request.networkFiles ?? []), 'network'),
  ];
  const variablesOf = (known: Lookup, folder: string): Promise<Lookup> =>
    withVariables(request, known, folder, reader, diagnostics);
  if (named.length > 0 || request.discover === false) {
    const folder = folderOf(named, cwd);
    return { refs: named, lookup: await variablesOf(fromEnv, folder), folder };
  }
  const here = await variablesOf(fromEnv, cwd);
  const refs = await discover(cwd, here);
  const folder = folderOf(refs, cwd);
  // As for compose, `.env` in the working directory overrides `.env` in the project's folder above it.
  return { refs, lookup: folder === cwd ? here : await variablesOf(here, folder), folder };
}

/** The project's folder: that of the first file that is not standard input. */
function folderOf(refs: readonly FileRef[], cwd: string): string {
  const first = refs.find(({ name }) => name !== '-');
  return first === undefined ? cwd : dirname(first.path);
}

/** Adds the variables of the files that `--env-file` or `COMPOSE_ENV_FILES` name, else of the folder's `.env`. */
async function withVariables(
  { cwd, env, asCompose, envFiles = [] }: LoadRequest,
  known: Lookup,
  folder: string,
  reader: Reader,
  diagnostics: Diagnostics,
): Promise<Lookup> {
  if (asCompose === false) return known;
  const asked = envFiles.length > 0 ? envFiles : (env['COMPOSE_ENV_FILES'] ?? '').split(',');
  const paths = asked.filter((name) => name !== '').map((name) => resolve(cwd, name));
  if (paths.length > 0) return withEnvFiles(known, { paths, isNamed: true }, reader, diagnostics);
  if (/^(?:1|t|true)$/i.test(env['COMPOSE_DISABLE_ENV_FILE'] ?? '')) return known;
  return withEnvFiles(known, dotEnvOf(folder), reader, diagnostics);
}

/** The documents of all compose files, then those of all network files, each kind in the order given. */
async function readAll(refs: readonly FileRef[], reader: Reader, diagnostics: Diagnostics): Promise<readonly Read[]> {
  const read: Read[] = [];
  for (const ref of refs) {
    for (const source of await reader.documents(ref)) {
      const kind = kindOfFile(ref, source, diagnostics);
      if (kind !== null) read.push({ source, kind, path: ref.path });
    }
  }
  return [...read.filter(({ kind }) => kind === 'compose'), ...read.filter(({ kind }) => kind !== 'compose')];
}

/** The kind of a file: the one that the command line says, unless the content can be only one. */
function kindOfFile(ref: FileRef, source: Source, diagnostics: Diagnostics): Kind | null {
  if (isMap(source.value) && isShown(source.value)) return 'shown';
  return ref.kind ?? kindOf(source, diagnostics);
}

/** Every section with its variables filled in, in the order in which they count. The compose files are read as one project. */
async function sectionsOfAll(
  { asCompose, profiles = [] }: LoadRequest,
  read: readonly Read[],
  interpolation: Interpolation,
  reader: Reader,
  folder: string,
  diagnostics: Diagnostics,
): Promise<ProjectParts> {
  const filled = (sections: readonly Section[]): Section[] =>
    sections.map((section) => interpolateSection(section, interpolation, diagnostics));
  const plain = (part: readonly Read[]): Section[] =>
    part.flatMap(({ source, kind }) =>
      filled(kind === 'shown' ? shownSections(source) : sectionsOf(source, kind, diagnostics)),
    );
  if (asCompose === false) {
    const services = read.flatMap(({ kind, source }) => (kind === 'compose' ? servicesOf(source) : []));
    return { sections: plain(read), duplicates: new Map(), inactive: new Set(), services: new Set(services) };
  }
  const strict = { ...interpolation, isStrict: true };
  const following = { reader, diagnostics, interpolation: strict, folder, rank: { next: 0 }, extended: new Map() };
  const compose = read.filter(({ kind }) => kind === 'compose');
  const project = await projectOf(compose, following, profilesOf(profiles, interpolation.lookup));
  let others: Section[] = [];
  for (const part of read.filter(({ kind }) => kind !== 'compose')) {
    for (const path of part.source.resets) others = others.map((section) => sectionWithout(section, path));
    others.push(...plain([part]));
  }
  return { ...project, sections: [...project.sections, ...others] };
}

/** All names that a check may have for nodes. */
function namesIn(config: Config, services: ReadonlySet<string>, faulty: ReadonlySet<string>): KnownNames {
  const selected = [...config.links, ...config.commands, ...config.incomplete.map(({ entry }) => entry)].flatMap(
    ({ value }) =>
      (['service', 'container', 'netns', 'node'] as const).flatMap((kind) => {
        // What is at fault elsewhere can be anything.
        const name: unknown = (value as LinkConfig)[kind];
        return typeof name === 'string' ? [{ kind, name }] : [];
      }),
  );
  const nodes = [...config.nodes.keys()].map((name) => ({ kind: 'node', name }));
  const ofServices = [...services].map((name) => ({ kind: 'service', name }));
  const ends = config.wires.flatMap(({ value }) => value.ends);
  const isService = ({ kind }: { readonly kind: string }): boolean => kind === 'service';
  const all = [...nodes, ...selected, ...ends, ...ofServices];
  return { names: namesOf(all), faulty, mayBeMore: all.some(isService) };
}

/** The services that a compose file itself lists. */
function servicesOf({ value }: Source): readonly string[] {
  const services = isMap(value) ? value['services'] : null;
  return isMap(services) ? Object.keys(services) : [];
}

function warnIfEmpty(config: Config, read: readonly Read[], diagnostics: Diagnostics): void {
  const { links, bridges, tunnels, commands, wires, nodes } = config;
  const isFilled = [links, bridges, tunnels, commands, wires].some((list) => list.length > 0) || nodes.size > 0;
  if (isFilled || read.length === 0) return;
  const files = [...new Set(read.map(({ source }) => source.file))].join(', ');
  diagnostics.add('nothing-to-link', `nothing to link in ${files}`, {
    hint: '`links:`, `wires:` and `nodes:` stand in x-network of a compose file or at the top of a network file',
  });
}
