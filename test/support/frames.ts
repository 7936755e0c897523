/** Sends raw Ethernet frames, and captures them where they arrive. Needs root and tcpdump. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { NsId } from '../../src/net/ns-id.ts';
import * as libc from '../../workers/libc.ts';
import { Namespaces } from '../../workers/namespaces.ts';
import { lookUp } from '../../workers/rtnl/dump.ts';

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** ETH_P_ALL in network byte order. */
const ALL = 0x0300;

/** Sends whole frames, with their headers, out of a device of a namespace. */
export function sendFrames(ns: NsId, dev: string, frames: readonly Buffer[]): void {
  using spaces = new Namespaces();
  const space = spaces.get(ns);
  const fd = space.enter(() => libc.socket(AF_PACKET, SOCK_RAW_CLOEXEC, 0));
  if (fd < 0) throw new Error(`socket: errno ${-fd}`);
  try {
    const link = lookUp(space.socket, { ifname: dev });
    if (!link) throw new Error(`no ${dev}`);
    // struct sockaddr_ll: family, protocol, interface; the rest is for receiving.
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16LE(ALL, 2);
    address.writeInt32LE(link.ifindex, 4);
    const bound = libc.bind(fd, address);
    if (bound < 0) throw new Error(`bind: errno ${-bound}`);
    for (const frame of frames) {
      const sent = libc.send(fd, frame, 0);
      if (sent !== frame.length) throw new Error(`send: ${sent} of ${frame.length}`);
    }
  } finally {
    libc.close(fd);
  }
}

export interface ListenOptions {
  readonly timeoutMs?: number;
  /** A filter in the language of pcap-filter(7). */
  readonly filter?: string;
}

/** A frame and the time at which it arrived, in milliseconds of the clock. */
export interface Arrival {
  readonly timeMs: number;
  readonly bytes: Buffer;
}

/** The frames of `receiveArrivals`, without their times. */
export async function receiveFrames(...args: Parameters<typeof receiveArrivals>): Promise<readonly Buffer[]> {
  return (await receiveArrivals(...args)).map(({ bytes }) => bytes);
}

/**
 * Runs `send` while tcpdump listens for incoming frames on a device of a namespace, until `count` frames have come or `timeoutMs`
 * is over. Returns the frames in the order of their arrival, each complete, with its VLAN tag in place.
 */
export async function receiveArrivals(
  netns: string,
  dev: string,
  count: number,
  send: () => void,
  { timeoutMs = 10_000, filter = '' }: ListenOptions = {},
): Promise<readonly Arrival[]> {
  // Without immediate mode frames come up to a second late. With it each frame takes the space of the longest (-s).
  const capture = [
    '--immediate-mode',
    '-s',
    '2048',
    '-B',
    '8192',
    '-i',
    dev,
    '-Q',
    'in',
    '-c',
    String(count),
    '-U',
    '-w',
    '-',
    filter,
  ];
  const args = ['netns', 'exec', netns, 'tcpdump', ...capture];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await untilListening(child);
  const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs);
  send();
  await once(child, 'close');
  clearTimeout(timer);
  return framesIn(Buffer.concat(pieces));
}

/** Waits until tcpdump listens. It keeps reading what tcpdump says, since a closed pipe would end tcpdump. */
function untilListening(child: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
    child.once('error', reject).once('close', () => reject(new Error(`tcpdump: ${said}`)));
  });
}

/** Reads the frames of a capture. Its format is a header of 24 bytes, then 16 bytes before each frame (pcap-savefile(5)). */
function framesIn(file: Buffer): readonly Arrival[] {
  const frames: Arrival[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const timeMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
    frames.push({ timeMs, bytes: Buffer.from(file.subarray(at + 16, at + 16 + length)) });
    at += 16 + length;
  }
  return frames;
}
