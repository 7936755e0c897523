/** Starts both engines, with the image for their containers, for tests that must pass on either. */
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from '../folder.ts';
import { BUSYBOX, ensureBusybox, withBusyboxTree } from './busybox.ts';
import { startDockerd } from './dockerd.ts';
import { startPodman } from './podman.ts';

export interface Engine extends AsyncDisposable {
  readonly kind: 'docker' | 'podman';
  readonly socketPath: string;
  /** Runs the engine's own client. Returns its standard output. */
  client(...args: readonly string[]): Promise<string>;
}

async function docker(): Promise<Engine> {
  const engine = await startDockerd();
  await ensureBusybox(engine);
  return {
    kind: 'docker',
    socketPath: engine.socketPath,
    client: (...args) => engine.docker(...args),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function podman(): Promise<Engine> {
  const engine = await startPodman();
  using folder = temporaryFolder('podman-image');
  await withBusyboxTree(async (tree) => {
    const tar = join(folder.path, 'busybox.tar');
    await execa('tar', ['-C', tree, '-cf', tar, '.']);
    await engine.podman('import', '--change', 'CMD ["/bin/sh"]', tar, BUSYBOX);
  });
  return {
    kind: 'podman',
    socketPath: engine.socketPath,
    client: (...args) => engine.podman(...args),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** Both engines, with what `needs` must check for each. */
export const ENGINES = [
  { name: 'Docker', start: docker, wants: ['root'] as const },
  { name: 'Podman', start: podman, wants: ['root', 'program:podman', 'program:runc'] as const },
];
