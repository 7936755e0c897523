import type { CountedDevice, CountersResult, CountersTask } from '../../src/wire/task.ts';
import { Namespace } from '../namespaces.ts';
import { attrU8, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { isAnswer } from '../netlink/fault.ts';
import { dumpLinksAs } from '../rtnl/dump.ts';
import { OPERSTATES, readCounters } from '../rtnl/link-dump.ts';

/** Size of struct ifinfomsg. */
const IFINFOMSG_BYTES = 16;

/** The counters of all devices in namespaces. Throws only HomeLost. */
export function counters({ namespaces }: CountersTask): CountersResult {
  return {
    namespaces: namespaces.flatMap((ns) => {
      try {
        using space = Namespace.open(ns);
        const devices = dumpLinksAs(space.socket, true, readCounted);
        return [{ ns, atMs: performance.timeOrigin + performance.now(), devices }];
      } catch (error) {
        if (isAnswer(error)) return [];
        throw error;
      }
    }),
  };
}

/** Reads of one RTM_NEWLINK only what is counted; null if it is too short or has no counters. */
function readCounted(bytes: Buffer, start: number, end: number): CountedDevice | null {
  if (start + IFINFOMSG_BYTES > end) return null;
  let operstate: CountedDevice['operstate'] = 'UNKNOWN';
  let counted: CountedDevice['counters'] | null = null;
  eachAttribute(bytes, start + IFINFOMSG_BYTES, end, (type, at, length) => {
    if (type === nl.IFLA_OPERSTATE) operstate = OPERSTATES[attrU8(bytes, at, length)] ?? 'UNKNOWN';
    else if (type === nl.IFLA_STATS64) counted = readCounters(bytes, at, length);
  });
  return counted === null ? null : { ifindex: bytes.readInt32LE(start + 4), operstate, counters: counted };
}
