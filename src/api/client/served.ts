/** Which labs are served on this machine. */
import { existsSync, readdirSync } from 'node:fs';
import { apiSocketPath, RUN_DIRECTORY } from '../../net/run-directory.ts';

/** Labs with a socket, by name. One that was left by a daemon that was killed counts. None for whom the directory is closed. */
export function labsServed(): readonly string[] {
  try {
    return readdirSync(RUN_DIRECTORY)
      .filter((lab) => existsSync(apiSocketPath(lab)))
      .sort();
  } catch {
    return [];
  }
}
