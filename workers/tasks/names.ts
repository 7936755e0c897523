import type { OpFailure } from '../../src/wire/failure.ts';
import type { NamesResult, NamesTask } from '../../src/wire/task.ts';
import { nameContainer, namedContainers, unnameContainer } from '../container-names.ts';
import { failureOf } from '../failure.ts';
import { NetnsLock } from '../netns-lock.ts';

/** Adds and removes names of containers in /run/netns. A failure of one does not stop the others. */
export function names({ lab, give, take }: NamesTask): NamesResult {
  using lock = new NetnsLock();
  const failures: OpFailure[] = [];
  const attempt = (part: () => void): void => {
    try {
      part();
    } catch (error) {
      failures.push(failureOf(-1, error));
    }
  };
  for (const one of give) attempt(() => nameContainer(lab, one, lock));
  const gone = take === 'all' ? namedContainers(lab) : take;
  for (const name of gone) attempt(() => unnameContainer(name, lock));
  return { failures };
}
