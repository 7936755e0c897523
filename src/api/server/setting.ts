/** Sets links by hand and takes that back, between two passes: the daemon's next look finds it marked, and leaves it. */
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { assertLinkWords } from '../../lab/links/words.ts';
import { resetLinks } from '../../lab/override/reset-links.ts';
import { setLinks } from '../../lab/override/set-links.ts';
import { settingsFrom } from '../../lab/override/settings.ts';
import type { Io } from '../../lab/request.ts';
import { setJson } from '../../report/override/override.ts';
import type { ResetAsked, SetAsked } from '../answers/setting.ts';
import { refuseOthers } from './own-files.ts';

/** The document of `set --json`. Throws what `setLinks` throws. */
export async function setOf(control: LabControl, { links, both, ...given }: SetAsked): Promise<object> {
  assertLinkWords(links);
  control.plays.assertNone('set');
  const settings = settingsFrom(given) ?? {};
  const request = { links, settings, both };
  return setJson('set', await control.between((session) => setLinks(session, request, ioOf(control))));
}

/** The document of `reset --json`. Throws what `resetLinks` throws, and E_LOCKED where the daemon follows other files. */
export async function resetOf(control: LabControl, { links, files }: ResetAsked): Promise<object> {
  assertLinkWords(links);
  control.plays.assertNone('reset');
  const check = refuseOthers(control, files, 'reset');
  const report = await control.between(async (session) => {
    check(session);
    return await resetLinks(session, { links }, ioOf(control));
  });
  return setJson('reset', report);
}

/** What is in a path names one link: it is neither a glob nor a bridge. Throws E_NODE_MISSING. */
export function assertOneLink(lab: string, id: string): void {
  if (!id.includes(':') || /[*?]/.test(id) || id.startsWith('bridge/')) throw noLink(lab, id);
}

export function noLink(lab: string, id: string): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', `lab ${lab} has no link ${id}`, { hint: 'GET /links has all of them' });
}

/** The stages of looking at the lab are not told: they are no pass. */
function ioOf(control: LabControl): Io {
  const emit: Emit = (event) => {
    if (event.type === 'override' || event.type === 'failure') control.emit(event);
  };
  return { emit, signal: null };
}
