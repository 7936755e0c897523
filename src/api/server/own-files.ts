/** Whether a daemon follows the files that a verb was given, and reads them as the verb does. */
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import type { Session } from '../../lab/session.ts';
import { verb } from '../../verb-names.ts';
import type { UpAsked } from '../answers/asked.ts';
import { digestOf } from '../digest.ts';

/** What refuses a session of other files, or of the same files read otherwise. Throws E_LOCKED. */
export function refuseOthers(
  control: LabControl,
  asked: UpAsked['files'],
  by: 'up' | 'reset' | 'play' | 'restart',
): (session: Session) => void {
  return ({ files, fileNames, topology }) => {
    if (asked === undefined) return;
    const who = `the daemon of lab ${control.lab} (pid ${process.pid})`;
    if (asked.set !== files.files) {
      const message = `${who} follows ${listed(fileNames)}, and ${verb(by)} was given ${listed(asked.names)}`;
      throw new LinkloomError('E_LOCKED', message, {
        hint: 'give the same files in the same order; or stop the daemon, and start it with these',
      });
    }
    if (asked.digest === digestOf(topology)) return;
    throw new LinkloomError('E_LOCKED', `${who} reads ${listed(fileNames)} otherwise than this ${verb(by)}`, {
      hint: 'options and variables of the environment are those that the daemon was started with; with --no-reload, so are the files',
    });
  };
}

function listed(files: readonly string[]): string {
  return files.length === 0 ? 'no file' : files.join(', ');
}
