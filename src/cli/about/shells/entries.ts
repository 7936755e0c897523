/**
 * `shells/`: one completion script each, from the same entries.
 *
 * This file: the entries.
 */

/** What a shell offers for a value: words, or what it looks for itself. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'labs' | 'nodes' | 'none' };

export interface OptionEntry {
  /** `-f`, `--file`. */
  readonly names: readonly string[];
  readonly description: string;
  /** null: it takes no value. */
  readonly value: Values | null;
}

/** What a shell needs to know of a verb. */
export interface Entry {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionEntry[];
  /** Its first argument. */
  readonly first: Values;
  /** Whether a program and its arguments follow the first argument. */
  readonly runsProgram: boolean;
}

/** The verb that options without a verb are of. */
export const BARE_VERB = 'daemon';

/** A word in single quotes, good for bash and zsh and, with the quote escaped its own way, for fish. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Functions of bash and zsh that print labs and nodes, one a line (in zsh `path` is PATH). Labs have a switch namespace `linkloom-LAB` (and shards
 * `linkloom-LAB.1`…); nodes are the other named namespaces, and what the engines run. Nothing is asked that may wait long.
 */
export const LOOKUPS = `_linkloom_labs() {
  local place
  for place in /run/netns/linkloom-*; do
    [ -e "$place" ] || continue
    place=\${place#/run/netns/linkloom-}
    printf '%s\\n' "\${place%%.*}"
  done | sort -u
}
_linkloom_nodes() {
  local place engine
  for place in /run/netns/*; do
    [ -e "$place" ] || continue
    place=\${place#/run/netns/}
    case $place in linkloom-*) ;; *) printf '%s\\n' "$place" ;; esac
  done
  for engine in docker podman; do
    command -v "$engine" > /dev/null && "$engine" ps --format '{{.Names}}' 2> /dev/null
  done
}
`;
