/**
 * Takes back what an export writes as commands, since containerlab sets no addresses in plain containers:
 * `ip addr replace PREFIX dev DEV` is an address of a link, or of `lo`.
 */
import { parsePrefix } from '../../net/address.ts';
import type { ForeignLab, Part } from './foreign-lab.ts';

const LOOPBACK = 'lo';

interface Found {
  readonly dev: string;
  readonly prefix: string;
}

export class SetAddresses {
  readonly #lab: ForeignLab;
  /** Devices whose commands have become addresses, as `NODE DEV`. */
  readonly #taken = new Set<string>();

  constructor(lab: ForeignLab) {
    this.#lab = lab;
  }

  /** The addresses of a link: those of the commands, if they are all that the link itself has and maybe more. */
  of(node: string, dev: string, ip: readonly string[]): readonly string[] {
    const set = this.#commandsOf(node).flatMap((found) => (found?.dev === dev ? [found.prefix] : []));
    if (set.length === 0 || !ip.every((prefix) => set.includes(prefix))) return ip;
    this.#taken.add(`${node} ${dev}`);
    return set;
  }

  /** Takes out of every node the commands that have become addresses. Called once all links are there. */
  settle(): void {
    for (const [name, node] of this.#lab.nodes) {
      const found = this.#commandsOf(name);
      const loopbacks = found.flatMap((one) => (one?.dev === LOOPBACK ? [one.prefix] : []));
      if (loopbacks.length > 0) node['ip'] = loopbacks;
      const isTaken = (dev: string) => dev === LOOPBACK || this.#taken.has(`${name} ${dev}`);
      const kept = execOf(node).filter((_, at) => !isTaken(found[at]?.dev ?? ''));
      if (kept.length > 0) node['exec'] = kept;
      else delete node['exec'];
    }
  }

  #commandsOf(name: string): readonly (Found | null)[] {
    return execOf(this.#lab.nodes.get(name)).map(foundIn);
  }
}

function execOf(node: Part | undefined): readonly unknown[] {
  return (node?.['exec'] as unknown[] | undefined) ?? [];
}

function foundIn(command: unknown): Found | null {
  if (!Array.isArray(command) || command.length !== 6) return null;
  const [ip, addr, replace, prefix, word, dev] = command as string[];
  if (ip !== 'ip' || addr !== 'addr' || replace !== 'replace' || word !== 'dev') return null;
  if (prefix === undefined || dev === undefined || typeof parsePrefix(prefix) === 'string') return null;
  return { dev, prefix };
}
