/** Reads pcapng by its structure alone: what a writer must get right before any reader looks at meanings. */
import assert from 'node:assert/strict';

export interface Block {
  readonly type: number;
  readonly body: Buffer;
}

/** Splits a file into blocks. Fails if lengths don't add up, differ at the two ends of a block, or are no multiples of four. */
export function blocksOf(bytes: Uint8Array): readonly Block[] {
  const file = Buffer.from(bytes);
  const blocks: Block[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    assert.ok(length >= 12 && length % 4 === 0 && at + length <= file.length, `length ${length} at ${at}`);
    assert.equal(file.readUInt32LE(at + length - 4), length);
    blocks.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

/** The options from a position of a block on, up to their end. */
export function optionsOf(body: Buffer, from: number): ReadonlyMap<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = from; ; ) {
    const [code, length] = [body.readUInt16LE(at), body.readUInt16LE(at + 2)];
    if (code === 0) {
      assert.equal(at + 4, body.length);
      return options;
    }
    options.set(code, body.subarray(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
}
