/** Entries of `hosts:` → HostSpecs, with every default filled in and every text parsed. */
import { type Config, placeOf } from '../../config/config.ts';
import { readCpus, readMemory, readValue } from '../../config/nodes/values.ts';
import { parseAddress } from '../../net/address.ts';
import type { HostSpec } from '../topology.ts';

export function defineHosts({ hosts }: Config): readonly HostSpec[] {
  return [...hosts].map(([name, entry]) => {
    const { address, port, nodes, labels, cpus, memory } = entry.value;
    return {
      name,
      address: address === undefined ? null : canonical(address),
      port: port ?? null,
      nodes: nodes ?? [],
      labels: labels ?? {},
      cpus: cpus === undefined ? null : readValue(readCpus(cpus)),
      memoryBytes: memory === undefined ? null : readValue(readMemory(memory)),
      where: placeOf(entry),
    };
  });
}

function canonical(address: string): string {
  const parsed = parseAddress(address);
  return typeof parsed === 'string' ? parsed : parsed.text;
}
