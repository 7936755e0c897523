/**
 * `links/` is links as people name them on a command line: `NODE:DEV`, globs of it, `bridge/NAME`.
 *
 * This file: the links of a lab, looked at again and again. What is there is found by the configuration, or by marks where only the
 * lab's name is given.
 */
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import type { Workers } from '../../engine/workers.ts';
import type { Emit } from '../../events.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { enginesWithin } from '../../runtime/connect.ts';
import type { Request } from '../request.ts';
import { Session } from '../session.ts';
import { lookForLab } from '../verbs/survey.ts';
import { isNamedAlone } from '../with-nodes/of-lab.ts';
import { linksNow } from '../with-nodes/until/links.ts';

export class LabLinks implements AsyncDisposable {
  readonly lab: string;
  readonly workers: Workers;
  readonly #request: Request;
  /** null: only the lab's name is known. */
  readonly #session: Session | null;

  private constructor(lab: string, workers: Workers, request: Request, session: Session | null) {
    this.lab = lab;
    this.workers = workers;
    this.#request = request;
    this.#session = session;
  }

  /** Takes no lock. Throws what `Session.open` throws; E_PRIVILEGE. */
  static async open(request: Request, emit: Emit): Promise<LabLinks> {
    const { lab } = request.load;
    if (lab !== undefined && isNamedAlone(request)) {
      assertPrivilege();
      return new LabLinks(lab, new WorkersOnDemand(request.workers), request, null);
    }
    const session = await Session.open(request, emit);
    return new LabLinks(session.topology.lab, session.workers, request, session);
  }

  /** What is there now. Changes nothing. Throws what `pass` throws. */
  async look(emit: Emit): Promise<StatusReport> {
    if (this.#session !== null) return await linksNow(this.#session, emit);
    return await lookForLab(this.lab, this.#request.sockets, this.workers, emit);
  }

  /** The services of the containers that run, by the containers' names. */
  async services(): Promise<ReadonlyMap<string, string>> {
    const engines = this.#session?.engines ?? (await enginesWithin(this.#request.sockets));
    const lists = await Promise.all(engines.map((engine) => engine.list().catch(() => [])));
    return new Map(lists.flat().flatMap(({ name, service }) => (service === null ? [] : [[name, service] as const])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#session ?? this.workers)[Symbol.asyncDispose]();
  }
}
