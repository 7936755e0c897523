/** The state of a container in an engine's words → NodeState. No I/O. */
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

/** A word that is not known is `exited`: what starts such a container tells the rest. */
export function stateOf(word: string): NodeState {
  return Object.hasOwn(STATES, word) ? (STATES[word] ?? 'exited') : 'exited';
}
