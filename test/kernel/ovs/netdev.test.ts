/** Bridges of mode `ovs` in Open vSwitch's own datapath, which needs nothing of the kernel but /dev/net/tun. */
import { describe } from 'node:test';
import { needs } from '../../support/needs.ts';
import { testDatapath } from '../../support/ovs-datapath.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vsctl', 'program:ovs-vswitchd', 'program:ping');

describe('Open vSwitch, datapath netdev', NEEDS, () => testDatapath('netdev'));
