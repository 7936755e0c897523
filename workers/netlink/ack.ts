import { align4, attrText, attrU32, eachAttribute } from './attributes.ts';
import * as nl from './constants.ts';

/** What an acknowledgement (NLMSG_ERROR) or the end of a dump (NLMSG_DONE) says. */
export interface Ack {
  /** Positive; 0: done. */
  readonly errno: number;
  /** NLMSGERR_ATTR_MSG: the kernel's own words, or ''. */
  readonly message: string;
  /** NLMSGERR_ATTR_OFFS: where in the refused message the offending attribute is, or 0. */
  readonly offset: number;
}

/** Whether a whole message begins at `at`. */
export function isMessage(bytes: Buffer, at: number, end: number): boolean {
  if (at + nl.NLMSG_HDRLEN > end) return false;
  const size = sizeAt(bytes, at);
  return size >= nl.NLMSG_HDRLEN && at + size <= end;
}

/** Length of the message that begins at `at`. */
export function sizeAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at);
}

/** Reads an acknowledgement, a whole message at `at`. */
export function readAck(bytes: Buffer, at: number): Ack {
  const end = at + sizeAt(bytes, at);
  const body = at + nl.NLMSG_HDRLEN;
  const errno = body + 4 <= end ? Math.max(0, -bytes.readInt32LE(body)) : 0;
  let message = '';
  let offset = 0;
  eachAttribute(bytes, attributesOf(bytes, at, end), end, (type, a, length) => {
    if (type === nl.NLMSGERR_ATTR_MSG) message = attrText(bytes, a, length);
    if (type === nl.NLMSGERR_ATTR_OFFS) offset = attrU32(bytes, a, length);
  });
  return { errno, message, offset };
}

/** Where the attributes begin: after the refused message's header, and its payload unless that was left out. */
function attributesOf(bytes: Buffer, at: number, end: number): number {
  const flags = bytes.readUInt16LE(at + 6);
  const start = at + nl.NLMSG_HDRLEN + 4;
  if ((flags & nl.NLM_F_ACK_TLVS) === 0) return end;
  if (bytes.readUInt16LE(at + 4) === nl.NLMSG_DONE) return start;
  if (start + nl.NLMSG_HDRLEN > end) return end;
  if (flags & nl.NLM_F_CAPPED) return start + nl.NLMSG_HDRLEN;
  // The size is what the message says of itself: past the end there is nothing, and align4 knows 31 bits.
  const size = sizeAt(bytes, start);
  return size > end - start ? end : start + align4(size);
}
