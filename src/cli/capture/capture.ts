/** `capture`: packets of links, as pcapng. */
import { EXIT, LinkloomError } from '../../errors.ts';
import type { CaptureOutput } from '../../lab/capture/frame.ts';
import { bareCommandLine, commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, type Options, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const capture: Verb = {
  description:
    'Writes the packets of links as pcapng, at once, all links in one file with their names, stamped in nanoseconds. It captures until it is ' +
    'interrupted, a limit is reached or the reader goes; the file is whole in each case. A link whose node restarts is captured ' +
    'again once it is there. What the kernel had to drop is said, and stands in the file.\n\n' +
    'With -f or --lab the links are those of that lab. Nothing is locked, and the node needs no programs.',
  arguments: [
    {
      name: '<link...>',
      description: 'NODE:DEV, a glob of it ("r*:eth1", "*"), or bridge/NAME for all links of a bridge',
    },
  ],
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    ...(['side', 'direction', 'filter', 'count', 'seconds', 'snaplen'] as const),
    ...(['write', 'ringSize', 'ringSeconds', 'ringFiles'] as const),
    ...REPORT_FLAGS,
  ],
  examples: [
    ['capture -f lab.yaml r1:eth0 | wireshark -k -i -', 'look at a link as packets come'],
    [
      'capture -f lab.yaml bridge/lan --direction out -w lan.pcapng',
      'each packet on a bridge once, where it comes from',
    ],
    ['capture --lab ring "*" --filter "arp or icmp" --seconds 10 -w ring.pcapng', 'all links of a lab, ten seconds'],
    [
      'capture --lab ring r1:eth0 -w r1.pcapng --ring-size 100 --ring-files 5',
      'the last 500 MB, for as long as it takes',
    ],
  ],
  exitNotes: [
    '0  captured; also when interrupted, or when the reader goes',
    '1  there is no such link, or the file can not be written any more',
    '3  a privilege is missing, or `tcpdump` for a filter',
  ],
  async run(context, options, words) {
    const { isStandardOutput } = await import('../output-file.ts');
    const write = (await isStandardOutput(options.write)) ? '-' : options.write;
    const output = await outputOf({ ...options, write }, context);
    const [{ requestOf }, { onInterrupt }, { withReporter, writeDocument }, { capture: captureOn }] = await Promise.all(
      [
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../lab/capture/run.ts'),
      ],
    );
    const captured = await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'completing the capture');
      const wanted = {
        ...{ words, side: options.side, direction: options.direction, filter: options.filter ?? null },
        ...{ snaplenBytes: options.snaplen, packets: options.count ?? null },
        durationMs: options.seconds === undefined ? null : options.seconds * 1000,
        readerFd: write === '-' ? process.stdout.fd : null,
      };
      return await captureOn(requestOf(options, context), wanted, output, { emit, signal: interrupt.signal });
    });
    if (options.json) writeDocument(context, { schemaVersion: 1, verb: 'capture', files: output.files, ...captured });
    return EXIT.done;
  },
};

type FileNames = { readonly files: readonly string[] };

/** Throws E_USAGE where the options do not fit together. */
async function outputOf(options: Options, { out }: Context): Promise<CaptureOutput & FileNames> {
  const { write, ringSize, ringSeconds, ringFiles } = options;
  const isRing = ringSize !== undefined || ringSeconds !== undefined;
  if (ringFiles !== undefined && !isRing) {
    throw new LinkloomError('E_USAGE', '--ring-files does not say when a new file begins', {
      hint: 'add --ring-size MEGABYTES, --ring-seconds SECONDS, or both',
    });
  }
  const { toFile, toRing, toStream } = await import('./outputs.ts');
  if (write !== '-') {
    if (!isRing) return { ...toFile(write), files: [write] };
    const fileMs = ringSeconds === undefined ? null : ringSeconds * 1000;
    const fileBytes = ringSize === undefined ? null : ringSize * 1_000_000;
    return toRing(write, { fileBytes, fileMs, files: ringFiles ?? null });
  }
  if (isRing) throw new LinkloomError('E_USAGE', 'files need a name', { hint: 'add -w FILE' });
  if (options.json) {
    throw new LinkloomError('E_USAGE', 'standard output is the capture, so it can not be JSON', {
      hint: 'add -w FILE',
    });
  }
  if (out.isTTY) {
    throw new LinkloomError('E_USAGE', 'a capture is binary, and standard output is a terminal', {
      hint: `${bareCommandLine('capture', 'LINK')} | wireshark -k -i -, or ${commandLine('capture', 'LINK -w FILE')}`,
    });
  }
  return { ...toStream(out), files: [] };
}
