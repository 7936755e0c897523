import {
  acceptAll,
  type Direction,
  encodeProgram,
  type Instruction,
  inDirection,
  parseProgram,
} from '../../capture/filter.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Place } from './targets.ts';

export interface FilterRequest {
  /** In the language of pcap-filter(7). null: everything. */
  readonly expression: string | null;
  readonly direction: Direction;
  readonly snaplenBytes: number;
}

/**
 * The filter as the kernel takes it. It is compiled once, for one device: it is the same for all, as they are all Ethernet and have one kernel.
 * Throws E_TOOL without tcpdump, E_USAGE where that does not take the filter.
 */
export async function programOf(workers: Workers, place: Place, request: FilterRequest): Promise<Uint8Array> {
  return encodeProgram(inDirection(await compiled(workers, place, request), request.direction));
}

async function compiled(
  workers: Workers,
  { ns, dev }: Place,
  { expression, snaplenBytes }: FilterRequest,
): Promise<readonly Instruction[]> {
  if (expression === null) return acceptAll(snaplenBytes);
  const answer = await workers.ask({ task: 'filter', ns, dev, snaplenBytes, expression });
  if (answer.program !== null) {
    const program = parseProgram(answer.program);
    if (program !== null) return program;
    throw new LinkloomError('E_TOOL', '`tcpdump -ddd` printed something that is no filter program');
  }
  if (answer.why === 'missing') {
    throw new LinkloomError('E_TOOL', 'filters are compiled by `tcpdump`, which is not in PATH', {
      hint: 'install it (Debian: tcpdump), or leave --filter out and filter when you read the capture',
    });
  }
  const why = answer.message.replace(/^exit status 1; /, '').replaceAll('tcpdump: ', '');
  throw new LinkloomError('E_USAGE', `the filter '${expression}' is refused: ${why}`, {
    where: '--filter',
    hint: 'it is in the language of pcap-filter(7), as one word for the shell: --filter "icmp and host 10.0.0.1"',
  });
}
