/** Labels by which linkloom's own export tells what containerlab has no words for. */

/** `netns` on a node: a container that stands for a network namespace. */
export const NODE_LABEL = 'linkloom.node';
/** On a bridge: it is one of the lab's own. The value is its mode, as the configuration has it. */
export const BRIDGE_LABEL = 'linkloom.bridge';
