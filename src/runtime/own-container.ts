/** Finds the container in which linkloom itself runs. */
import { readFileSync } from 'node:fs';
import type { Container } from '../topology/topology.ts';
import type { ContainerEngine } from './engine.ts';

/** linkloom's own container, and the engine that runs it. */
export interface OwnContainer {
  readonly container: Container;
  readonly engine: ContainerEngine;
  /** MACs of its devices on the engine's networks, `02:42:…`; empty without a network or on the host's. */
  readonly macs: readonly string[];
}

/**
 * The container id in a mount table (proc_pid_mountinfo(5)): engines mount a file of the container's
 * own folder over /etc/hosts, Docker from `…/containers/ID/hosts`, Podman from
 * `…/overlay-containers/ID/userdata/hosts`. null if there is none: a plain host, or a
 * container of another kind.
 */
export function containerIdIn(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [, , , root, mountPoint] = line.split(' ');
    if (root === undefined || mountPoint !== '/etc/hosts') continue;
    const ids = [...root.matchAll(/containers\/([0-9a-f]{64})(?=\/)/g)];
    const id = ids.at(-1)?.[1];
    if (id !== undefined) return id;
  }
  return null;
}

/**
 * The container this process runs in, confirmed by one of the engines; null on a plain host and in
 * containers of which none of the engines knows (a CI job's, say).
 */
export async function findOwnContainer(engines: readonly ContainerEngine[]): Promise<OwnContainer | null> {
  const id = containerIdIn(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (id === null) return null;
  for (const engine of engines) {
    const container = await engine.inspect(id);
    if (container !== null) return { container, engine, macs: await engine.networkMacs(id) };
  }
  return null;
}
