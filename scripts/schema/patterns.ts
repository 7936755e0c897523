/**
 * `scripts/schema/` makes the JSON Schemas of the configuration for editors. What valibot's schema says they say by themselves; this
 * folder adds what only the loader's own checks know, descriptions for hovers, and the form of compose files.
 *
 * This file: regular expressions for texts that the loader checks by code, by the words with which it asks for them.
 */

/** A text with a `$` in it: its variables may make it a value of the type that is wanted. */
export const VARIABLE = '\\$';

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;

/** All forms of RFC 4291, 2.2: eight groups, or fewer with one `::`; the last two may be a dotted quad. */
function ipv6(): string {
  const group = '[0-9a-fA-F]{1,4}';
  const last = `(?:${group}:${group}|${IPV4})`;
  const forms = [`(?:${group}:){6}${last}`];
  for (let before = 0; before <= 7; before += 1) {
    const head = before === 0 ? '' : `${group}(?::${group}){${before - 1}}`;
    const after = 7 - before;
    const tails = [after >= 1 ? `(?:${group}(?::${group}){0,${after - 1}})?` : ''];
    if (after >= 2) tails.push(`(?:${group}:){0,${after - 2}}${IPV4}`);
    forms.push(`${head}::(?:${tails.join('|')})`);
  }
  return `(?:${forms.join('|')})`;
}

const IPV6 = ipv6();
/** Addresses that no device has: none, loopback, multicast (`unassignable` in src/net/address.ts). */
const UNASSIGNABLE = '(?!0\\.0\\.0\\.0/|[0:]+/|[0:]*:0*1/|[fF][fF][0-9a-fA-F]{2}:)';
const V4_LENGTH = '(?:3[0-2]|[12][0-9]|0?[0-9]|0[0-2][0-9]|03[0-2])';
const V6_LENGTH = '(?:12[0-8]|1[01][0-9]|0?[0-9]{1,2})';
const PREFIX = `(?:${IPV4}/${V4_LENGTH}|${IPV6}/${V6_LENGTH})`;
const MAC = '[0-9a-fA-F][02468aceACE](?::[0-9a-fA-F]{2}){5}';
const PORT_NUMBER = '0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
/** Of `forward`, which takes five digits at most. */
const PORT = `(?=[0-9]{1,5}[:/])${PORT_NUMBER}`;
/** Each letter in either case. */
const either = (text: string): string => text.replaceAll(/[a-z]/g, (sign) => `[${sign}${sign.toUpperCase()}]`);
/** A text of more than 15 signs has more than 15 bytes. */
const DEVICE = '(?!(?:\\.|\\.\\.|all|default|lo)$)[^/:%\\s\\x00-\\x1f\\x7f]{1,15}';
const NODE_NAME = '(?!host$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}';
const TIME = '(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h))+';

/** Maps of the top whose keys are names → what such a name matches (`nodeNameFault`, `hostNameFault`). */
export const NAMES: Readonly<Record<string, string>> = {
  nodes: `^(?:${NODE_NAME})$`,
  hosts: '^[a-z0-9][a-z0-9-]{0,62}$',
};

/** Words behind "must be" in src/config/ → what such a text matches. */
export const PATTERNS: Readonly<Record<string, string>> = {
  'a device name': DEVICE,
  'an address with a prefix length, as 10.0.0.1/24': `${UNASSIGNABLE}${PREFIX}`,
  'an IP address': `(?:${IPV4}|${IPV6})`,
  'a MAC address, as c2:00:00:00:00:01': `(?!00(?::00){5}$)${MAC}`,
  'text, as "8080:80/tcp"': `${PORT}:${PORT}/(?:tcp|udp)`,
  'the name of a node': NODE_NAME,
  'the name of a container': '(?!host$)(?:.|\\n)+',
  'the name of a network namespace': '(?!host$|linkloom-)[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}',
  'text, as NODE:DEV or host:DEV': `(?:(?:(?:node|service|container|netns)/)?[^/:\\s]+|[^/]+):${DEVICE}`,
  'a prefix, as 10.0.0.0/16': `${IPV4}/${V4_LENGTH}`,
  'a prefix, as fd00::/48': `${IPV6}/${V6_LENGTH}`,
  'a time, as 10s': TIME,
  'text, as "0644"': '[0-7]{3,4}',
  'a host name': '[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?',
  'a name': '[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}',
  // Of a bind and of a file to copy: what both refuse.
  'text, as SOURCE:TARGET': '[^:~][^:]*:/+[^:/][^:]*(?::[^:]+)?',
  'a device': '/[^:]+(?::/[^:]+(?::[rwm]{1,3})?)?',
  'the name of a network': '(?!host$)[A-Za-z0-9][A-Za-z0-9_.-]*',
  'a signal': '(?:SIG)?[A-Z][A-Z0-9+-]{1,11}|[1-9][0-9]?',
  'text, as NAME=VALUE': '[^=]+=(?:.|\\n)*',
};

/** The same for texts in whose place a number may stand. */
export const NUMBER_PATTERNS: Readonly<Record<string, string>> = {
  'a port, as 8080:80': `(?:(?:(?:\\[[0-9a-fA-F:.]+\\]|[0-9.]+):)?(?:${PORT_NUMBER})?:)?${PORT_NUMBER}(?:/${either('(?:tcp|udp|sctp)')})?`,
  'an amount of memory, as 512m': '[0-9]+(?:\\.[0-9]+)? ?(?:[bkmgtBKMGT](?:[iI]?[bB])?)?',
  'a number of processors, as 0.5': '[0-9]+(?:\\.[0-9]+)?',
  'a user': '[^\\s:]+(?::[^\\s:]+)?',
};

const AMOUNT = '(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?';
const timeAmount = `${AMOUNT}${either('(?:s|sec|secs|ms|msec|msecs|us|usec|usecs|ns|nsec|nsecs)')}`;
const shareAmount = `${AMOUNT}%`;

/** The amounts of `impair`, which take 0 without a unit. */
export const IMPAIR_PATTERNS: Readonly<Record<string, string>> = {
  delay: timeAmount,
  jitter: timeAmount,
  loss: shareAmount,
  duplicate: shareAmount,
  corrupt: shareAmount,
  reorder: shareAmount,
  rate: `${AMOUNT}${either('(?:(?:k|m|g|t)i?)?(?:bit|bps)')}`,
};
