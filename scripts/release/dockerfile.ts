/** The line of a Dockerfile that names the image it builds on: `ARG BASE=NAME:TAG`, pinned `ARG BASE=NAME:TAG@sha256:…`. Pure. */

const BASE = /^ARG BASE=([^\s@]+)(@\S+)?$/m;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The name and tag without the digest. Throws if there is no such line. */
export function taggedBase(dockerfile: string): string {
  const [, base] = BASE.exec(dockerfile) ?? [];
  if (base === undefined) throw new Error('the Dockerfile has no line ARG BASE=NAME:TAG');
  return base;
}

/** The Dockerfile with its base pinned to a digest, in place of one that it had. */
export function pinnedBase(dockerfile: string, digest: string): string {
  if (!DIGEST.test(digest)) throw new Error(`'${digest}' is no digest`);
  return dockerfile.replace(BASE, `ARG BASE=${taggedBase(dockerfile)}@${digest}`);
}

/** The digest of an image, of those that docker tells of it (`NAME@sha256:…`, one for each name). Throws if there is none of this name. */
export function digestIn(repoDigests: readonly string[], base: string): string {
  const name = base.replace(/:[^:/]+$/, '');
  const found = repoDigests.find((entry) => entry.startsWith(`${name}@`));
  if (found === undefined) throw new Error(`${base} came from no registry: it has no digest to pin`);
  return found.slice(name.length + 1);
}
