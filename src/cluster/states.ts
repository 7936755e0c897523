/** Reads what the hosts tell about themselves. */
import { LinkloomError } from '../errors.ts';
import type { HostName } from './names.ts';
import type { HostInfo, HostView, LabState, Lease } from './state.ts';
import type { Entry, Store } from './store.ts';

/** Key of a host's `HostInfo`. */
export function infoKey(host: HostName): string {
  return `${host}.info`;
}

/** Key of a host's `LabState`. */
export function stateKey(host: HostName, lab: string): string {
  return `${host}.lab.${lab}`;
}

/** All hosts that have ever told something, in the order of their names. Throws E_STORE. */
export async function readHosts(store: Store): Promise<readonly HostView[]> {
  const [told, leases] = await Promise.all([store.list('state', ''), store.list('lease', '')]);
  const leaseOf = new Map(leases.map((entry) => [entry.key, jsonOf<Lease>(entry)]));
  const infoOf = new Map<HostName, HostInfo>();
  const labsOf = new Map<HostName, Map<string, LabState>>();
  for (const entry of told) {
    const { host, what, lab } = toldBy(entry.key);
    if (what === 'info') infoOf.set(host, jsonOf<HostInfo>(entry));
    if (what !== 'lab') continue;
    labsOf.set(host, (labsOf.get(host) ?? new Map()).set(lab, jsonOf<LabState>(entry)));
  }
  const names = [...new Set([...leaseOf.keys(), ...infoOf.keys(), ...labsOf.keys()])].sort();
  return names.map((host) => ({
    host,
    info: infoOf.get(host) ?? null,
    lease: leaseOf.get(host) ?? null,
    labs: labsOf.get(host) ?? new Map(),
  }));
}

/** Bytes of a value that hosts write. */
export function bytesOf(value: HostInfo | LabState | Lease): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Whose word a key of the bucket of states is, and about what. */
export function toldBy(key: string): { readonly host: HostName; readonly what: string; readonly lab: string } {
  const [host = '', what = '', lab = ''] = key.split('.');
  return { host, what, lab };
}

/** Throws E_STORE if the value is no JSON. */
export function jsonOf<T>({ key, value }: Pick<Entry, 'key' | 'value'>): T {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as T;
  } catch (cause) {
    throw new LinkloomError('E_STORE', `what the store has for ${key} is no JSON`, { cause });
  }
}
