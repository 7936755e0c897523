/** The schema of a network file, and of `x-network`. */
import * as v from 'valibot';
import { CheckSchema } from './checks/schema.ts';
import { hostNameFault } from './nodes/host-name.ts';
import { HostSchema } from './nodes/hosts-schema.ts';
import { NodeSchema } from './nodes/schema.ts';
import { AddressingSchema, DefaultsSchema, GroupSchema, WrittenWireSchema } from './nodes/wire-schema.ts';
import { BridgeSchema, CommandSchema, described, LAB_NAME, LinkSchema, nodeNameFault, TunnelSchema } from './schema.ts';

const nodeName = v.pipe(
  v.string(),
  v.check((name) => nodeNameFault(name) === null),
);

const hostName = v.pipe(
  v.string(),
  v.check((name) => hostNameFault(name) === null),
);

export const NetworkSchema = v.strictObject({
  lab: v.optional(
    v.pipe(
      v.string('must be text'),
      v.regex(LAB_NAME, 'must be lower-case letters, digits, "_" and "-", 63 at most, not beginning with a sign'),
      v.description('name of the lab'),
    ),
  ),
  nodes: described(
    v.record(nodeName, v.nullable(NodeSchema)),
    'nodes that linkloom makes, by name: containers and network namespaces',
  ),
  wires: described(v.array(WrittenWireSchema), 'wires between two ends each'),
  links: described(v.array(LinkSchema), 'links, each an interface in a node'),
  bridges: described(v.array(BridgeSchema), 'bridges that differ from the defaults'),
  tunnels: described(v.array(TunnelSchema), 'tunnels to other machines, each a port of a bridge'),
  commands: described(v.array(CommandSchema), 'commands that run in nodes once their links are made'),
  checks: described(v.array(CheckSchema), 'what must be reached, and what must not'),
  defaults: described(DefaultsSchema, 'what nodes and links have unless they say otherwise'),
  groups: described(
    v.record(v.string(), GroupSchema),
    'the same for some nodes and their links, in the order of this map',
  ),
  addressing: described(AddressingSchema, 'addresses for what has no ip, given out in order'),
  hosts: described(
    v.record(hostName, v.nullable(HostSchema)),
    'machines that the lab is spread over; only with --store',
  ),
});
