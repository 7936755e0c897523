/** Faults of keys and their values, each on its own. */
import type { DiagnosticRules } from './rule.ts';

export const VALUES = {
  'unknown-key': {
    severity: 'error',
    cause: 'A key is not known at this place.',
    cure: 'Correct its spelling. Keys of your own begin with `x-`.',
  },
  'unknown-key-ignored': {
    severity: 'warning',
    cause: 'A key of a bridge, a tunnel or a command is not known, and has no effect.',
    cure: 'Correct its spelling. Keys of your own begin with `x-`.',
  },
  'missing-key': {
    severity: 'error',
    cause: 'A key that is needed is missing.',
    cure: 'Add it.',
  },
  'wrong-type': {
    severity: 'error',
    cause: 'A value is text where a number is wanted, a map where a list is wanted, or the like.',
    cure: 'Write it as the message says. A number or a word that is meant as text goes in quotes.',
  },
  'empty-value': {
    severity: 'error',
    cause: 'A value is empty.',
    cure: 'Write a value, or remove the key.',
  },
  'unknown-word': {
    severity: 'error',
    cause: 'A value is not one of the words that its key takes.',
    cure: 'Use one of the words that are listed.',
  },
  'number-out-of-range': {
    severity: 'error',
    cause: 'A value is not a whole number in the range that its key takes.',
    cure: 'Write a number of that range.',
  },
  'lab-name': {
    severity: 'error',
    cause: '`lab:` is no name of a lab.',
    cure: 'Use lower-case letters, digits, `_` and `-`, at most 63, the first a letter or a digit.',
  },
  'device-name': {
    severity: 'error',
    cause: 'The kernel refuses a device of this name.',
    cure: 'Use 1 to 15 bytes without `/`, `:`, `%` and white space; not `lo`, `all` or `default`.',
  },
  'netns-name': {
    severity: 'error',
    cause: 'No network namespace can have this name, or it is the name of a switch namespace.',
    cure: 'Use letters, digits, `_`, `.` and `-`; begin with none of the last two, nor with `linkloom-`.',
  },
  'address-without-prefix': {
    severity: 'error',
    cause: 'An address of a link has no prefix length.',
    cure: 'Write the length after it, as in `10.0.0.1/24`.',
  },
  'address-invalid': {
    severity: 'error',
    cause: 'A text is no IP address, or its prefix length is impossible.',
    cure: 'Write an address as `10.0.0.1` or `fd00::1`; behind `ip:` with its prefix length.',
  },
  'address-unassignable': {
    severity: 'error',
    cause: 'An address that no device can have: unspecified, loopback or multicast.',
    cure: 'Give the link another address.',
  },
  'mac-invalid': {
    severity: 'error',
    cause: 'A text is no MAC address.',
    cure: 'Write six two-digit hexadecimal groups, as in `c2:00:00:00:00:01`.',
  },
  'mac-unassignable': {
    severity: 'error',
    cause: 'A MAC address that no device can have: multicast, or all zero.',
    cure: 'Choose one whose second hexadecimal digit is even.',
  },
  'port-mapping': {
    severity: 'error',
    cause: 'A value of `forward` is no mapping of ports.',
    cure: 'Write OUTER:INNER/PROTOCOL, as in `8080:80/tcp`, with ports from 1 to 65535.',
  },
  'route-invalid': {
    severity: 'error',
    cause: 'A text is no route that linkloom can set.',
    cure: 'Write it as the arguments of `ip route add`, without the device.',
  },
  'netem-invalid': {
    severity: 'error',
    cause: 'A text has options that netem does not take.',
    cure: 'Write it as the arguments of `tc qdisc add … netem`.',
  },
  'impair-invalid': {
    severity: 'error',
    cause: 'An amount of `impair` has no unit, a wrong one, or lacks another amount that it needs.',
    cure: 'Write times with us, ms or s, shares with %, rates with kbit, mbit or gbit.',
  },
  'ethtool-invalid': {
    severity: 'error',
    cause: 'A text is no option of ethtool.',
    cure: 'Begin with the option and leave the device out, as in `--offload rx off`.',
  },
} as const satisfies DiagnosticRules;
