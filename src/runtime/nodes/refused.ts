/** Turns an engine's refusal to make or start a container into an error for people, with advice. No I/O. */
import { LinkloomError } from '../../errors.ts';
import { wordsOf } from '../engine-words.ts';

/** Advice for refusals that a user can do something about, by the words of Docker, and of Podman where those differ. */
const HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [
    /pull access denied|repository does not exist|manifest unknown|not found: manifest|unauthorized|authentication required/i,
    'is the image spelled right? Where its registry wants a login, fetch it once with the engine’s own `pull`',
  ],
  [
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|pinging container registry/i,
    'the registry does not answer; fetch the image with the engine’s own `pull`, or load it from a file',
  ],
  [/no such image|image not known/i, 'fetch it with the engine’s own `pull`, or build it under this name'],
  [
    /bind source path does not exist|statfs .*no such file/i,
    'make the file or folder of `binds`, which is looked for from the folder of the file that names it',
  ],
  [
    /port is already allocated|address already in use/i,
    'another container or program has the port of `ports`: give another one, or none',
  ],
  [/network .*not found|unable to find network/i, 'make the network of `network` first, or leave the key out'],
  [
    /sysctl .* is not in a separate kernel namespace|sysctl .* not allowed|\/proc\/sys\/|is not whitelisted/i,
    'only what each network or IPC namespace has of its own serves in `sysctls`: see the name, and whether the kernel has it',
  ],
  [/custom device|stat \/dev\//i, 'the host has no such device: see `devices`, or load its module'],
  [/unknown capability|invalid capability/i, 'see capabilities(7) for the names of `cap_add` and `cap_drop`'],
  [
    /unable to apply (caps|bounding set)|capset|PR_CAPBSET_DROP/i,
    'this machine has not all capabilities to give: `privileged: false` on the node, and `cap_add` for those that it needs',
  ],
  [
    /exec: |executable file|no such file or directory: unknown|OCI (runtime|permission|not found)/i,
    'is what `command` or `entrypoint` names in the image?',
  ],
  [/no space left on device/i, 'free some space where the engine keeps its data'],
];

/** The error for a refusal. `what` is what was tried, such as `cannot start its container`. `node` is NODE. */
export function refusedNode(node: string, what: string, error: unknown): LinkloomError {
  if (error instanceof LinkloomError) return error;
  const words = wordsOf(error);
  return nodeFailure(node, `${what}: ${words}`, hintOf(words), error);
}

export function nodeFailure(node: string, message: string, hint: string | null, cause?: unknown): LinkloomError {
  return new LinkloomError('E_NODE_FAILED', message, { where: node, ...(hint !== null && { hint }), cause });
}

/** null: there is no advice for these words. */
function hintOf(words: string): string | null {
  return HINTS.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** The error for a bind whose source is missing, in Docker's words whatever the engine is, so that the same advice fits. */
export function missingBind(source: string): Error {
  return new Error(`bind source path does not exist: ${source}`);
}
