/** Facts of the keys of checks. */
import type { CheckSchema } from '../../src/config/checks/schema.ts';
import type { Facts } from './facts.ts';

const ALICE = 'from: alice, to: bob';
const HTTP = 'from: alice, http: "http://bob:8080/health"';

export const CHECK_FACTS: Facts<keyof typeof CheckSchema.entries> = {
  name: { example: `name: neighbours, ${ALICE}`, default: 'what is tried, in words' },
  from: { example: 'from: [alice, "b*"], to: 10.0.0.1' },
  to: {
    example: 'from: alice, to: [bob, bob:eth0, 10.0.0.2]',
    default: 'the host of the URL in `http`; `run` has none',
  },
  ping: {
    example: `${ALICE}, ping: {count: 3, size: 1400, dont-fragment: true}`,
    default: '`true`, where none of `tcp`, `http` and `run` is given',
  },
  tcp: { example: `${ALICE}, tcp: 22`, default: 'no connection' },
  http: { example: `${HTTP}, contains: ok`, default: 'no request' },
  run: { example: 'from: alice, run: [ip, route], contains: 10.0.0.0/24', default: 'no program' },
  family: { example: `${ALICE}, family: 6`, default: '4, or 6 where the target has no other' },
  status: { example: `${HTTP}, status: 204`, default: 'below 400 for `http`, 0 for `run`' },
  contains: { example: `${HTTP}, contains: ok`, default: 'any text' },
  lacks: { example: `${HTTP}, lacks: error`, default: 'any text' },
  matches: { example: `${HTTP}, matches: "^ok$"`, default: 'any text' },
  reachable: { example: `${ALICE}, tcp: 22, reachable: false`, default: '`true`' },
  within: { example: `${ALICE}, within: 30s`, default: '`3s`' },
  for: { example: `${ALICE}, for: 10s`, default: '`0s`, and `2s` with `reachable: false`' },
  timeout: {
    example: `${ALICE}, timeout: 500ms`,
    default: '`1s` for `ping`, `3s` for `tcp`, `10s` for `http` and `run`',
  },
};

export const PING_FACTS: Facts<'count' | 'size' | 'dont-fragment'> = {
  count: { example: `${ALICE}, ping: {count: 3}`, default: '1' },
  size: { example: `${ALICE}, ping: {size: 1400}`, unit: 'bytes', default: '56' },
  'dont-fragment': { example: `${ALICE}, ping: {size: 1472, dont-fragment: true}`, default: 'false' },
};
