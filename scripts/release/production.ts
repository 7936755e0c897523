/**
 * The project as its users install it: without what only its developers need. `npm sbom --omit dev` leaves out more than that: what a user
 * needs and a tool of the developers, too. Pure.
 */

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly devDependencies?: unknown;
}

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly devDependencies?: unknown;
}

/** Of package-lock.json. The path of a package → what it is; the project itself is at `''`. */
export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

export function productionManifest(manifest: Manifest): Manifest {
  const { devDependencies: _dev, ...rest } = manifest;
  return rest;
}

export function productionLock(lock: Lock): Lock {
  const kept = Object.entries(lock.packages)
    .filter(([, { dev, devOptional }]) => !dev && !devOptional)
    .map(([path, { devDependencies: _dev, ...rest }]) => [path, rest] as const);
  return { ...lock, packages: Object.fromEntries(kept) };
}
