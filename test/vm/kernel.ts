/**
 * `vm/` boots a kernel that has everything (netem, openvswitch, 8021q, ipvlan, geneve…) over this machine's own
 * files, for tests of what the machine's kernel lacks. Nothing of it is part of the product.
 *
 * This file: Debian's kernel package, unpacked once into a cache. Needs root and Debian's apt.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The newest one first; what each depends on is the image itself. */
const PACKAGES = ['linux-image-6.12-cloud-amd64', 'linux-image-cloud-amd64'] as const;
const WANTED = /\/kernel\/(net|drivers\/net|fs\/overlayfs|lib|crypto)\/.*\.ko\.xz$/;
const CACHE = '/var/cache/linkloom/kernels';

export interface Kernel {
  /** Uncompressed, so that the guest need not do it. */
  readonly image: string;
  /** Holds `lib/modules` and `overlay.ko`. */
  readonly folder: string;
}

/** The kernel from the cache, downloaded first where it is not there yet (some 30 s). */
export function ensureKernel(log: (message: string) => void): Kernel {
  const name = imagePackage();
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    log(`Downloading ${name}`);
    mkdirSync(CACHE, { recursive: true });
    const work = mkdtempSync(join(tmpdir(), 'linkloom-kernel-'));
    try {
      unpack(name, work);
      // In one step: a run that is cut short leaves no half of a kernel.
      const staged = mkdtempSync(`${folder}-`);
      cpSync(join(work, 'out'), staged, { recursive: true });
      renameSync(staged, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return { image: join(folder, 'vmlinux'), folder };
}

/** `linux-image-6.12.117+deb12-cloud-amd64`, as apt knows it or, if it does not, as the cache holds it. */
function imagePackage(): string {
  for (const meta of PACKAGES) {
    const depends = execFileSync('apt-cache', ['depends', meta], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, name] = /Depends: (linux-image-\d\S*)/.exec(depends) ?? [];
    if (name !== undefined) return name;
  }
  const [cached] = existsSync(CACHE) ? readdirSync(CACHE) : [];
  if (cached !== undefined) return cached;
  throw new Error(`apt knows none of ${PACKAGES.join(', ')}: run apt-get update, on Debian 12 or later`);
}

function unpack(name: string, work: string): void {
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', name);
  const deb = filesBelow(work).find((file) => file.endsWith('.deb')) ?? '';
  run('dpkg-deb', '-x', deb, 'tree');
  const release = name.slice('linux-image-'.length);
  const modules = join(work, 'tree/lib/modules', release);
  // A guest without hardware acceleration takes seconds to decompress what tests load.
  run('xz', '-d', ...filesBelow(modules).filter((file) => WANTED.test(file)));
  run('depmod', '-b', join(work, 'tree'), release);
  const out = join(work, 'out');
  mkdirSync(join(out, 'lib'), { recursive: true });
  renameSync(join(work, 'tree/lib/modules'), join(out, 'lib/modules'));
  cpSync(filesBelow(out).find((file) => file.endsWith('/overlay.ko')) ?? '', join(out, 'overlay.ko'));
  writeFileSync(join(out, 'vmlinux'), uncompressed(readFileSync(join(work, 'tree/boot', `vmlinuz-${release}`))));
}

/** The ELF file within a bzImage (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length). */
function uncompressed(image: Buffer): Buffer {
  const start = (image.readUInt8(0x1f1) + 1) * 512 + image.readUInt32LE(0x248);
  // The last four bytes are the size of the result, not zstd's.
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  return execFileSync('zstd', ['-dqc'], { input: payload, maxBuffer: 512 * 1024 * 1024 });
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}
