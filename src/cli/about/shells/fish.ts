import {
  BARE_VERB,
  type Entry,
  LAB_OPTIONS,
  LINKS_OF_REPORT,
  type OptionEntry,
  quoted,
  type Values,
} from './entries.ts';

/** The same functions as LOOKUPS, for fish. */
const FISH_LOOKUPS = `function __linkloom_labs
  for path in /run/netns/linkloom-*
    string replace /run/netns/linkloom- '' $path | string replace -r '\\..*' ''
  end | sort -u
end
function __linkloom_nodes
  for path in /run/netns/*
    string match -q '/run/netns/linkloom-*' $path; or string replace /run/netns/ '' $path
  end
  for engine in docker podman
    command -sq $engine; and $engine ps --format '{{.Names}}' 2> /dev/null
  end
end
function __linkloom_links
  set -l of
  set -l option ''
  for word in (commandline -opc)[2..-1]
    if contains -- $word ${LAB_OPTIONS.join(' ')}
      set option $word
    else if test -n "$option"
      set -a of $option (string replace -r '^~/' "$HOME/" -- $word)
      set option ''
    else if string match -qr -- '^(${LAB_OPTIONS.join('|')})=' $word
      set -a of $word
    end
  end
  timeout 5 linkloom status --json --progress quiet $of 2> /dev/null | ${LINKS_OF_REPORT}
end
# Whether the verb is one of these; options without a verb are those of the daemon.
function __linkloom_is
  set -l words (commandline -opc)
  set -l verb $words[2]
  string match -q -- '-*' "$verb"; and set verb ${BARE_VERB}
  contains -- "$verb" $argv
end
# Whether so many words stand before the one that is written, options and their values not counted.
function __linkloom_first
  set -l words (commandline -opc)[3..-1]
  set -l before 0
  set -l last ''
  for word in $words
    string match -q -- '-*' $word; or string match -q -- '-?*' $last; or set before (math $before + 1)
    set last $word
  end
  test $before -eq 0
end
`;

export function fishScript(entries: readonly Entry[]): string {
  const lines = ['# fish completion for linkloom', FISH_LOOKUPS, 'complete -c linkloom -f'];
  for (const entry of entries) {
    for (const name of entry.names)
      lines.push(`complete -c linkloom -n __fish_use_subcommand -a ${name} -d ${quoted(entry.summary)}`);
    const is = `__linkloom_is ${entry.names.join(' ')}`;
    for (const option of entry.options) lines.push(`complete -c linkloom -n ${quoted(is)} ${optionWords(option)}`);
    const first = valueWords(entry.first);
    const where = entry.isRepeated && !entry.runsProgram ? is : `${is}; and __linkloom_first`;
    if (first !== '') lines.push(`complete -c linkloom -n ${quoted(where)} ${first}`);
    if (entry.runsProgram)
      lines.push(`complete -c linkloom -n ${quoted(`${is}; and not __linkloom_first`)} -a '(__fish_complete_command)'`);
  }
  lines.push(`complete -c linkloom -n __fish_use_subcommand -a help -d ${quoted('show the help of a verb')}`);
  const verbs = entries.flatMap(({ names }) => names).join(' ');
  lines.push(`complete -c linkloom -n '__linkloom_is help; and __linkloom_first' -a ${quoted(verbs)}`);
  return `${lines.join('\n')}\n`;
}

function optionWords({ names, description, value }: OptionEntry): string {
  const parts = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  if (value !== null) parts.push(value.kind === 'files' ? '-r -F' : `-x ${valueWords(value)}`.trimEnd());
  parts.push(`-d ${quoted(description)}`);
  return parts.join(' ');
}

function valueWords(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-a ${quoted(values.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'labs':
      return "-a '(__linkloom_labs)'";
    case 'nodes':
      return "-a '(__linkloom_nodes)'";
    case 'links':
      return "-a '(__linkloom_links)'";
    case 'none':
      return '';
  }
}
