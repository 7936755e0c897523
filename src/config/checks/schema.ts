/**
 * `checks/` reads `checks:`: what must be reached in a lab, and what must not.
 *
 * This file: the schema of one check.
 */
import * as v from 'valibot';
import { checked, faultsOf, judged } from '../issue-codes.ts';
import { faultOf, readDuration } from '../nodes/values.ts';
import { described, oneOrMore, text, wholeNumber } from '../schema.ts';
import { urlFault } from './url.ts';

/** The data of a ping. 65,507 bytes and the headers of ICMP and IPv4 are the longest packet that there is (RFC 791). */
const PING_BYTES = { min: 0, max: 65_507 } as const;
/** More requests are no test of whether something is reached. */
const PING_COUNT = { min: 1, max: 1000 } as const;

/** A number alone is told that it lacks its unit. */
const time = v.pipe(
  v.union([v.string(), v.number()], 'must be a time, as 10s'),
  v.transform(String),
  judged(faultsOf('check-value', faultOf(readDuration))),
);
const flag = v.boolean('must be true or false');

export const PingSchema = v.strictObject({
  count: described(
    wholeNumber(PING_COUNT.min, PING_COUNT.max),
    'requests, all of which must be answered; 1 unless given',
  ),
  size: described(
    wholeNumber(PING_BYTES.min, PING_BYTES.max),
    'bytes of data behind the header of ICMP; 56 unless given',
  ),
  'dont-fragment': described(flag, 'the request may not be cut up on its way; false unless given'),
});

export const CheckSchema = v.strictObject({
  name: described(
    checked(
      'text',
      faultsOf('check-value', (name) =>
        /^[^\p{Cc}]{1,200}$/u.test(name) ? null : 'is no name: one line of 1 to 200 characters',
      ),
    ),
    'by which the check is called; once per lab',
  ),
  from: v.pipe(
    oneOrMore(text('the name of a node, or a pattern of names'), 'the name of a node, or a pattern of names'),
    v.description('nodes that try, by name or by patterns with * and ?'),
  ),
  to: described(
    oneOrMore(text('a node or an address'), 'a node, NODE:DEV, or an address'),
    'what they try to reach: NODE, NODE:DEV, an address, or patterns of nodes',
  ),
  ping: described(
    v.union([flag, PingSchema], 'must be true, or a map with count, size and dont-fragment'),
    'by ICMP; what a check is that says nothing else',
  ),
  tcp: described(wholeNumber(1, 65_535), 'by a connection to this port'),
  http: described(
    checked('text, as http://web:8080/health', faultsOf('check-value', urlFault)),
    'by GET of a URL, or of a path (port 80 of what is under to)',
  ),
  run: described(
    v.union(
      [text(), v.pipe(v.array(v.string('must be text')), v.minLength(1, 'must not be empty'))],
      'must be text, or a list of words',
    ),
    'by a program in the node: text runs as sh -c TEXT, a list as it is',
  ),
  family: described(
    v.union([v.literal(4), v.literal(6)], 'must be 4 or 6'),
    'version of IP, where the target has both; 4 unless given',
  ),
  status: described(
    wholeNumber(0, 599),
    'of the answer of HTTP (below 400 unless given), or the exit status of the program (0 unless given)',
  ),
  contains: described(text(), 'text that the body, or what the program prints, must have'),
  lacks: described(text(), 'text that it must not have'),
  matches: described(
    checked('a regular expression', faultsOf('check-value', patternFault)),
    'regular expression that it must match somewhere; ^ and $ stand for the ends of a line',
  ),
  reachable: described(flag, 'false: it must not be reached; true unless given'),
  within: described(time, 'how long it is tried again until it holds; 3s unless given'),
  for: described(time, 'how long it must hold without a break; 0s unless given, and 2s with reachable: false'),
  timeout: described(time, 'how long one try waits for its answer; 1s for ping, 3s for tcp, 10s for http and run'),
});

export type CheckConfig = v.InferOutput<typeof CheckSchema>;

function patternFault(text: string): string | null {
  try {
    new RegExp(text, 'mu');
    return null;
  } catch (error) {
    return `is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: \/.*\/mu: /s, '')}`;
  }
}
