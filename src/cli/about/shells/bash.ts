import { BARE_VERB, type Entry, LOOKUPS, type OptionEntry, type Values } from './entries.ts';

export function bashScript(entries: readonly Entry[]): string {
  const verbs = entries.flatMap((entry) => entry.names).join(' ');
  const options = new Map<string, OptionEntry>();
  for (const option of entries.flatMap((entry) => entry.options)) options.set(option.names.join('|'), option);
  const valueCases = [...options].flatMap(([pattern, { value }]) =>
    value === null ? [] : [`    ${pattern}) ${offer(value)}; return ;;\n`],
  );
  const verbCases = entries.map((entry) => {
    const words = entry.options.flatMap(({ names }) => names).join(' ');
    const program = entry.runsProgram ? ' program=1' : '';
    return `    ${entry.names.join('|')}) options='${words}'${program} ;;\n`;
  });
  const firstCases = entries.flatMap(({ names, first }) =>
    first.kind === 'none' ? [] : [`    ${names.join('|')}) ${offer(first)} ;;\n`],
  );
  return `# bash completion for linkloom
${LOOKUPS}
_linkloom_offer() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
_linkloom_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
# To bash a colon ends a word: the whole is looked for, and what stands before the last colon is there already.
_linkloom_links_offer() {
  local whole=\${COMP_LINE:0:COMP_POINT} place
  whole=\${whole##* }
  whole=\${whole#[\\'\\"]}
  mapfile -t COMPREPLY < <(compgen -W "$(_linkloom_links "\${COMP_WORDS[@]}")" -- "$whole")
  [[ $COMP_WORDBREAKS == *:* ]] || return
  for place in "\${!COMPREPLY[@]}"; do COMPREPLY[place]=\${COMPREPLY[place]#"\${whole%"\${whole##*:}"}"}; done
}
_linkloom_programs() { mapfile -t COMPREPLY < <(compgen -c -- "$word"; compgen -f -- "$word"); }
_linkloom() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} options='' program='' at
  COMPREPLY=()
  if [[ $word == '=' ]]; then word=''
  elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )) && [[ $word != -?* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '${verbs} help --help --version' -- "$word")
    return
  fi
  [[ $verb == -* ]] && verb=${BARE_VERB}
  case $verb in
${verbCases.join('')}    help) (( COMP_CWORD == 2 )) && _linkloom_offer '${verbs}'; return ;;
  esac
  # What follows the node (or \`--\`) is a program and its arguments.
  if [[ -n $program ]]; then
    for (( at = 2; at < COMP_CWORD; at++ )); do
      case \${COMP_WORDS[at]} in
        --) _linkloom_programs; return ;;
        -*) (( at++ )) ;;
        *) [[ $word == -* ]] && _linkloom_offer -- || _linkloom_programs; return ;;
      esac
    done
  fi
  case $before in
${valueCases.join('')}  esac
  if [[ $word == -* ]]; then _linkloom_offer "$options"; return; fi
  case $verb in
${firstCases.join('')}  esac
}
complete -F _linkloom linkloom
`;
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `_linkloom_offer '${values.words.join(' ')}'`;
    case 'files':
      return '_linkloom_files';
    case 'labs':
      return '_linkloom_offer "$(_linkloom_labs)"';
    case 'nodes':
      return '_linkloom_offer "$(_linkloom_nodes)"';
    case 'links':
      return '_linkloom_links_offer';
    case 'none':
      return ':';
  }
}
