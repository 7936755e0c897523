/** Facts of the keys of entries of `nodes:`. */
import type { HealthcheckSchema, NodeSchema } from '../../src/config/nodes/schema.ts';
import type { Facts, KeyFacts } from './facts.ts';

const IMAGE = 'image: alpine';
const container = (example: string, fallback: string): KeyFacts => ({
  example: `${IMAGE}, ${example}`,
  default: fallback,
  edit: 'container anew',
});
const asImage = "the image's";

export const NODE_FACTS: Facts<keyof typeof NodeSchema.entries> = {
  image: { example: IMAGE, default: 'none: the node is a network namespace', edit: 'container anew' },
  command: container('command: sleep infinity', asImage),
  entrypoint: container('entrypoint: [/bin/sh, -c], command: [sleep 1000]', asImage),
  env: container('env: {COLOUR: blue}', asImage),
  binds: container('binds: ["./conf:/etc/app:ro"]', 'none'),
  ports: container('ports: ["8080:80/tcp"]', 'none'),
  sysctls: container('sysctls: {net.ipv4.ip_forward: 1}', "the engine's"),
  cap_add: container('cap_add: [NET_ADMIN]', "the engine's own set"),
  cap_drop: container('cap_drop: [MKNOD]', 'none'),
  privileged: container('privileged: true', 'false'),
  devices: container('devices: [/dev/net/tun]', 'none'),
  user: container('user: "1000:1000"', asImage),
  hostname: container('hostname: web', "the node's name"),
  memory: { ...container('memory: 512m', 'no limit'), unit: 'bytes, or with `k`, `m`, `g`' },
  cpus: { ...container('cpus: 0.5', 'no limit'), unit: 'processors' },
  network: container('network: bridge', 'none, or the bridge of the engine where `ports` is given'),
  copy: container('copy: ["./app.conf:/etc/app.conf:0644"]', 'none'),
  healthcheck: container('healthcheck: {test: "test -e /tmp/ready", interval: 5s}', asImage),
  restart: container('restart: on-failure', '`no`'),
  stop_signal: container('stop_signal: SIGINT', asImage),
  exec: {
    example: 'exec: ["sysctl -w net.ipv4.ip_forward=1"]',
    default: 'none',
    edit: { text: 'the commands as they are now run when the links of the node are made again' },
  },
  run: {
    example: 'run: [{name: web, command: [python3, -m, http.server]}]',
    default: 'none',
    edit: { text: 'programs that differ are started again, others go on' },
  },
  wait_for: { example: 'wait_for: [r1]', default: 'no node', edit: { text: 'counts at the next start' } },
  ip: { example: 'ip: 10.255.0.1/32', default: 'from `addressing`, else none', edit: 'in place' },
  labels: {
    example: 'labels: {role: router}',
    default: 'none',
    edit: { text: 'a container is made anew; a namespace has them only in `inventory`' },
  },
  on: { example: 'on: h1', default: 'any host; without `--store` this one' },
};

const check = (example: string, fallback = asImage): KeyFacts => ({
  example: `${IMAGE}, healthcheck: {test: "test -e /tmp/ready", ${example}}`,
  default: fallback,
  edit: 'container anew',
});

export const HEALTHCHECK_FACTS: Facts<keyof typeof HealthcheckSchema.entries> = {
  test: {
    example: `${IMAGE}, healthcheck: {test: [CMD, test, -e, /tmp/ready]}`,
    default: asImage,
    edit: 'container anew',
  },
  interval: check('interval: 5s'),
  timeout: check('timeout: 2s'),
  start_period: check('start_period: 10s'),
  retries: check('retries: 3'),
  disable: { ...check('', 'false'), example: `${IMAGE}, healthcheck: {disable: true}` },
};

const program = (example: string, fallback?: string): KeyFacts => ({
  example: `run: [{${example}}]`,
  ...(fallback === undefined ? {} : { default: fallback }),
  edit: { text: 'the program is started again' },
});

export const PROGRAM_FACTS: Facts<'name' | 'command' | 'env' | 'restart'> = {
  name: { ...program('name: web, command: sleep 1000'), edit: { text: 'another program' } },
  command: program('name: web, command: [sleep, "1000"]'),
  env: program('name: web, command: sleep 1000, env: {COLOUR: blue}', 'none'),
  restart: program('name: web, command: sleep 1000, restart: on-failure', '`always`'),
};

const copied = (example: string, fallback?: string): KeyFacts => ({
  example: `${IMAGE}, copy: [{${example}}]`,
  ...(fallback === undefined ? {} : { default: fallback }),
  edit: 'container anew',
});

export const COPY_FACTS: Facts<'source' | 'target' | 'mode'> = {
  source: copied('source: ./app.conf, target: /etc/app.conf'),
  target: copied('source: ./app.conf, target: /etc/app.conf'),
  mode: copied('source: ./app.conf, target: /etc/app.conf, mode: "0600"', "the file's own"),
};
