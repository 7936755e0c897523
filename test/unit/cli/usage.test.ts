import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEnvironment, variablesOf } from '../../../src/cli/environment.ts';
import type { Flag } from '../../../src/cli/flags/flag.ts';
import { FLAGS } from '../../../src/cli/flags.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { loadVerbs, VERBS } from '../../../src/cli/verbs.ts';
import { LinkloomError } from '../../../src/errors.ts';
import { inProcess } from '../../support/cli/in-process.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { fakeSink } from '../../support/sink.ts';

const NAMES = VERBS.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);

test('help goes to standard output, with the verbs, examples and exit statuses', async () => {
  for (const words of [['--help'], ['-h'], ['help']]) {
    const { exitCode, stdout, stderr } = await inProcess(words);
    assert.deepEqual([exitCode, stderr], [0, ''], words.join(' '));
    assert.match(stdout, /^Usage: linkloom VERB \[options\]\n/);
    const unwrapped = stdout.replaceAll(/\s+/g, ' ');
    for (const { name } of VERBS) assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
    for (const { summary } of VERBS) assert.ok(unwrapped.includes(summary), summary);
    assert.match(stdout, /\nExamples:\n/);
    assert.match(stdout, /\nExit status:\n {2}0 {4}done\n/);
  }
});

test('every verb and every alias has help with grouped options, and examples', async () => {
  for (const name of NAMES) {
    const { exitCode, stdout, stderr } = await inProcess([name, '--help']);
    assert.deepEqual([exitCode, stderr], [0, ''], name);
    assert.match(stdout, /^Usage: linkloom /);
    assert.match(stdout, /\nExamples:\n/, name);
  }
});

test('an option that is not known exits 2 for every verb, with nothing on standard output', async () => {
  for (const words of [...NAMES.map((name) => [name, '--bogus']), ['--bogus'], ['--help-me']]) {
    const { exitCode, stdout, stderr } = await inProcess(words);
    assert.equal(exitCode, 2, words.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^linkloom: unknown option '--/);
    assert.match(stderr, /\nSee `linkloom [a-z]+ --help`/);
  }
});

test('an empty word and an empty value name nothing: exit 2 for every verb, and the word that is empty is named', async () => {
  const loaded = await loadVerbs(VERBS);
  for (const { name, arguments: words = [], flags } of loaded) {
    for (const argument of words.slice(0, 1)) {
      if (argument.mayBeEmpty) continue;
      const { exitCode, stdout, stderr } = await inProcess([name, '', ...words.slice(1).map(() => 'x')]);
      assert.deepEqual([exitCode, stdout], [2, ''], `${name} ''`);
      assert.match(stderr, /is invalid for argument '\w+'\. (It must not be empty|Allowed choices)/, name);
    }
    for (const flag of flags.map((key): Flag => FLAGS[key])) {
      const option = /--[a-z-]+(?= [<[])/.exec(flag.flags)?.[0];
      if (option === undefined || flag.mayBeEmpty) continue;
      const { exitCode, stderr } = await inProcess([name, option, '']);
      assert.equal(exitCode, 2, `${name} ${option} ''`);
      assert.match(stderr, /argument '' is invalid\. (It must|Allowed choices)/, `${name} ${option}`);
    }
  }
});

test('beginnings of options are not taken for them', async () => {
  const { exitCode, stderr } = await inProcess(['generate', 'ring', '--runtim', 'netns']);
  assert.equal(exitCode, 2);
  assert.equal(
    stderr,
    "linkloom: unknown option '--runtim'\n(Did you mean --runtime?)\nSee `linkloom generate --help`, and `linkloom --help` for all verbs.\n",
  );
});

test('a verb that is not known exits 2 and names the nearest', async () => {
  const { exitCode, stdout, stderr } = await inProcess(['verison']);
  assert.deepEqual([exitCode, stdout], [2, '']);
  assert.match(stderr, /^linkloom: unknown command 'verison'\n\(Did you mean version\?\)\n/);
});

test('a word too many, an argument too few and a value that is none exit 2', async () => {
  for (const words of [
    ['version', 'extra'],
    ['generate'],
    ['generate', 'tree'],
    ['generate', 'ring', '--nodes', '-4'],
    ['generate', 'ring', '--nodes', '1e3'],
    ['generate', 'ring', '--nodes'],
    ['generate', 'ring', '--format', 'xml'],
    ['exec', 'n0'],
    ['exec', 'n0', '--'],
  ]) {
    const { exitCode, stdout, stderr } = await inProcess(words);
    assert.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
    assert.notEqual(stderr, '');
  }
});

test('a switch has no default in its help: it is off, and what `--no-…` switches off is on', async () => {
  for (const name of NAMES) {
    const { stdout } = await inProcess([name, '--help']);
    assert.doesNotMatch(stdout.replaceAll(/\s+/g, ' '), /default: (true|false)/, name);
  }
});

test('every option has an environment variable, which its help names', async () => {
  const sink = fakeSink();
  const context = {
    out: sink,
    err: sink,
    env: {},
    stop: { received: null },
    bare: false,
    exitNow: () => assert.fail('must not end the process'),
  };
  const program = buildProgram(await loadVerbs(VERBS), context, () => {});
  let seen = 0;
  for (const command of program.commands) {
    const help = command.helpInformation().replaceAll(/\s+/g, ' ');
    for (const option of command.options) {
      const variable = `LINKLOOM_${option.long?.slice(2).toUpperCase().replaceAll('-', '_')}`;
      assert.ok(help.includes(variable), `${command.name()} ${option.long}: ${variable}`);
      seen += 1;
    }
  }
  assert.ok(seen > 10);
});

test('an option comes before its variable, and the variable before the default', async () => {
  const count = async (words: readonly string[], env: Record<string, string>): Promise<number> => {
    const { stdout } = await inProcess(['generate', 'star', '--format', 'json', ...words], { env });
    return JSON.parse(stdout).links.length;
  };
  assert.equal(await count([], {}), 6);
  assert.equal(await count([], { LINKLOOM_NODES: '3' }), 4);
  assert.equal(await count(['--nodes', '2'], { LINKLOOM_NODES: '3' }), 2);
  assert.equal(await count([], { LINKLOOM_NODES: '' }), 6);
});

test('a variable with a value that is none exits 2 and is named', async () => {
  const { exitCode, stderr } = await inProcess(['generate', 'ring'], { env: { LINKLOOM_FORMAT: 'xml' } });
  assert.equal(exitCode, 2);
  assert.equal(
    stderr,
    "ERROR: LINKLOOM_FORMAT is 'xml'. Allowed choices are yaml, json.\n  hint: unset LINKLOOM_FORMAT, or give --format a value\n",
  );
});

test('every variable of an option that is not free text is checked as the option is', async () => {
  const sink = fakeSink();
  const exitNow = () => assert.fail('must not end the process');
  const context = { out: sink, err: sink, env: {}, stop: { received: null }, bare: false, exitNow };
  const free = new Set<string>();
  for (const command of buildProgram(await loadVerbs(VERBS), context, () => {}).commands) {
    for (const option of command.options) {
      const variable = variablesOf(option)[0];
      if (variable === undefined) continue;
      try {
        applyEnvironment(command, { [variable]: '-?' });
        free.add(option.long ?? '');
      } catch (error) {
        assert.ok(error instanceof LinkloomError && error.code === 'E_USAGE');
        assert.ok(error.message.startsWith(`${variable} is '-?'. `), error.message);
      }
    }
  }
  const known = [
    '--base',
    '--compose-project',
    '--config-schema',
    '--docker-socket',
    '--filter',
    '--lab',
    '--podman-socket',
    '--profile',
  ];
  assert.deepEqual(
    [...free].filter((name) => !known.includes(name)),
    [],
  );
});

test('a switch in the environment is on or off, or a fault', async () => {
  const json = (text: string) => inProcess(['version'], { env: { LINKLOOM_JSON: text } });
  for (const on of ['1', 'true', 'Yes', 'on']) assert.match((await json(on)).stdout, /schemaVersion/, on);
  for (const off of ['0', 'false', 'no', 'OFF', '']) assert.match((await json(off)).stdout, /^linkloom /, off);
  const { exitCode, stdout, stderr } = await json('maybe');
  assert.deepEqual([exitCode, stdout], [2, '']);
  assert.match(stderr, /^ERROR: LINKLOOM_JSON is 'maybe'\. It must be 1, true, yes or on, or 0, false, no or off\.\n/);
});

test('version in one line, and as a document', async () => {
  const { exitCode, stdout } = await inProcess(['version']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^linkloom \d+\.\d+\.\d+\n$/);
  assert.equal((await inProcess(['--version'])).stdout, stdout);
  assert.equal((await inProcess(['-V'])).stdout, stdout);
  const document = JSON.parse((await inProcess(['version', '--json'])).stdout);
  assert.equal(`linkloom ${document.version}\n`, stdout);
  assert.equal(document.node, process.versions.node);
  assert.equal(JSON.parse((await inProcess(['version'], { env: { LINKLOOM_JSON: '1' } })).stdout).schemaVersion, 1);
  assert.equal((await inProcess(['version'], { env: { LINKLOOM_JSON: '0' } })).stdout, stdout);
});

const EXEC_HELP = `Usage: linkloom exec [options] <node> [command...]

Runs a program in a node, with this terminal, and exits with its status. In a network namespace it
runs as with \`ip netns exec\`: with /sys of that namespace, and with /etc/netns/NAME over /etc.

Several nodes, a glob or --all run it in all of them, without standard input, so many at a time;
each line of output stands behind the name of its node, and who failed is told at the end. Options
come before the nodes.

Arguments:
  node                      namespace, container or service of one replica; \`netns/NAME\` and
                            \`container/NAME\` where a name is both; globs, and with -f or --lab all
                            names, are of the lab
  command                   more nodes, \`--\`, then the program and its arguments; with --all no node
                            is named

Configuration:
  -f, --file <file>         compose or network file, recognised by content; \`-\` is standard input;
                            may be repeated (env: LINKLOOM_FILE)
  --network-file <file...>  network file, or several, also as a \`:\` list; may be repeated (env:
                            LINKLOOM_NETWORK_FILE)
  --compose-file <file...>  compose file with \`x-network\`, or several, also as a \`:\` list; may be
                            repeated (env: LINKLOOM_COMPOSE_FILE)
  --lab <name>              name of the lab (default: \`lab:\` of the configuration, else the compose
                            project, else the folder; in a container, its project or id) (env:
                            LINKLOOM_LAB)
  --compose-project <name>  compose project that \`service\` links are for (default: our own) (env:
                            LINKLOOM_COMPOSE_PROJECT)
  --env-file <file>         file of variables, instead of \`.env\`; may be repeated (default:
                            COMPOSE_ENV_FILES) (env: LINKLOOM_ENV_FILE)
  --profile <name>          active compose profile; may be repeated (default: COMPOSE_PROFILES)
                            (env: LINKLOOM_PROFILE)

Nodes and kernel:
  --docker-socket <path>    socket of Docker (default: DOCKER_HOST, else /var/run/docker.sock) (env:
                            LINKLOOM_DOCKER_SOCKET)
  --podman-socket <path>    socket of Podman (default: /var/run/podman/podman.sock) (env:
                            LINKLOOM_PODMAN_SOCKET)
  --all                     all nodes of the lab (env: LINKLOOM_ALL)
  --parallel <count>        nodes at a time (default: 16; env: LINKLOOM_PARALLEL)

Output:
  --json                    print a JSON document on standard output (env: LINKLOOM_JSON)
  --progress <mode>         how progress is shown on standard error (one of auto, tty, plain, json,
                            quiet; default: auto; env: LINKLOOM_PROGRESS)
  --no-ci                   no annotations, groups and summary for GitHub, no sections for GitLab
                            (env: LINKLOOM_NO_CI)
  -v, --verbose             say more (env: LINKLOOM_VERBOSE, VERBOSE)

Options:
  -h, --help                show this

Examples:
  linkloom exec n0 -- ping -c 1 10.0.0.2
      ping from node n0
  linkloom exec container/web_1 -- sh
      a shell in the container web_1
  linkloom exec -f lab.yaml "leaf*" spine1 -- ip route
      the routes of some nodes
  linkloom exec --lab ring --all -- ip -brief addr
      in every node of a lab

Exit status:
  that of the program; 128 and the number of the signal that ended it; of many nodes, that of the first that failed
  126  the program can not be executed; 127  there is no such program
  1  there is no such node
  2  the command line is wrong, or the name is ambiguous
  3  no engine answers, or \`ip\` is missing
`;

test('the help of exec, whole', async () => {
  const { stdout } = await inProcess(['exec', '--help']);
  assert.equal(stdout, EXEC_HELP);
});

test('no verb and no file: what conlink says, exit 2, and where to look', async () => {
  const { exitCode, stdout, stderr } = await inProcess([]);
  assert.deepEqual([exitCode, stdout], [2, '']);
  assert.equal(
    stderr,
    'ERROR: either --network-file or --compose-file is required\n  hint: `linkloom --help` shows the verbs, `linkloom daemon --help` the options without one\n',
  );
});

test('an option before the verb is told', async () => {
  const { exitCode, stderr } = await inProcess(['--lab', 'x', 'up']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /\nThe verb comes first: linkloom up …\n/);
});

test('down without a lab says how to name one', async () => {
  using folder = temporaryFolder('empty');
  const { exitCode, stderr } = await inProcess(['down'], { cwd: folder.path });
  assert.equal(exitCode, 2);
  assert.match(stderr, /^ERROR: no lab is named, and no configuration: .*\n {2}hint: give --lab NAME, or -f FILE; /);
});
