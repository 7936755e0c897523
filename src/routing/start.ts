/** How FRR is started: a program of `run:` for each daemon of a namespace, one script for all daemons of a container. */
import { LinkloomError } from '../errors.ts';
import { sha256Hex } from '../net/digest.ts';
import type { Daemon } from './daemon.ts';

/** Where distributions put FRR's daemons, and what a shell needs. */
const PATH = '/usr/lib/frr:/usr/libexec/frr:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** FRR's folder for sockets, in all distributions (hier(7): /var/run is /run). */
const FOLDER = '/var/run/frr';
/** Linux's longest argument of a program, in bytes (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h). */
const LONGEST_ARGUMENT = 131_072;

/** A program of `run:`, as a file has it. */
export interface Program {
  readonly name: string;
  readonly command: string;
}

/**
 * The programs of a namespace. Daemons of different nodes share the host's file system, so each node has the folder LAB@NODE within
 * FRR's: its daemons see it as FRR's own (programs of `run:` have a mount namespace each), vtysh finds it by `-N LAB@NODE`. The last
 * daemon that ends removes it. Throws E_CONFIG for a configuration that is too long.
 */
export function programsOf(node: string, daemons: readonly Daemon[]): readonly Program[] {
  const folder = `${FOLDER}/"$LINKLOOM_LAB@${spaceOf(node)}"`;
  return daemons.map(({ name, config }) => {
    const command = [
      `PATH=${PATH}`,
      installed(name),
      `mkdir -p ${folder} && chown frr:frr ${FOLDER} ${folder} && mount --bind ${folder} ${FOLDER} && cd ${FOLDER} || exit`,
      ...written(name, config),
      ...(name === 'zebra' ? [] : [WAIT_FOR_ZEBRA]),
      'trap : TERM INT',
      startOf(name),
      'status=$?',
      `rm -f ${name}*${name === 'zebra' ? ' zserv.api' : ''}`,
      `cd / && umount ${FOLDER} && rmdir ${folder} 2>/dev/null`,
      'exit $status',
    ];
    return { name, command: fitting(node, lines(command)) };
  });
}

/**
 * The script that a container runs in place of its own program: it waits for the links of the devices, then keeps all daemons running.
 * Throws E_CONFIG for a configuration that is too long.
 */
export function scriptOf(node: string, daemons: readonly Daemon[], devices: readonly string[]): string {
  return fitting(
    node,
    lines([
      `PATH=${PATH}`,
      installed('zebra'),
      `mkdir -p ${FOLDER} && chown frr:frr ${FOLDER} && cd ${FOLDER} || exit`,
      ...daemons.flatMap(({ name, config }) => written(name, config)),
      'trap exit TERM INT',
      'keep() { while :; do "$@"; sleep 1; done; }',
      'rm -f zserv.api',
      `for dev in ${devices.join(' ')}; do`,
      '  until grep -q up "/sys/class/net/$dev/operstate" 2>/dev/null; do sleep 0.1; done',
      'done',
      ...daemons.flatMap(({ name }) => [...(name === 'zebra' ? [] : [WAIT_FOR_ZEBRA]), `keep ${startOf(name)} &`]),
      'wait',
    ]),
  );
}

/** A daemon that does not find zebra's socket looks again only after ten seconds. */
const WAIT_FOR_ZEBRA = 'until [ -S zserv.api ]; do sleep 0.1; done';

function installed(daemon: string): string {
  return `command -v ${daemon} >/dev/null || { echo 'there is no FRR here (Debian: apt install frr)'; exit 127; }`;
}

function written(name: string, config: string): readonly string[] {
  return [`cat >${name}.conf <<'END'`, `${config}END`];
}

/** `-P 0`: no port for Telnet. */
function startOf(name: string): string {
  return `${name} -f ${FOLDER}/${name}.conf -P 0 --log stdout --log-level notifications`;
}

const lines = (list: readonly string[]): string => `${list.join('\n')}\n`;

function fitting(node: string, script: string): string {
  if (Buffer.byteLength(script) < LONGEST_ARGUMENT) return script;
  throw new LinkloomError(
    'E_CONFIG',
    `${node} has too many links: the configuration of its router is longer than an argument can be`,
    {
      hint: 'leave it out by --frr-nodes, or spread its links over several nodes',
    },
  );
}

/** FRR takes no `.` in the name of a folder, and a socket's path has room for 108 bytes: over-long names are cut, with their hash. */
const LONGEST_SPACE = 20;

function spaceOf(node: string): string {
  if (!node.includes('.') && node.length <= LONGEST_SPACE) return node;
  return `${node.replaceAll('.', '_').slice(0, LONGEST_SPACE - 9)}+${sha256Hex(node).slice(0, 8)}`;
}
