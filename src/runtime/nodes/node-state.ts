/** Translates an engine's word for the state of a container. No I/O. */
import type { NodeState } from './node-runtime.ts';

const STATES: Readonly<Record<string, NodeState>> = {
  created: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  exited: 'exited',
  dead: 'dead',
  // Podman's.
  configured: 'created',
  initialized: 'created',
  stopped: 'exited',
  stopping: 'running',
};

/** An unknown word counts as `exited`, so linkloom tries to start the container, and the engine says what is wrong. */
export function stateOf(word: string): NodeState {
  return Object.hasOwn(STATES, word) ? (STATES[word] ?? 'exited') : 'exited';
}
