/** Keeps a daemon from reporting the same thing in every pass. */
import type { Emit } from '../events.ts';

/** Passes on each warning once. Errors are passed on every time. */
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
 * Passes on what is worth reporting of a pass: each diagnostic once, and progress until the first pass is done. Stages are left
 * out. So are failures, which Health reports, once for as long as they last.
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
