/** What answers the requests to one route. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { HostsFigures } from '../../daemon/asked/hosts-figures.ts';
import type { Recorder } from './recorder.ts';

/** What handlers work with. */
export interface Serving {
  readonly control: LabControl;
  readonly recorder: Recorder;
  /** Figures of a lab over several hosts. undefined: it is on this one. */
  readonly hosts: (() => HostsFigures) | undefined;
  /** Aborts when streams are to end. */
  readonly ending: AbortSignal;
}

export interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The body, as its schema has made it. */
  readonly asked: unknown;
}

/** Sends an answer. What it throws is sent as an error. */
export type Handler = (asked: Asked) => Promise<void>;
