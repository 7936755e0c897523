/** What each route does that changes the lab. While something is played all of them but the end of it are refused. */
import { bringUp, putRight } from '../../daemon/asked/bring-up.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { LookOver } from '../../daemon/asked/lookovers.ts';
import type { Summary } from '../../events.ts';
import { restartFollowed } from '../../lab/with-nodes/restart.ts';
import { restartJson, summaryJson } from '../../report/summary.ts';
import type { RestartAsked, UpAsked } from '../answers/asked.ts';
import type { PlayAsked, PlayEndAsked } from '../answers/playing.ts';
import type { ResetAsked, SetAsked, SetLinkAsked } from '../answers/setting.ts';
import type { RouteName } from '../routes.ts';
import type { Handler, Serving } from './handler.ts';
import { refuseOthers } from './own-files.ts';
import { endPlay, streamPlay } from './playing.ts';
import { assertOneLink, resetOf, setOf } from './setting.ts';

type Changing = Extract<
  RouteName,
  'set' | 'reset' | 'setLink' | 'resetLink' | 'play' | 'endPlay' | 'restart' | 'reconcile' | 'up' | 'down'
>;

export function changingHandlers({ control, ending }: Serving): Readonly<Record<Changing, Handler>> {
  return {
    set: async ({ reply, asked }) => {
      tell(control, 'POST /set');
      reply.send(await setOf(control, asked as SetAsked));
    },
    reset: async ({ reply, asked }) => {
      tell(control, 'POST /reset');
      reply.send(await resetOf(control, asked as ResetAsked));
    },
    setLink: async ({ request, reply, asked }) => {
      const { id } = request.params as { id: string };
      assertOneLink(control.lab, id);
      tell(control, `POST /links/${id}/set`);
      reply.send(await setOf(control, { ...(asked as SetLinkAsked), links: [id] }));
    },
    resetLink: async ({ request, reply }) => {
      const { id } = request.params as { id: string };
      assertOneLink(control.lab, id);
      tell(control, `POST /links/${id}/reset`);
      reply.send(await resetOf(control, { links: [id] }));
    },
    play: async ({ request, reply, asked }) => {
      tell(control, 'POST /play');
      const { timeline } = request.body as { readonly timeline: unknown };
      await streamPlay(control, reply, timeline, (asked as PlayAsked).files);
    },
    endPlay: async ({ reply, asked }) => {
      tell(control, 'POST /play/end');
      reply.send(await endPlay(control, asked as PlayEndAsked));
    },
    restart: async ({ reply, asked }) => {
      tell(control, 'POST /restart');
      control.plays.assertNone('restart');
      const { files, ...wanted } = asked as RestartAsked;
      refuseOthers(control, files, 'restart')(control.session());
      const io = { emit: control.emit, signal: ending };
      reply.send(restartJson(await restartFollowed(control.session(), wanted, io)));
    },
    reconcile: async ({ reply, asked }) => {
      control.plays.assertNone('up');
      tell(control, 'POST /reconcile');
      reply.send(summaryOf('up', await putRight(control, asked as LookOver)));
    },
    up: async ({ reply, asked }) => {
      tell(control, 'POST /up');
      control.plays.assertNone('up');
      const { files, waitS, ...wanted } = asked as UpAsked;
      const check = refuseOthers(control, files, 'up');
      reply.send(summaryOf('up', await bringUp(control, { ...wanted, waitMs: waitS * 1000, check })));
    },
    down: async ({ reply }) => {
      tell(control, 'POST /down');
      control.plays.assertNone('down');
      reply.send(summaryOf('down', await control.end()));
    },
  };
}

function tell({ emit }: LabControl, what: string): void {
  emit({ type: 'notice', message: `API: ${what}` });
}

function summaryOf(verb: 'up' | 'down', summary: Summary): object {
  return summaryJson(verb, summary);
}
