/** Prints the modes that a request stands for. */
import type { Resolved } from './resolve.ts';

export const RESOLUTION_FORMATS = ['nodes', 'paths', 'json'] as const;
export type ResolutionFormat = (typeof RESOLUTION_FORMATS)[number];

/** The resolved modes as text: names in one line, lines of `name=path`, or JSON with the dependencies. */
export function formatResolution(resolved: readonly Resolved[], format: ResolutionFormat): string {
  switch (format) {
    case 'nodes':
      return resolved.map(({ name }) => name).join(' ');
    case 'paths':
      return resolved.map(({ name, path }) => `${name}=${path}`).join('\n');
    case 'json':
      return JSON.stringify(resolved.map(({ name, path, deps }) => ({ node: name, path, deps })));
    default:
      return format satisfies never;
  }
}
