/** Which events of a lab somebody wants to see. */
import { patternOf } from '../../config/nodes/pattern.ts';
import { EVENT_GROUPS, type Happening } from '../../lab-events.ts';
import { subjectText } from '../../subject.ts';

/** Empty lists ask for nothing in particular. */
export interface EventFilter {
  /** Names of nodes and globs; a container's name, too. */
  readonly nodes: readonly string[];
  /** `NODE:DEV` and globs of it; also `bridge NAME` and `tunnel DEV`. */
  readonly links: readonly string[];
  /** Of EVENT_KINDS. */
  readonly kinds: readonly string[];
}

/** A function that says whether an event is wanted. That events are lost always is. */
export function eventFilter({ nodes, links, kinds }: EventFilter): (event: Happening) => boolean {
  const types = new Set<string>(
    kinds.flatMap((kind) =>
      Object.hasOwn(EVENT_GROUPS, kind) ? EVENT_GROUPS[kind as keyof typeof EVENT_GROUPS] : [kind],
    ),
  );
  const [isNode, isLink] = [anyOf(nodes), anyOf(links)];
  return (event) => {
    if (event.type === 'lost') return true;
    if (types.size > 0 && !types.has(event.type)) return false;
    const { node, link } = placeOf(event);
    return (isNode === null || (node !== null && isNode(node))) && (isLink === null || (link !== null && isLink(link)));
  };
}

/** null: nothing in particular is asked for. */
function anyOf(globs: readonly string[]): ((text: string) => boolean) | null {
  if (globs.length === 0) return null;
  const pattern = patternOf(globs);
  return (text) => pattern.test(text);
}

/** The node and the link, bridge or tunnel that an event is about. */
function placeOf(event: Happening): { readonly node: string | null; readonly link: string | null } {
  if (event.type === 'container') return { node: event.name, link: null };
  const subject = event.type === 'failure' ? event.failure.subject : 'subject' in event ? event.subject : null;
  if (subject === null) return { node: null, link: null };
  const node = subject.kind === 'link' ? subject.node : subject.kind === 'node' ? subject.name : null;
  return { node, link: subjectText(subject) };
}
