/** The schema of `hosts:`, the machines that one lab is spread over. It has an effect only with `--store`. */
import * as v from 'valibot';
import { isOfMachine, parseAddress } from '../../net/address.ts';
import { checked } from '../issue-codes.ts';
import { described, text, wholeNumber } from '../schema.ts';
import { amountOf, pairs } from './schema.ts';
import { faultOf, readCpus, readMemory } from './values.ts';

const machine = checked('an IP address', (value) => {
  const parsed = parseAddress(value);
  if (typeof parsed === 'string') return { code: 'address-invalid', message: parsed };
  if (isOfMachine(parsed.text)) return null;
  return { code: 'address-unassignable', message: 'is not the address of a machine that a route leads to' };
});

export const HostSchema = v.strictObject({
  address: described(machine, 'address by which the other hosts reach it; what its daemon says unless given'),
  port: described(wholeNumber(1, 65_535), 'UDP port of the vxlan tunnels to it; 8472 unless given'),
  nodes: described(
    v.array(text('a name, or a pattern of names'), 'must be a list of names'),
    'names of nodes that are placed on it, with * and ?',
  ),
  labels: described(pairs(), 'nodes that have all of these labels are placed on it'),
  cpus: described(amountOf('a number of processors, as 16', faultOf(readCpus)), 'processors that it has for nodes'),
  memory: described(amountOf('an amount of memory, as 64g', faultOf(readMemory)), 'memory that it has for nodes'),
});

export type HostConfig = v.InferOutput<typeof HostSchema>;
