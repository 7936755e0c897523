import { align4, attrText, attrU32, eachAttribute } from './attributes.ts';
import * as nl from './constants.ts';

/** The contents of an acknowledgement (NLMSG_ERROR) or of the end of a dump (NLMSG_DONE). */
export interface Ack {
  /** Positive; 0: done. */
  readonly errno: number;
  /** NLMSGERR_ATTR_MSG: the kernel's message, or ''. */
  readonly message: string;
  /** NLMSGERR_ATTR_OFFS: the offset of the offending attribute in the refused message, or 0. */
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

/** The offset of the attributes. They follow the refused message's header, and its payload unless the kernel left that out. */
function attributesOf(bytes: Buffer, at: number, end: number): number {
  const flags = bytes.readUInt16LE(at + 6);
  const start = at + nl.NLMSG_HDRLEN + 4;
  if ((flags & nl.NLM_F_ACK_TLVS) === 0) return end;
  if (bytes.readUInt16LE(at + 4) === nl.NLMSG_DONE) return start;
  if (start + nl.NLMSG_HDRLEN > end) return end;
  if (flags & nl.NLM_F_CAPPED) return start + nl.NLMSG_HDRLEN;
  // The message states its own size. It may point past the end, and align4 works on 31 bits only.
  const size = sizeAt(bytes, start);
  return size > end - start ? end : start + align4(size);
}
