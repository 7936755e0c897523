/** Decides how much of a long test runs: all of it, unless the environment asks for less or more. */

/** The value of `LINKLOOM_FAULTS_NAME` if it is a positive number, else `full`. */
export function amount(name: string, full: number): number {
  const asked = Number(process.env[`LINKLOOM_FAULTS_${name}`] ?? '');
  return asked > 0 ? asked : full;
}

/** Prints one line of figures to standard output. */
export function figures(what: string, values: object): void {
  process.stdout.write(`FIGURES ${what}: ${JSON.stringify(values)}\n`);
}
