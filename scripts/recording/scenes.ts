/**
 * What the recording of README shows: the commands as a reader would type them, each run for real. Other files of this folder run them in
 * a terminal (`terminal.ts`), lay their output out in time (`film.ts`) and draw it (`svg.ts`).
 */

/** The file that the commands name. */
export const LAB_FILE = {
  name: 'lab.yaml',
  text: `lab: hello
links:
  - {netns: alice, bridge: lan, dev: eth0, ip: 10.0.0.1/24}
  - {netns: bob, bridge: lan, dev: eth0, ip: 10.0.0.2/24}
`,
} as const;

export interface Scene {
  /** The words of the command line. The first one is a program. */
  readonly words: readonly [string, ...string[]];
  /** The exit status that it has to have. */
  readonly status: number;
}

export const SCENES: readonly Scene[] = [
  scene('cat lab.yaml'),
  scene('linkloom up -f lab.yaml'),
  scene('linkloom exec alice -- ping -c 1 -w 10 10.0.0.2'),
  scene('linkloom verify -f lab.yaml'),
  scene('ip -n bob link set eth0 down'),
  scene('linkloom verify -f lab.yaml', 1),
  scene('linkloom up -f lab.yaml'),
  scene('linkloom set -f lab.yaml bob:eth0 --mtu 1400'),
  scene('linkloom status -f lab.yaml'),
  scene('linkloom down --lab hello'),
];

function scene(line: string, status = 0): Scene {
  const [program = '', ...rest] = line.split(' ');
  return { words: [program, ...rest], status };
}
