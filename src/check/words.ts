/** What came of a try, in words that say why something is not reached. */
import type { HttpTry, Wanted } from '../topology/check/spec.ts';
import type { CheckOutcome, IcmpWord } from '../wire/check.ts';

const REFUSALS: Readonly<Record<string, string>> = {
  ENETUNREACH: 'no route: the node has none to this address',
  EHOSTUNREACH: 'no answer to the question for its link-layer address, or a route that says unreachable',
  ECONNREFUSED: 'refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer',
  EMSGSIZE: 'too large for the MTU of the way',
  EACCES: 'prohibited by a route or a rule of the node',
  EPERM: 'prohibited by a rule of the node',
  EINVAL: 'no route: the node throws it away',
  ENETDOWN: 'the device that it would leave by is down',
  EADDRNOTAVAIL: 'the node has no address to send from',
};

const SAID: Readonly<Record<IcmpWord, string>> = {
  'no-route': 'no route',
  'no-neighbour': 'nobody answers for the address on its link',
  'no-port': 'refused: nothing listens there',
  'no-protocol': 'refused: the protocol is not served there',
  'too-large': 'too large for the MTU of the way',
  prohibited: 'prohibited',
  expired: 'the packet was passed on too often: a loop of routes',
  unreachable: 'not reachable',
};

/** null: it was answered. `failed` says what a failure of the kind is called by whoever describes failures. */
export function whyNot(
  outcome: CheckOutcome,
  timeoutMs: number,
  failed: (outcome: Extract<CheckOutcome, { outcome: 'failed' }>) => string,
): string | null {
  switch (outcome.outcome) {
    case 'answered':
      return null;
    case 'silent':
      return `no answer within ${secondsText(timeoutMs)}`;
    case 'refused':
      return REFUSALS[outcome.errnoName] ?? outcome.errnoName;
    case 'unreachable':
      return outcome.by === null ? SAID[outcome.why] : `${SAID[outcome.why]} (says ${outcome.by})`;
    case 'failed':
      return failed(outcome);
  }
}

/** Why an answer of HTTP is not the wanted one; null: it is. */
export function httpFault(wanted: HttpTry, status: number, body: string): string | null {
  const isWanted = wanted.status === null ? status < 400 : status === wanted.status;
  if (!isWanted) return `status ${status}, not ${wanted.status ?? 'below 400'}`;
  return textFault(wanted.body, body, 'the body');
}

/** Why a text is not the wanted one; null: it is. */
export function textFault({ contains, lacks, matches }: Wanted, text: string, what: string): string | null {
  if (contains !== null && !text.includes(contains))
    return `${what} is ${shown(text)} and does not have ${JSON.stringify(contains)}`;
  if (lacks !== null && text.includes(lacks)) return `${what} has ${JSON.stringify(lacks)}`;
  if (matches !== null && !new RegExp(matches, 'mu').test(text))
    return `${what} is ${shown(text)} and does not match ${matches}`;
  return null;
}

/** Most of a text that a message shows. */
const SHOWN_MAX = 120;

function shown(text: string): string {
  const whole = text.trim();
  if (whole === '') return 'empty';
  return whole.length <= SHOWN_MAX ? JSON.stringify(whole) : `${JSON.stringify(whole.slice(0, SHOWN_MAX))}…`;
}

export function secondsText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
