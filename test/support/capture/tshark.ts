/** Captures with linkloom, and reads captures with tshark. */
import { execa } from 'execa';
import { type startLinkloom as Start, startLinkloom } from '../bin.ts';

export interface CapturedPacket {
  readonly interface: string;
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint;
  readonly protocols: string;
  /** Bytes of the packet, and those of them that were captured. */
  readonly bytes: number;
  readonly captured: number;
  /** `in`, `out` or ``. */
  readonly direction: string;
  readonly vlan: string;
}

const FIELDS = [
  'frame.interface_name',
  'frame.time_epoch',
  'frame.protocols',
  'frame.len',
  'frame.cap_len',
  'frame.packet_flags_direction',
  'vlan.id',
] as const;

const DIRECTIONS: Readonly<Record<string, string>> = { '0x00000001': 'in', '0x00000002': 'out' };

/** The packets of a file, as tshark reads them. Rejects if it complains of anything. */
export async function packetsIn(file: string): Promise<readonly CapturedPacket[]> {
  const args = ['-r', file, '-n', '-T', 'fields', '-E', 'separator=|', ...FIELDS.flatMap((field) => ['-e', field])];
  const { stdout, stderr } = await execa('tshark', args);
  const complaint = stderr.replace(/^Running as user "root".*$/m, '').trim();
  if (complaint !== '') throw new Error(`tshark: ${complaint}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', time = '', protocols = '', bytes, captured, direction = '', vlan = ''] = line.split('|');
      const [seconds = '', fraction = ''] = time.split('.');
      return {
        ...{ interface: name, protocols, vlan, bytes: Number(bytes), captured: Number(captured) },
        time: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0')),
        direction: DIRECTIONS[direction] ?? '',
      };
    });
}

/** What capinfos says of a file. */
export async function infosOf(file: string): Promise<string> {
  return (await execa('capinfos', [file])).stdout;
}

type Started = ReturnType<typeof Start>;

/** Starts `linkloom capture WORDS…`. Resolves once it captures. */
export async function startCapture(...words: readonly string[]): Promise<Started> {
  const started = startLinkloom(['capture', ...words]);
  await started.until(/Capturing on/);
  return started;
}

/** Captures while `send` runs; then `linkloom capture` is interrupted, unless it ends by itself. Returns its exit status and what it said. */
export async function captureWhile(
  words: readonly string[],
  send: () => Promise<unknown>,
  endsItself = false,
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  await using started = await startCapture(...words);
  await send();
  if (!endsItself) started.child.kill('SIGINT');
  const { exitCode, stderr } = await started.child;
  return { exitCode: exitCode ?? -1, stderr: String(stderr) };
}
