/** The subject of a failure, of an event, or of something that is waited for. Only `subjectText` turns it into text. */

/** A link, a bridge, a tunnel, a node or another thing of a lab. `kind` says which. */
export type Subject =
  /** `node` as in `NODE:DEV`, with `netns/` or `container/` before it if the name alone is ambiguous. */
  | { readonly kind: 'link'; readonly node: string; readonly dev: string }
  | { readonly kind: 'bridge'; readonly name: string }
  /** A tunnel, by its device. */
  | { readonly kind: 'tunnel'; readonly dev: string }
  /** A node of the configuration, by its name there. */
  | { readonly kind: 'node'; readonly name: string }
  /** A named network namespace. */
  | { readonly kind: 'netns'; readonly name: string }
  /** A network namespace without a name, as people call it: `container web`, `linkloom’s own namespace`. */
  | { readonly kind: 'namespace'; readonly name: string }
  /** A device that belongs to no link. `place` is its namespace, if known: `netns/NAME`, `pid/N`, `self`. */
  | { readonly kind: 'device'; readonly place: string | null; readonly dev: string }
  | { readonly kind: 'openvswitch' }
  /** The whole lab. */
  | { readonly kind: 'lab' };

/**
 * The text of a subject, for people and for `link` in JSON: `NODE:DEV`, `bridge NAME`, `tunnel DEV`… Two subjects are the same if
 * their texts are.
 */
export function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case 'link':
      return `${subject.node}:${subject.dev}`;
    case 'bridge':
    case 'netns':
      return `${subject.kind} ${subject.name}`;
    case 'tunnel':
      return `tunnel ${subject.dev}`;
    case 'node':
    case 'namespace':
      return subject.name;
    case 'device':
      return subject.place === null ? subject.dev : `${subject.place}:${subject.dev}`;
    case 'openvswitch':
      return 'Open vSwitch';
    case 'lab':
      return 'lab';
    default:
      return subject satisfies never;
  }
}

const TUNNEL = 'tunnel ';

/** The subject of an op's `link`, which is the text of a link or of a tunnel. No device name has a colon. */
export function servedSubject(link: string): Extract<Subject, { kind: 'link' | 'tunnel' }> {
  return link.includes(':') ? linkSubject(link) : { kind: 'tunnel', dev: link.slice(TUNNEL.length) };
}

/** The subject of a text that is certainly a link: `NODE:DEV`. */
export function linkSubject(link: string): Extract<Subject, { kind: 'link' }> {
  const colon = link.lastIndexOf(':');
  return { kind: 'link', node: link.slice(0, colon), dev: link.slice(colon + 1) };
}
