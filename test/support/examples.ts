/** Lists conlink's example scenarios, as this repository has them: how each is called, and with which variables. */

export interface Scenario {
  /** The folder in `examples/`. */
  readonly example: string;
  /** conlink's options, relative to that folder. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const compose = ['--compose-file', 'compose.yaml'];

export const SCENARIOS: readonly Scenario[] = [
  { example: 'compose-three-hosts', args: compose, env: {} },
  { example: 'compose-scale', args: [...compose, '--network-file', 'network.yaml'], env: {} },
  {
    example: 'container-names',
    args: ['--network-file', 'network.yaml'],
    env: { NODE_NAME_1: 'one', NODE_NAME_2: 'two' },
  },
  {
    example: 'mdc-modes',
    args: ['--compose-file', ['base', 'node1', 'nodes2', 'web'].map((mode) => `modes/${mode}/compose.yaml`).join(':')],
    env: {},
  },
  { example: 'compose-tunnel', args: compose, env: { REMOTE: '192.0.2.2', NODE_IP: '10.0.1.1' } },
  { example: 'compose-impaired', args: ['--default-mtu', '5111', ...compose], env: {} },
  {
    example: 'compose-host-parent',
    args: compose,
    env: { HOST_INTERFACE: 'ens3', NODE1_HOST_ADDRESS: '192.0.2.10/24', NODE2_HOST_ADDRESS: '192.0.2.11/24' },
  },
  { example: 'compose-bridge-mode', args: compose, env: { BRIDGE_MODE: 'patch' } },
  { example: 'compose-published-ports', args: compose, env: {} },
  { example: 'compose-wait-copy', args: compose, env: {} },
  { example: 'compose-two-networks', args: compose, env: {} },
  { example: 'drawing', args: ['--network-file', 'network.yaml'], env: {} },
];
