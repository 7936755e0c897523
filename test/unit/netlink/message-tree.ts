/** Reads netlink messages by itself, so that tests compare meanings: nested attributes by path, in whatever order. */

export interface MessageTree {
  readonly type: number;
  /** Without NLM_F_ACK, which is asked for per send. */
  readonly flags: number;
  /** The fixed header of the object, hexadecimal. */
  readonly header: string;
  /** `18/2/1/3` → value in hexadecimal, without a final NUL where it is text. */
  readonly attributes: Readonly<Record<string, string>>;
}

const HEADER_BYTES: Readonly<Record<number, number>> = { 16: 16, 17: 16, 18: 16, 20: 8, 21: 8, 24: 12, 25: 12 };

/** Attributes that hold attributes, by kind of message; the value is what comes before those. */
const NESTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  link: { '18': 0, '18/2': 0, '18/2/1': 16, '26': 0, '26/10': 0 },
  route: { '8': 0 },
  address: {},
};
const TEXT = new Set(['3', '20', '18/1', '18/2/1/3']);

export function treeOf(message: Buffer): MessageTree {
  const type = message.readUInt16LE(4);
  const headerBytes = HEADER_BYTES[type] ?? 0;
  const attributes: Record<string, string> = {};
  const kind = type < 20 ? 'link' : type < 24 ? 'address' : 'route';
  walk(message.subarray(16 + headerBytes, message.readUInt32LE(0)), '', NESTED[kind] ?? {}, attributes);
  return {
    type,
    flags: message.readUInt16LE(6) & ~4,
    header: message.subarray(16, 16 + headerBytes).toString('hex'),
    attributes,
  };
}

function walk(
  bytes: Buffer,
  prefix: string,
  nested: Readonly<Record<string, number>>,
  into: Record<string, string>,
): void {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) throw new Error(`attribute of length ${length}`);
    const path = `${prefix}${bytes.readUInt16LE(at + 2) & 0x3fff}`;
    const value = bytes.subarray(at + 4, at + length);
    const before = nested[path];
    // Only a veth has attributes behind a header in there.
    const isPeer = path !== '18/2/1' || into['18/1'] === Buffer.from('veth').toString('hex');
    if (before === undefined || !isPeer) {
      const hex = value.toString('hex');
      into[path] = TEXT.has(path) ? hex.replace(/(00)+$/, '') : hex;
    } else {
      if (before > 0) into[`${path}/header`] = value.subarray(0, before).toString('hex');
      walk(value.subarray(before), `${path}/`, nested, into);
    }
    at += (length + 3) & ~3;
  }
}
