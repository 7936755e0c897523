/** Those who ask a daemon are answered also after it has left the lab: that the lab is gone is told when it is free for others. */
import type { Control, LabControl } from './control.ts';
import type { HostsFigures } from './hosts-figures.ts';

/** Throws where the lab can't be served; then nothing has been changed. `hosts`: absent for a lab on one host. */
export type Serve = (control: LabControl, hosts?: () => HostsFigures) => Promise<Served>;

export interface Served {
  /** Takes no new callers. Those that are being answered stay. */
  stop(): void;
  /** Resolves when the last caller has been answered. */
  finish(): Promise<void>;
}

export class Answering implements AsyncDisposable {
  #control: Control | null = null;
  #served: Served | null = null;

  /** Serves until the result is disposed of. */
  async begin(control: Control, serve: Serve | undefined): Promise<Disposable> {
    this.#control = control;
    this.#served = (await serve?.(control)) ?? null;
    return { [Symbol.dispose]: () => this.#served?.stop() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control?.left();
    await this.#served?.finish();
  }
}
