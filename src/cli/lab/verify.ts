/** `verify` proves where the wires of a lab go, by probes. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, namesFile, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import { assertWritable } from '../output-file.ts';
import type { Verb } from '../verb.ts';
import { howToVerify, writeProof } from './proving.ts';

export const verify: Verb = {
  description:
    'Sends probes through all wires at once, both ways, and names each link that does not carry them: nothing arrives, one way ' +
    'only, miswired (whose probes arrive, and where its own go), MTU too small, down, missing. Needs no address in the nodes, ' +
    'leaves nothing in them, and no probe leaves the lab. Links that can not be tried (set down by the configuration, the only ' +
    'end in this lab) are said to be not proved, which is no fault.',
  arguments: [{ name: '[link...]', description: '`NODE:DEV`, globs of it, `bridge/NAME`; all links if left out' }],
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'timeout', 'junit', ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['verify -f lab.yaml', 'all wires of lab.yaml'],
    ['verify -f lab.yaml "r1:*" bridge/lan', 'some of them'],
    [
      'verify --lab ring',
      'what exists of a lab, without a configuration: that it carries, not that it is as it should be',
    ],
    ['verify -f lab.yaml --junit wiring.xml', 'and a report for CI'],
    ['verify -f lab.yaml -v', 'with the MTU that passed and the latency, for each link'],
  ],
  exitNotes: [
    '0  no link is at fault',
    '1  a link is at fault or its node does not run, or the configuration is invalid',
    '130  interrupted (143: terminated)',
  ],
  async run(context, options, links) {
    if (options.store !== undefined) {
      return await (await import('../hosts/proving.ts')).verifyOnHosts(context, options, links);
    }
    const [{ labNameOf, requestOf }, { onInterrupt }, { withReporter, writeDocument }, { proofJson }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../report/proof/json.ts'),
      ]);
    if (options.junit !== undefined) await assertWritable('--junit', options.junit, true);
    const request = requestOf(options, context);
    const how = howToVerify(options, links);
    const proof = await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'probing no longer');
      const io = { emit, signal: interrupt.signal };
      if (options.lab !== undefined && !namesFile(options)) {
        const { verifyByMarks } = await import('../../lab/verify/by-marks.ts');
        return await verifyByMarks(await labNameOf(request), request, how, io);
      }
      const { verify: prove } = await import('../../lab/verbs/verify.ts');
      return await prove(request, how, io);
    });
    const totalMs = Math.round(performance.now() * 1000) / 1000;
    const hasFaults = await writeProof(context, options, proof, totalMs / 1000);
    if (options.json) writeDocument(context, proofJson(proof, { totalMs }));
    return hasFaults ? EXIT.failed : EXIT.done;
  },
};
