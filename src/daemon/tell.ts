/** Keeps a daemon, which makes the same pass again and again, from telling the same thing again and again. */
import type { Emit } from '../events.ts';

/** Tells each warning once. Errors are told each time. */
export function warnOnce(emit: Emit): Emit {
  const warned = new Set<string>();
  return (event) => {
    if (event.type === 'diagnostic' && event.diagnostic.severity === 'warning') {
      const { message, where } = event.diagnostic;
      const text = `${where?.file}:${where?.line}:${where?.column} ${message}`;
      if (warned.has(text)) return;
      warned.add(text);
    }
    emit(event);
  };
}

/**
 * What of the events of passes is worth telling: each warning once; progress until the first set-up is done; stages not
 * at all; nor failures, which Health tells, once for as long as they last and none of a container that has ended.
 */
export function tellOnce(emit: Emit): Emit {
  const warned = new Set<string>();
  let isSetUp = false;
  return (event) => {
    if (event.type === 'failure' || event.type === 'stage') return;
    if (event.type === 'progress') {
      if (isSetUp) return;
      isSetUp = event.done >= event.total;
    }
    if (event.type === 'diagnostic') {
      const text = `${event.diagnostic.severity} ${event.diagnostic.message}`;
      if (warned.has(text)) return;
      warned.add(text);
    }
    emit(event);
  };
}
