/** Which of the files that share a process is to blame for what is seen of the process only later. */
export class Blame {
  #current = '';
  #exitCode: typeof process.exitCode;
  #exitCodeOf = '';
  /** How many of each kind of thing keep the process alive. */
  #lasting: ReadonlyMap<string, number> = lastingThings();
  /** Kind → the files that left one more. */
  readonly #lastingOf = new Map<string, string[]>();

  get current(): string {
    return this.#current;
  }

  begin(file: string): void {
    this.#current = file;
    this.#exitCode = process.exitCode;
    this.#lasting = lastingThings();
  }

  end(): void {
    if (process.exitCode !== this.#exitCode) this.#exitCodeOf = this.#current;
    for (const [kind, count] of lastingThings()) {
      if (count <= (this.#lasting.get(kind) ?? 0)) continue;
      this.#lastingOf.set(kind, [...(this.#lastingOf.get(kind) ?? []), this.#current]);
    }
  }

  /** A test that fails sets it; a line more does no harm then. */
  ofExitCode(): readonly string[] {
    return this.#exitCodeOf === '' ? [] : [`The exit code is ${process.exitCode} since ${this.#exitCodeOf}`];
  }

  /** A line per kind of thing that keeps the process alive after the last test. */
  ofLasting(): readonly string[] {
    return [...lastingThings().keys()].map((kind) => {
      const files = this.#lastingOf.get(kind) ?? [];
      return `LEAK: a ${kind} keeps the process of the tests alive${files.length === 0 ? '' : `, since ${files.join(' or ')}`}`;
    });
  }
}

/** Pipes to the process that runs the tests are there all the time. */
function lastingThings(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'PipeWrap') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
