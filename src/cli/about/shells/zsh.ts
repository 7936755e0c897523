import { BARE_VERB, type Entry, LOOKUPS, type OptionEntry, quoted, type Values } from './entries.ts';

export function zshScript(entries: readonly Entry[]): string {
  const verbs = entries.flatMap(({ names, summary }) =>
    names.map((name) => `    ${quoted(`${name}:${escaped(summary)}`)}\n`),
  );
  const cases = entries.map((entry) => {
    const options = entry.options.map((option) => `      ${optionSpec(option)} \\\n`);
    const first =
      entry.first.kind === 'none'
        ? ''
        : `      ${quoted(`${entry.isRepeated ? '*' : '1'}:value:${action(entry.first)}`)} \\\n`;
    const rest = entry.runsProgram ? `      '*::program:_linkloom_program' \\\n` : '';
    // With a program after it, options end at the first argument.
    const flags = entry.runsProgram ? "-s -S -A '-*'" : '-s -S';
    return `    ${entry.names.join('|')}) _arguments ${flags} \\\n${options.join('')}${first}${rest}      && return ;;\n`;
  });
  return `#compdef linkloom
${LOOKUPS}
_linkloom_files() { _files; }
_linkloom_program() {
  shift words; (( CURRENT -= 1 ))
  if [[ $words[1] == -- ]]; then shift words; (( CURRENT -= 1 )); fi
  _normal
}
_linkloom_list_labs() { local -a labs; labs=(\${(f)"$(_linkloom_labs)"}); compadd -a labs; }
_linkloom_list_links() { local -a links; links=(\${(f)"$(_linkloom_links "\${words[@]}")"}); compadd -a links; }
_linkloom_list_nodes() { local -a nodes; nodes=(\${(f)"$(_linkloom_nodes)"}); compadd -a nodes; }
_linkloom() {
  local -a verbs
  verbs=(
${verbs.join('')}    'help:show the help of a verb'
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -?* ]]; then
    _describe verb verbs
    return
  fi
  # Options without a verb are those of the daemon.
  if [[ $words[2] == -* ]]; then words[1]=${BARE_VERB}
  else
    shift words
    (( CURRENT -= 1 ))
  fi
  case $words[1] in
${cases.join('')}    help) (( CURRENT == 2 )) && _describe verb verbs ;;
  esac
}
compdef _linkloom linkloom
`;
}

/** `'*'{-f,--file}'[what it does]:file:_files'`, as _arguments wants it. */
function optionSpec({ names, description, value }: OptionEntry): string {
  const name = names.length > 1 ? `{${names.join(',')}}` : (names[0] ?? '');
  const text = description.replaceAll('[', '(').replaceAll(']', ')');
  return `'*'${name}${quoted(`[${escaped(text)}]${value === null ? '' : `:value:${action(value)}`}`)}`;
}

function escaped(text: string): string {
  return text.replaceAll(':', '\\:');
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'files':
      return '_linkloom_files';
    case 'labs':
      return '_linkloom_list_labs';
    case 'nodes':
      return '_linkloom_list_nodes';
    case 'links':
      return '_linkloom_list_links';
    case 'none':
      return ' ';
  }
}
