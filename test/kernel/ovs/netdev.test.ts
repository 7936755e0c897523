/** Bridges of mode `ovs` in Open vSwitch's own datapath, which needs nothing of the kernel but /dev/net/tun. */
import { after, describe } from 'node:test';
import { needs } from '../../support/needs.ts';
import { kernelDatapath } from '../../support/ovs.ts';
import { testDatapath } from '../../support/ovs-datapath.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vsctl', 'program:ovs-vswitchd', 'program:ping');

const kernel = NEEDS.skip === undefined ? await kernelDatapath() : { available: false, undo: async () => {} };
await kernel.undo();
after(() => kernel.undo());

// Where the kernel's own is proved as well, that it carries packets is enough: such a machine is slow.
describe('Open vSwitch, datapath netdev', NEEDS, () => testDatapath('netdev', kernel.available ? 'basics' : 'all'));
