/** `verify` proves where the wires of a lab go, by probes. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Verb } from '../verb.ts';

export const verify: Verb = {
  name: 'verify',
  group: 'Links',
  summary: 'prove by probes that each wire goes where the configuration says',
  description:
    'Sends probes through all wires at once, both ways, and names each link that does not carry them: nothing arrives, one way ' +
    'only, miswired (whose probes arrive, and where its own go), MTU too small, down, missing. Needs no address in the nodes, ' +
    'leaves nothing in them, and no probe leaves the lab. Links that can not be tried (set down by the configuration, the only ' +
    'end in this lab) are said to be not proved, which is no fault.',
  arguments: [{ name: '[link...]', description: '`NODE:DEV`, globs of it, `bridge/NAME`; all links if left out' }],
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'timeout', 'junit', ...REPORT_FLAGS],
  examples: [
    ['verify -f lab.yaml', 'all wires of lab.yaml'],
    ['verify -f lab.yaml "r1:*" bridge/lan', 'some of them'],
    ['verify -f lab.yaml --junit wiring.xml', 'and a report for CI'],
    ['verify -f lab.yaml -v', 'with the MTU that passed and the latency, for each link'],
  ],
  exitNotes: [
    '0  no link is at fault',
    '1  a link is at fault or its node does not run, or the configuration is invalid',
    '130  interrupted (143: terminated)',
  ],
  async run(context, options, links) {
    const [{ requestOf }, { onInterrupt }, { withReporter, writeDocument }, { verify: prove }, json, text, junit] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../lab/verbs/verify.ts'),
        import('../../report/proof/json.ts'),
        import('../../report/proof/text.ts'),
        import('../../report/junit.ts'),
      ]);
    if (options.junit !== undefined) await assertWritable('--junit', options.junit);
    const startedMs = performance.now();
    const proof = await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'probing no longer');
      const how = { links, timeoutMs: options.timeout * 1000 };
      return await prove(requestOf(options, context), how, { emit, signal: interrupt.signal });
    });
    const totalMs = performance.now();
    if (options.junit !== undefined) {
      const suite = json.proofSuite(proof, (totalMs - startedMs) / 1000);
      await writeOutput('--junit', options.junit, junit.junitXml([suite]));
    }
    if (options.json) writeDocument(context, json.proofJson(proof, { totalMs: Math.round(totalMs * 1000) / 1000 }));
    else context.out.write(text.proofText(proof, options.verbose, context.out));
    return json.countsOf(proof.links).faults > 0 ? EXIT.failed : EXIT.done;
  },
};
