/**
 * A Reconciler whose kernel is a map. Each container has one link, whose outer port has a name that belongs to the container. As in
 * the real kernel, the name is taken until the port of the ended process is deleted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReconcileRequest, ReconcileResult, Reconciler } from '../../../src/daemon/reconciler.ts';
import type { Failure, Pending } from '../../../src/events.ts';
import { linkSubject, subjectText } from '../../../src/subject.ts';
import type { CommandSpec, Container } from '../../../src/topology/topology.ts';

export class FakeKernel implements Reconciler {
  /** By container id, the process id to which its link goes. */
  readonly ports = new Map<string, number>();
  readonly requests: ReconcileRequest[] = [];
  /** How many of them have an answer or an error. */
  ended = 0;
  readonly wrongs: string[] = [];
  removed = false;
  reconcileMs = 0;
  /** What each reconciliation waits for before it does anything. */
  held: Promise<void> = Promise.resolve();
  /** Names of containers whose links fail. Each such link is made and undone, and the monitor hears both. */
  readonly failing = new Set<string>();
  /** How often links that fail were tried. */
  attempts = 0;
  #heard: (scope: 'all' | ReadonlySet<string>) => void = () => {};
  /** The errors that the next reconciliations throw. */
  readonly throws: unknown[] = [];
  wanted: (container: Container) => boolean = () => true;
  commands: readonly CommandSpec[] = [];
  pending: readonly Pending[] = [];
  #busy = false;

  wants(container: Container): boolean {
    return this.wanted(container);
  }

  commandsOf(): readonly CommandSpec[] {
    return this.commands;
  }

  watch(onChange: (scope: 'all' | ReadonlySet<string>) => void): void {
    this.#heard = onChange;
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    if (this.#busy) this.wrongs.push('two reconciliations at once');
    this.#busy = true;
    this.requests.push(request);
    await delay(this.reconcileMs);
    await this.held;
    this.#busy = false;
    this.ended += 1;
    const error = this.throws.shift();
    if (error !== undefined) throw error;
    for (const { id, pid } of request.gone) if (this.ports.get(id) === pid) this.ports.delete(id);
    const failed = new Map<string, readonly Failure[]>();
    const postponed = new Set<string>();
    let changed = 0;
    for (const container of request.containers) {
      const { id, pid, name } = container;
      if (request.scope !== 'all' && !request.scope.has(id)) continue;
      if (request.paused.has(`${name}:eth0`)) {
        postponed.add(`${name}:eth0`);
        continue;
      }
      if (this.failing.has(name)) {
        failed.set(id, [{ subject: linkSubject(`${name}:eth0`), code: 'E_KERNEL', message: 'RTM_NEWLINK: EIO' }]);
        this.attempts++;
        this.#heard(new Set([id]));
        this.#heard('all');
        continue;
      }
      const there = this.ports.get(id);
      if (there === pid) continue;
      if (there !== undefined) this.wrongs.push(`${name}: the port of process ${there} stands in the way of ${pid}`);
      this.ports.set(id, pid);
      changed++;
    }
    const tried = new Map(
      [...failed].flatMap(([id, all]) => all.map(({ subject }) => [subjectText(subject), [id]] as const)),
    );
    const links = request.containers.length;
    return { failed, labFailures: [], changed, tried, postponed, links, pending: this.pending };
  }

  async remove(): Promise<void> {
    this.removed = true;
    this.ports.clear();
  }
}
