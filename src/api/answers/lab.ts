/** How the lab is: its health, its topology, its links. */
import * as v from 'valibot';
import { verb } from '../../verb-names.ts';
import { nullableText, SCHEMA_VERSION, says } from './documents.ts';
import { OverrideAnswer } from './setting.ts';

export const HealthAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  lab: v.string(),
  pid: says(v.number(), 'of the daemon, as it sees itself'),
  version: says(v.string(), 'of linkloom'),
  atEnd: says(v.picklist(['remove', 'leave']), 'what becomes of the links when the daemon is stopped'),
  uptimeMs: v.number(),
});

export const ReadyAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  lab: v.string(),
  ready: says(v.boolean(), 'the engines are followed, and all links of the nodes that run are up'),
  passed: says(v.boolean(), 'the lab was looked over at least once'),
  lost: says(v.array(v.string()), 'sockets of engines that do not answer'),
  failing: says(v.array(v.string()), 'what failed and is tried again: NODE:DEV, bridge NAME…'),
  waiting: says(v.array(v.string()), 'links of running nodes that wait for another one'),
});

const GraphGroup = v.looseObject({ id: v.string() });

export const TopologyAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  lab: v.string(),
  files: says(v.array(v.string()), 'of the configuration, as they were named'),
  revision: says(v.number(), 'how often the configuration was read'),
  graph: says(
    v.looseObject({ nodes: v.array(GraphGroup), bridges: v.array(GraphGroup), edges: v.array(v.looseObject({})) }),
    `what ${verb('graph', 'json')} prints`,
  ),
});

const LinkAnswer = v.looseObject({
  link: says(v.string(), 'NODE:DEV, which is its id in paths'),
  namespace: v.string(),
  bridge: nullableText,
  desired: v.nullable(v.picklist(['up', 'down'])),
  heldBack: says(v.optional(v.boolean()), 'it is down only until all links of the lab are made'),
  state: v.picklist(['ok', 'missing', 'differs', 'extra', 'waits']),
  drift: v.array(v.string()),
  overrides: says(v.array(OverrideAnswer), 'what is set by hand'),
  port: v.nullable(v.looseObject({ namespace: v.string(), ifname: v.string() })),
  device: says(v.nullable(v.looseObject({})), 'with the names of `ip -json -details -statistics`; null: it is missing'),
});

export const LinksAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  lab: v.string(),
  settled: v.boolean(),
  links: v.array(LinkAnswer),
  bridges: v.array(v.looseObject({})),
  tunnels: v.array(v.looseObject({})),
  pending: v.array(v.looseObject({})),
});

export const ProofAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  lab: v.string(),
  proved: says(v.boolean(), 'no link is at fault, and nothing that was asked for leads to another host'),
  part: v.optional(
    says(
      v.looseObject({
        host: v.string(),
        peers: v.array(v.string()),
        bridges: v.array(v.string()),
        message: v.string(),
        hint: v.string(),
      }),
      'what leads to other hosts, where the agent of a host is asked: it is not proved',
    ),
  ),
  counts: v.looseObject({ links: v.number(), ok: v.number(), faults: v.number(), notProved: v.number() }),
  links: v.array(v.looseObject({ link: v.string(), state: v.string() })),
});

export const OneLinkAnswer = v.looseObject({ schemaVersion: SCHEMA_VERSION, lab: v.string(), link: LinkAnswer });
