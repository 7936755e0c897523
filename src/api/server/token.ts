/** Reads the token that those who come by TCP have to know. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LinkloomError } from '../../errors.ts';

/** 128 bits in base64 are 22 characters; fewer than 16 of any kind can be guessed. */
const LEAST_LENGTH = 16;
const MOST_BYTES = 4096;
const OF_OTHERS = 0o077;

/**
 * The text of the file without white space around it. Throws E_USAGE if it can't be read or is no token, and E_UNSAFE if others than
 * its owner may read or write it, or its owner is neither root nor this user.
 */
export function readToken(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw wrong(path, `can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    const { mode, uid, size } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw wrong(path, 'is no regular file');
    if ((mode & OF_OTHERS) !== 0)
      throw unsafe(path, `others may read or write it (mode ${(mode & 0o777).toString(8)})`);
    if (uid !== 0 && uid !== process.geteuid?.()) throw unsafe(path, `it belongs to the user ${uid}`);
    if (size > MOST_BYTES) throw wrong(path, `is longer than ${MOST_BYTES} bytes`);
    return tokenIn(path, readFileSync(fd, 'utf8').trim());
  } finally {
    closeSync(fd);
  }
}

function tokenIn(path: string, token: string): string {
  if (token.length < LEAST_LENGTH) throw wrong(path, `has a token of fewer than ${LEAST_LENGTH} characters`);
  // RFC 6750: b64token, and what else is visible and can stand in a header.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw wrong(path, 'has a token with white space or with characters that are not ASCII');
  return token;
}

function wrong(path: string, fault: string): LinkloomError {
  return new LinkloomError('E_USAGE', `--token-file ${path} ${fault}`, {
    hint: 'make one: (umask 077; head -c 32 /dev/urandom | base64 > FILE)',
  });
}

function unsafe(path: string, fault: string): LinkloomError {
  return new LinkloomError('E_UNSAFE', `--token-file ${path} is no secret: ${fault}`, {
    hint: `make another token in a file of your own, with mode 0600`,
  });
}
