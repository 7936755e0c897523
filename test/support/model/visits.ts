/**
 * Counts, rather than times, how much work a function does: how many elements its loops over arrays, maps and sets visit. It counts
 * every loop by a method, a spread or `for … of`; it does not see a loop with a counter.
 */

/** Array methods that call back for each element that they visit. */
const CALLING = ['find', 'findIndex', 'some', 'every', 'filter', 'map', 'flatMap', 'forEach', 'reduce'] as const;
/** Array methods that visit the whole array. */
const WHOLE = ['concat', 'includes', 'indexOf', 'flat', 'toSorted', 'sort', 'join'] as const;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** How many elements were visited while `run` ran. `run` is synchronous. Afterwards all methods are as they were. */
export function visitsOf(run: () => unknown): number {
  let visits = 0;
  const undo: (() => void)[] = [];
  const replace = (target: object, name: PropertyKey, make: (original: Method) => Method): void => {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (typeof descriptor?.value !== 'function') throw new Error(`no method ${String(name)}`);
    Object.defineProperty(target, name, { ...descriptor, value: make(descriptor.value as Method) });
    undo.push(() => Object.defineProperty(target, name, descriptor));
  };
  for (const name of CALLING) {
    replace(
      Array.prototype,
      name,
      (original) =>
        function counted(this: unknown, callback: unknown, ...rest: unknown[]) {
          const counting = function (this: unknown, ...args: unknown[]): unknown {
            visits += 1;
            return (callback as Method).apply(this, args);
          };
          return original.call(this, counting, ...rest);
        },
    );
  }
  for (const name of WHOLE) {
    replace(
      Array.prototype,
      name,
      (original) =>
        function counted(this: unknown, ...args: unknown[]) {
          visits += (this as readonly unknown[]).length;
          return original.apply(this, args);
        },
    );
  }
  replace(
    Array.prototype,
    'slice',
    (original) =>
      function counted(this: unknown, ...args: unknown[]) {
        const part = original.apply(this, args) as readonly unknown[];
        visits += part.length;
        return part;
      },
  );
  for (const { prototype } of [Array, Map, Set]) {
    for (const name of [Symbol.iterator, 'entries', 'values', 'keys'] as const) {
      replace(
        prototype,
        name,
        (original) =>
          function* counted(this: unknown) {
            for (const iterator = original.call(this) as Iterator<unknown>; ; ) {
              const next = iterator.next();
              if (next.done) return;
              visits += 1;
              yield next.value;
            }
          },
      );
    }
  }
  try {
    run();
  } finally {
    for (const step of undo.reverse()) step();
  }
  return visits;
}
