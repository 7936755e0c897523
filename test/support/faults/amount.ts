/** How much of a long proof is run: all of it, unless the environment asks for less (or more). */

/** `LINKLOOM_FAULTS_NAME`, a positive number, or what is given. */
export function amount(name: string, full: number): number {
  const asked = Number(process.env[`LINKLOOM_FAULTS_${name}`] ?? '');
  return asked > 0 ? asked : full;
}

/** One line of figures, on standard output. */
export function figures(what: string, values: object): void {
  process.stdout.write(`FIGURES ${what}: ${JSON.stringify(values)}\n`);
}
