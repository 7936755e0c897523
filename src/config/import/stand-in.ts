/** Stands in for nodes that can't be had as they are: by another image, or by a network namespace. */
import { patternOf } from '../nodes/pattern.ts';
import { CONTAINER_KEYS } from '../nodes/schema.ts';
import type { ForeignLab, Part } from './foreign-lab.ts';
import type { ImageChoice, ImportOptions, Surroundings } from './options.ts';

/**
 * Programs that run anywhere and touch only the namespace that they run in. In a stand-in no other command is run: it was written
 * for another file system, and in a network namespace that file system would be the host's own.
 */
const PORTABLE = new Set(['ip', 'bridge', 'tc', 'sysctl', 'ifconfig', 'route', 'arp', 'ethtool', 'ping']);

/** Keys of a container whose loss is none in a namespace: commands there have all rights, and set what sysctls say. */
const OF_NO_MATTER = new Set(['sysctls', 'privileged']);

/** Applies `--image`, which is for single nodes, and `--as`, which is for all others. */
export async function standIn(lab: ForeignLab, options: ImportOptions, around: Surroundings): Promise<void> {
  refuseIdle(lab, options);
  for (const [name, node] of lab.nodes) {
    const own = typeof node['image'] === 'string' ? node['image'] : null;
    const choice = choiceFor(options, name, own ?? '');
    if (choice !== undefined) await withImage(lab, name, node, choice.image, around);
    else if (options.as === 'netns' || (own === null && !lab.namespaces.has(name))) asNamespace(lab, name, node);
  }
  for (const [name, node] of lab.nodes) waitOnlyForWhatComes(lab, name, node);
}

/** Refuses a pattern that no node matches: it is a slip, and the image that it was to replace would be asked for. */
function refuseIdle({ nodes, notes }: ForeignLab, { images }: ImportOptions): void {
  for (const { pattern, image } of images) {
    const matching = patternOf([pattern]);
    const isIdle = ![...nodes].some(([name, node]) =>
      [name, String(node['image'] ?? '')].some((text) => matching.test(text)),
    );
    if (!isIdle) continue;
    const hint = `names are ${[...nodes.keys()].slice(0, 5).join(', ')}${nodes.size > 5 ? '…' : ''}`;
    notes.add('import-refused', `--image '${pattern}=${image}': no node has such a name or image`, undefined, hint);
  }
}

/** Only a container is ever healthy, or ends. */
function waitOnlyForWhatComes(lab: ForeignLab, name: string, node: Part): void {
  const waits = (node['wait_for'] ?? {}) as Record<string, string>;
  for (const [other, condition] of Object.entries(waits)) {
    if (typeof lab.nodes.get(other)?.['image'] === 'string' || !['healthy', 'exited'].includes(condition)) continue;
    waits[other] = 'links';
    const where = lab.placeOf(['nodes', name]);
    lab.notes.leftOut(
      `that ${name} waits until ${other} is ${condition}`,
      where,
      `${other} is a network namespace; its links are waited for`,
    );
  }
}

function asNamespace(lab: ForeignLab, name: string, node: Part): void {
  const where = lab.placeOf(['nodes', name]);
  const keys = CONTAINER_KEYS.filter((key) => Object.hasOwn(node, key));
  const sysctls = node['sysctls'];
  if (sysctls !== undefined) {
    const lines = Object.entries(sysctls as Record<string, string>).map(([key, value]) => [
      'sysctl',
      '-qw',
      `${key}=${value}`,
    ]);
    node['exec'] = [...lines, ...((node['exec'] as unknown[] | undefined) ?? [])];
  }
  const image = node['image'];
  for (const key of [...keys, 'image']) delete node[key];
  const lost = keys.filter((key) => !OF_NO_MATTER.has(key));
  const rest = lost.length === 0 ? '' : `, without ${lost.join(', ')}`;
  if (typeof image === 'string' || rest !== '') {
    lab.notes.add('import-stood-in', `${name} is a network namespace${rest}`, where);
  }
  onlyPortable(lab, name, node);
}

async function withImage(
  lab: ForeignLab,
  name: string,
  node: Part,
  image: string,
  { exists }: Surroundings,
): Promise<void> {
  const own = node['image'];
  if (image === own) return;
  node['image'] = image;
  const before = typeof own === 'string' ? `in place of ${own}` : 'in place of a network namespace';
  lab.notes.add('import-stood-in', `${name} has the image ${image} ${before}`, lab.placeOf(['nodes', name]));
  onlyPortable(lab, name, node);
  const kept: unknown[] = [];
  for (const bind of (node['binds'] as string[] | undefined) ?? []) {
    const [source = ''] = bind.split(':');
    if (source.startsWith('/') || (await exists(source)) !== null) kept.push(bind);
    else lab.notes.leftOut(`the bind ${bind} of ${name}`, lab.placeOf(['nodes', name]), `there is no ${source}`);
  }
  if (kept.length > 0) node['binds'] = kept;
  else delete node['binds'];
}

/** Leaves only commands whose program is in every stand-in, and whose interface is in this one. */
function onlyPortable(lab: ForeignLab, name: string, node: Part): void {
  const commands = (node['exec'] as unknown[] | undefined) ?? [];
  const kept = commands.filter((command) => {
    const words = Array.isArray(command) ? (command as string[]) : [];
    const fault = unfit(words, (dev) => dev === 'lo' || lab.names.hasDevice(name, dev));
    if (fault === null) return true;
    const text = words.length > 0 ? words.join(' ') : String(command);
    lab.notes.leftOut(`the command ${JSON.stringify(text)} of ${name}`, lab.placeOf(['nodes', name]), fault);
    return false;
  });
  if (kept.length > 0) node['exec'] = kept;
  else delete node['exec'];
}

/** Why a command can't be run in a stand-in; null if it can. */
function unfit(words: readonly string[], has: (dev: string) => boolean): string | null {
  if (!PORTABLE.has(words[0] ?? '')) return 'a stand-in may not have what it needs';
  // containerlab goes on after a command that fails; here it would be a failure of the node.
  if (isAddressCommand(words) && !words.slice(3).some((word) => /[.:]/.test(word))) return 'it names no address';
  const dev = words[words.indexOf('dev') + 1];
  if (!words.includes('dev') || dev === undefined || has(dev)) return null;
  return `the node has no interface ${dev}`;
}

/** `ip address add` and `del`, in any of their short forms. */
const isAddressCommand = ([ip, object = '', action = '']: readonly string[]): boolean =>
  ip === 'ip' && object !== '' && 'address'.startsWith(object) && ['add', 'del'].includes(action);

/** What `--image` says of a node with an image of its own; undefined if nothing. */
export function choiceFor(
  { images }: Pick<ImportOptions, 'images'>,
  name: string,
  own: string,
): ImageChoice | undefined {
  return images.find(({ pattern }) => [name, own].some((text) => patternOf([pattern]).test(text)));
}
