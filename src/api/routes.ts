/**
 * `api/` serves a running lab over HTTP: to the command line, to programs, to a page in a browser. It asks the daemon
 * (daemon/asked/) and knows nothing of how links are made. Fastify is loaded with the first request.
 *
 * This file: every route, what it takes and what it gives. The server, the client's types and OpenAPI come from it.
 */
import type * as v from 'valibot';
import { verb } from '../verb-names.ts';
import {
  DownBody,
  EventsQuery,
  LastEventId,
  LinkId,
  ReconcileBody,
  RestartBody,
  UpBody,
  VerifyBody,
} from './answers/asked.ts';
import { ErrorAnswer, RestartAnswer, SummaryAnswer } from './answers/documents.ts';
import { HealthAnswer, LinksAnswer, OneLinkAnswer, ProofAnswer, ReadyAnswer, TopologyAnswer } from './answers/lab.ts';
import { PlayAnswer, PlayBody, PlayEndBody } from './answers/playing.ts';
import { ResetBody, ResetLinkBody, SetAnswer, SetBody, SetLinkBody } from './answers/setting.ts';

type ObjectSchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>>;

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With parameters in braces, as OpenAPI has them. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly params?: ObjectSchema;
  readonly query?: ObjectSchema;
  readonly headers?: ObjectSchema;
  /** A JSON object. It may be left out if `{}` is one. */
  readonly body?: v.GenericSchema;
  /** Whether it is answered without a token. */
  readonly isOpen?: true;
  readonly answers: Readonly<Record<number, Answer>>;
}

export interface Answer {
  readonly description: string;
  /** null: text. */
  readonly schema: v.GenericSchema | null;
  /** Default: JSON. */
  readonly type?: string;
}

const json = (description: string, schema: v.GenericSchema): Answer => ({ description, schema });
const fault = (description: string): Answer => json(description, ErrorAnswer);

const OTHER_LAB_STATE = fault('the daemon can’t do that now');
const NO_FEATURE = fault('the kernel lacks what is asked for');
const SET_DONE = json(`the document of ${verb('set', '--json')}`, SetAnswer);
const NO_SUCH_LINK = fault('no link of the lab has this id');

export const ROUTES = {
  healthz: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the daemon runs',
    isOpen: true,
    answers: { 200: json('it runs', HealthAnswer) },
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether the engines are followed and all links of the nodes that run are up',
    answers: { 200: json('they are', ReadyAnswer), 503: json('they are not', ReadyAnswer) },
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    answers: { 200: { description: 'the text format of Prometheus', schema: null, type: 'text/plain' } },
  },
  topology: {
    method: 'GET',
    path: '/topology',
    summary: 'What the configuration describes',
    answers: { 200: json('nodes, bridges, and what ties them together', TopologyAnswer) },
  },
  links: {
    method: 'GET',
    path: '/links',
    summary: 'Each link as wanted and as the kernel has it, with counters',
    answers: { 200: json(`the document of ${verb('status', '--json')}`, LinksAnswer) },
  },
  link: {
    method: 'GET',
    path: '/links/{id}',
    summary: 'One link',
    params: LinkId,
    answers: { 200: json('as in /links', OneLinkAnswer), 404: NO_SUCH_LINK },
  },
  events: {
    method: 'GET',
    path: '/events',
    summary: 'What happens to the lab, as it happens',
    query: EventsQuery,
    headers: LastEventId,
    answers: {
      200: {
        description: 'server-sent events; data is JSON (docs/events.md)',
        schema: null,
        type: 'text/event-stream',
      },
    },
  },
  set: {
    method: 'POST',
    path: '/set',
    summary: 'Set links down, up, slow, lossy or narrow, all in one batch',
    body: SetBody,
    answers: { 200: SET_DONE, 404: NO_SUCH_LINK, 409: OTHER_LAB_STATE, 422: NO_FEATURE },
  },
  reset: {
    method: 'POST',
    path: '/reset',
    summary: 'Take back what was set by hand',
    body: ResetBody,
    answers: { 200: SET_DONE, 404: NO_SUCH_LINK, 409: OTHER_LAB_STATE },
  },
  setLink: {
    method: 'POST',
    path: '/links/{id}/set',
    summary: 'The same for one link',
    params: LinkId,
    body: SetLinkBody,
    answers: { 200: SET_DONE, 404: NO_SUCH_LINK, 409: OTHER_LAB_STATE, 422: NO_FEATURE },
  },
  resetLink: {
    method: 'POST',
    path: '/links/{id}/reset',
    summary: 'Take back what was set by hand on one link',
    params: LinkId,
    body: ResetLinkBody,
    answers: { 200: SET_DONE, 404: NO_SUCH_LINK, 409: OTHER_LAB_STATE },
  },
  play: {
    method: 'POST',
    path: '/play',
    summary: 'Play a timeline for as long as the connection stays; at the end all links are as they were found',
    body: PlayBody,
    answers: {
      200: {
        description: `a line of JSON when it begins ({"type": "begin", "play": 1}), for each step and at the end, as ${verb('play', '--json')} prints them; empty lines say nothing`,
        schema: null,
        type: 'application/x-ndjson',
      },
      404: NO_SUCH_LINK,
      409: OTHER_LAB_STATE,
      422: fault('the timeline has faults, or the kernel lacks what it asks for'),
    },
  },
  endPlay: {
    method: 'POST',
    path: '/play/end',
    summary: 'End what is played, and answer when the links are as they were found',
    body: PlayEndBody,
    answers: {
      200: json('the last line of the play', PlayAnswer),
      404: fault('it is not played'),
      409: OTHER_LAB_STATE,
    },
  },
  verify: {
    method: 'POST',
    path: '/verify',
    summary:
      'Prove by probes that each wire goes where the configuration says; the agent of a host proves its own part',
    body: VerifyBody,
    answers: {
      200: json(`the document of ${verb('verify', '--json')}`, ProofAnswer),
      404: NO_SUCH_LINK,
      409: OTHER_LAB_STATE,
    },
  },
  reconcile: {
    method: 'POST',
    path: '/reconcile',
    summary: 'Look the whole lab over now, put right what differs, and try again what has failed',
    body: ReconcileBody,
    answers: { 200: json('what was done', SummaryAnswer), 409: OTHER_LAB_STATE },
  },
  up: {
    method: 'POST',
    path: '/up',
    summary: 'Read the files again, make what they say, and wait for it',
    body: UpBody,
    answers: { 200: json('what was done', SummaryAnswer), 409: OTHER_LAB_STATE, 422: fault('the files have faults') },
  },
  restart: {
    method: 'POST',
    path: '/restart',
    summary: 'Restart nodes, and answer when they have their links again',
    body: RestartBody,
    answers: {
      200: json(`the document of ${verb('restart', '--json')}`, RestartAnswer),
      404: fault('the lab has no such node'),
      409: OTHER_LAB_STATE,
    },
  },
  down: {
    method: 'POST',
    path: '/down',
    summary: 'Remove the lab, and end the daemon',
    body: DownBody,
    answers: { 200: json('what was removed', SummaryAnswer), 409: OTHER_LAB_STATE },
  },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;

/** What any route may answer. */
export function commonAnswers({ body, isOpen, params, query }: Route): Readonly<Record<number, Answer>> {
  return {
    ...((body ?? params ?? query) && { 400: fault('what is asked is not well formed') }),
    ...(!isOpen && { 401: fault('over TCP: no token, or a wrong one') }),
    403: fault('it was sent by a page of another origin, or under another name'),
    ...(body && { 413: fault('the body is too long'), 415: fault('the body is not JSON') }),
    500: fault('it failed'),
  };
}
