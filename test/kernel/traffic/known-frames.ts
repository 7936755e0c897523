/** Frames that bridges treat differently, one of each kind. */

const SOURCE = '02aabbccdd01';
/** Lets only frames of this file through, as pcap-filter(7) has it. */
export const KNOWN_FRAMES_ONLY = 'ether src 02:aa:bb:cc:dd:01';
const OTHER = '02aabbccdd02';

function frame(destination: string, rest: string): Buffer {
  const bytes = Buffer.from(destination + SOURCE + rest, 'hex');
  // The least that Ethernet carries; what is shorter might be padded on its way.
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, 60 - bytes.length), 0x5a)]);
}

/** By name; addresses 01-80-C2-00-00-0X are those of IEEE 802.1D, table 7-10, which a bridge does not forward. */
export const KNOWN_FRAMES = {
  LLDP: frame('0180c200000e', '88cc02070402aabbccdd0104020761'),
  'STP BPDU': frame('0180c2000000', '00264242030000000000800002aabbccdd0100000000'),
  LACP: frame('0180c2000002', '88090101011480000200112233445566'),
  PAUSE: frame('0180c2000001', '880800010064'),
  '802.1Q': frame(OTHER, '8100a005080045000014'),
  'two tags': frame(OTHER, '88a80007810000050800'),
  // A whole packet with its checksum and no padding: where br_netfilter is loaded a bridge drops or trims any other.
  IPv4: frame(OTHER, '08004500002e00010000401166aa0a0900010a09000203e80007001a0000'),
  'own type': frame('ffffffffffff', '88b5c0ffee'),
} as const;

export type KnownFrame = keyof typeof KNOWN_FRAMES;

/** Frames that tell their order: a number of 32 bits behind the header, `bytes` long in all. */
export function numberedFrames(count: number, bytes = 60): readonly Buffer[] {
  return Array.from({ length: count }, (_, number) => {
    const whole = Buffer.alloc(bytes);
    whole.write(`${OTHER}${SOURCE}88b5`, 'hex');
    whole.writeUInt32BE(number, HEADER_BYTES);
    return whole;
  });
}

const HEADER_BYTES = 14;

/** The number of such a frame. */
export function numberOf(frame: Buffer): number {
  return frame.readUInt32BE(HEADER_BYTES);
}
