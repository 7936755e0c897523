/**
 * From a bare clone to something that runs: `scripts/*.mjs` are plain JavaScript without dependencies, since they
 * install those; all else here is compiled.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What is run or tested needs these programs (or files), from these Debian packages (a compiler with the C library that it links). */
const PACKAGES = {
  demo: { ip: 'iproute2', ping: 'iputils-ping' },
  hosts: { ip: 'iproute2', ping: 'iputils-ping', unshare: 'util-linux', openssl: 'openssl' },
  bench: { ip: 'iproute2', unshare: 'util-linux', ethtool: 'ethtool' },
  test: {
    ip: 'iproute2',
    ping: 'iputils-ping',
    unshare: 'util-linux',
    ethtool: 'ethtool',
    openssl: 'openssl',
    strace: 'strace',
    'nats-server': 'nats-server',
    tcpdump: 'tcpdump',
    tshark: 'tshark',
    promtool: 'prometheus',
    'systemd-analyze': 'systemd',
    iptables: 'iptables',
    nft: 'nftables',
    'ovs-vswitchd': 'openvswitch-switch',
    dockerd: 'docker.io',
    'docker-compose': 'docker-compose',
    podman: 'podman',
    runc: 'runc',
    mmdebstrap: 'mmdebstrap',
    shellcheck: 'shellcheck',
    dot: 'graphviz',
    gpmetis: 'metis',
    groff: 'groff-base',
    '/usr/lib/frr/zebra': 'frr',
    zsh: 'zsh',
    fish: 'fish',
    script: 'bsdutils',
    tmux: 'tmux',
    '/bin/busybox': 'busybox-static',
    wg: 'wireguard-tools',
    chromium: 'chromium fonts-dejavu-core',
    gcc: 'gcc libc6-dev',
    'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
    'qemu-aarch64-static': 'qemu-user-static',
  },
  vm: {
    'qemu-system-x86_64': 'qemu-system-x86',
    depmod: 'kmod',
    zstd: 'zstd',
    xz: 'xz-utils',
    findmnt: 'util-linux',
    '/bin/busybox': 'busybox-static',
  },
};

/** Run a program with its output shown; ends this process where it fails. */
export function step(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) fail(`${program} can't be run: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Say why and end. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Ends with a sentence on a Node.js that is none of `engines` in package.json (`^20.19.0 || >=24.0.0`). */
function ensureNode() {
  const { node: range } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines;
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isFit = range.split(' || ').some((part) => {
    const [, sign, least, leastMinor] = /^(\^|>=)(\d+)\.(\d+)/.exec(part) ?? [];
    const isSame = major === Number(least) && minor >= Number(leastMinor);
    return isSame || (sign === '>=' && major > Number(least));
  });
  if (!isFit) fail(`linkloom needs Node.js ${range}; this is ${process.version} (${process.execPath})`);
}

/** `npm ci`, unless the installed packages are those of the lock file. Ends where Node.js is too old. */
export function ensureDependencies() {
  ensureNode();
  ensurePackages(ROOT, 'the npm packages');
}

/** The packages of `site/`, which only the site and its tests need. */
export function ensureSite() {
  ensurePackages(join(ROOT, 'site'), 'the npm packages of the site');
}

function ensurePackages(folder, what) {
  const lock = join(folder, 'package-lock.json');
  const stamp = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  if (existsSync(stamp) && samePackages(lock, stamp)) return;
  process.stdout.write(`Installing ${what}\n`);
  step('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
}

/** Compile to dist/ and bundle to lib/, always: an unchanged tree takes two seconds. */
export function ensureBuilt() {
  process.stdout.write('Compiling\n');
  step('npm', ['run', '--silent', 'build']);
}

/** Install the Debian packages of which a program is missing. Where that is not possible: says so, and goes on. */
export function ensurePrograms(purpose) {
  const missing = Object.entries(PACKAGES[purpose]).filter(([program]) => !exists(program));
  if (missing.length === 0) return;
  const packages = missing.flatMap(([, names]) => names.split(' '));
  const programs = missing.map(([program]) => program).join(', ');
  if (process.getuid?.() !== 0 || !exists('apt-get')) {
    const message = `Missing programs: ${programs} (Debian packages: ${packages.join(' ')}). They are installed where this runs as root on Debian.`;
    if (process.env.CI === 'true') fail(message);
    process.stderr.write(`${message}\n`);
    return;
  }
  process.stdout.write(`Installing Debian packages: ${packages.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  step('apt-get', ['-qq', 'update'], { env });
  withoutServices(() =>
    step('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', '-o=Dpkg::Use-Pty=0', ...packages], { env }),
  );
}

/** A package's services are not started by its installation: tests start what they need themselves. */
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  mkdirSync(dirname(policy), { recursive: true });
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const restore = () => spawnSync('rm', ['-f', policy]);
  process.on('exit', restore);
  try {
    install();
  } finally {
    restore();
    process.off('exit', restore);
  }
}

function samePackages(lock, stamp) {
  const versions = (file) =>
    JSON.stringify(
      Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
        .filter(([path, entry]) => path !== '' && !entry.optional)
        .map(([path, entry]) => [path, entry.version])
        .sort(),
    );
  return versions(lock) === versions(stamp);
}

function exists(program) {
  const folders = program.startsWith('/')
    ? ['']
    : `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder || '/', program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
