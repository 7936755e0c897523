/** `validate` checks a whole configuration, and changes nothing. */
import { counted } from '../../counted.ts';
import { type Diagnostic, EXIT, LinkloomError } from '../../errors.ts';
import { REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const validate: Verb = {
  description: 'Checks a configuration and reports every fault, each with its position and what to do about it.',
  flags: [...SOURCE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['validate -f lab.yaml', 'every fault of lab.yaml'],
    ['validate -f - --json', 'from standard input, faults as JSON'],
  ],
  exitNotes: ['0  valid', '1  invalid'],
  async run(context, options) {
    const [{ requestOf }, { withReporter, writeDocument }, { load }, { diagnosticJson }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/load.ts'),
      import('../../report/errors.ts'),
    ]);
    const found: Diagnostic[] = [];
    const answer = (valid: boolean, counts: object | null): void =>
      writeDocument(context, { schemaVersion: 1, valid, ...counts, diagnostics: found.map(diagnosticJson) });
    try {
      const topology = await withReporter(context, options, (emit) =>
        load(requestOf(options, context), (event) => {
          if (event.type === 'diagnostic') found.push(event.diagnostic);
          emit(event);
        }),
      );
      const { lab, links, bridges, tunnels, commands } = topology;
      const counts = {
        links: links.length,
        bridges: bridges.length,
        tunnels: tunnels.length,
        commands: commands.length,
      };
      if (options.json) answer(true, { lab, ...counts });
      else
        context.out.write(
          `lab ${lab}: valid: ${counted(counts.links, 'link')}, ${counted(counts.bridges, 'bridge')}\n`,
        );
      return EXIT.done;
    } catch (error) {
      if (!(options.json && error instanceof LinkloomError && error.code === 'E_CONFIG')) throw error;
      found.push(...error.diagnostics);
      answer(false, null);
      return EXIT.failed;
    }
  },
};
