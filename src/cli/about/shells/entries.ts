/**
 * `shells/` has a completion script for each shell. All are made from the same entries.
 *
 * This file: the entries.
 */

/** What a shell offers for a value: words, or names for which it looks itself. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'labs' | 'nodes' | 'links' | 'none' };

export interface OptionEntry {
  /** `-f`, `--file`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What the option takes; null if it takes no value. */
  readonly value: Values | null;
}

/** What a shell must know of a verb. */
export interface Entry {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionEntry[];
  /** What the first argument can be. */
  readonly first: Values;
  /** Whether more of the same may follow it. */
  readonly isRepeated: boolean;
  /** Whether a program and its arguments follow the first argument. */
  readonly runsProgram: boolean;
}

/** The verb that is meant if options come without a verb. */
export const BARE_VERB = 'daemon';

/** A word in single quotes, for all three shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Options that say which lab, which the look-up of links passes on. */
export const LAB_OPTIONS = ['--lab', '-f', '--file', '--network-file', '--compose-file'] as const;

/**
 * What makes of a report of `status --json` its links, one per line. No name of a link has a quote or a backslash in it that its
 * JSON does not escape, and one with such is not offered.
 */
export const LINKS_OF_REPORT = `grep -o '"link":"[^"\\\\]*"' | cut -d '"' -f 4 | sort -u`;

/**
 * Functions for bash and zsh that print labs, nodes and links, one per line (in zsh the name `path` is PATH). Labs have a switch namespace
 * `linkloom-LAB` (and shards `linkloom-LAB.1`…). Nodes are the other named namespaces, and the containers of the engines. Links are asked of
 * `status`, for the lab that the words of the line name. Nothing here waits long.
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
_linkloom_links() {
  local -a of
  local word='' option=''
  for word in "$@"; do
    case $word in
      ${LAB_OPTIONS.join('|')}) option=$word ;;
      ${LAB_OPTIONS.map((option) => `${option}=*`).join('|')}) of+=("$word") ;;
      =) ;;
      *) [ -n "$option" ] && of+=("$option" "\${word/#\\~\\//$HOME/}"); option='' ;;
    esac
  done
  timeout 5 linkloom status --json --progress quiet "\${of[@]}" 2> /dev/null | ${LINKS_OF_REPORT}
}
`;
