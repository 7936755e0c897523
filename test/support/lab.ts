/**
 * Makes a lab for tests by the pipeline in the test's own process, since a program takes seconds to start in a virtual machine.
 * Tests look at the kernel by iproute2.
 */
import type { Summary } from '../../src/events.ts';
import type { SetReport } from '../../src/lab/override/report.ts';
import type { SetRequest } from '../../src/lab/override/set-links.ts';
import type { Request } from '../../src/lab/request.ts';
import { down } from '../../src/lab/verbs/down.ts';
import { plan } from '../../src/lab/verbs/plan.ts';
import { reset, set } from '../../src/lab/verbs/set.ts';
import { status } from '../../src/lab/verbs/status.ts';
import { up } from '../../src/lab/verbs/up.ts';
import { verify } from '../../src/lab/verbs/verify.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { StatusReport } from '../../src/plan/status/status.ts';
import type { SwitchSide } from '../../src/plan/switch/placement.ts';
import type { Proof } from '../../src/proof/proof.ts';
import { type Netns, openNetns, uniqueName } from './netns.ts';

const ENGINELESS = { workers: 2, sockets: { dockerSocket: '', podmanSocket: '' } };
const SILENT = { emit: () => {}, signal: null };

export interface TestLab extends AsyncDisposable {
  readonly name: string;
  /** The namespace of a node. Its name is the lab's name and a letter, so that labs do not collide. */
  node(letter: string): Netns;
  readonly switches: Netns;
  /** Makes the lab. `configuration` has no lab name. `reset`: as `up --reset`. */
  up(configuration: object, reset?: boolean): Promise<Summary>;
  /** Sets links by hand. */
  set(configuration: object, asked: SetRequest): Promise<SetReport>;
  /** Takes back what was set by hand; no links: all of it. */
  /** `mostAtATime`: as of ResetRequest. */
  reset(configuration: object, links?: readonly string[], mostAtATime?: number): Promise<SetReport>;
  plan(configuration: object): Promise<Plan>;
  status(configuration: object): Promise<StatusReport>;
  /** Proves its wiring. `links` as of the verb. */
  verify(configuration: object, ...links: readonly string[]): Promise<Proof>;
  down(): Promise<Summary>;
}

/** A lab with a unique name that begins with `prefix`. It is removed at the end of the block. */
export function testLab(side: SwitchSide, prefix: string): TestLab {
  const name = uniqueName(prefix);
  const requestOf = (configuration: object): Request => ({
    load: {
      cwd: '/',
      env: {},
      files: ['-'],
      asCompose: false,
      readStdin: async () => Buffer.from(JSON.stringify({ lab: name, ...configuration })),
    },
    defaults: { haveOpenvswitch: null },
    side,
    // What the kernel lacks is to show link by link.
    preflight: false,
    ...ENGINELESS,
  });
  return {
    name,
    down: () => down(name, ENGINELESS, SILENT),
    node: (letter) => openNetns(`${name}${letter}`),
    switches: openNetns(`linkloom-${name}`),
    up: (configuration, withReset = false) => up({ ...requestOf(configuration), reset: withReset }, 0, SILENT),
    set: (configuration, asked) => set(requestOf(configuration), asked, SILENT),
    reset: (configuration, links = [], mostAtATime) =>
      reset(requestOf(configuration), { links, ...(mostAtATime !== undefined && { mostAtATime }) }, SILENT),
    plan: async (configuration) => (await plan(requestOf(configuration), SILENT)).plan,
    status: (configuration) => status(requestOf(configuration), SILENT),
    verify: (configuration, ...links) => verify(requestOf(configuration), { links, timeoutMs: 30_000 }, SILENT),
    [Symbol.asyncDispose]: async () => {
      await down(name, ENGINELESS, SILENT);
    },
  };
}
