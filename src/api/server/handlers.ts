/** What each route does. */
import { readFileSync } from 'node:fs';
import type * as v from 'valibot';
import { isHealthy } from '../../daemon/asked/condition.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import { statusIn } from '../../lab/verbs/status.ts';
import { verifyLab } from '../../lab/verify/verify.ts';
import { MANIFEST_URL } from '../../layout.ts';
import { graphOf } from '../../report/graph/model.ts';
import { hostProofJson, proofJson } from '../../report/proof/json.ts';
import { linkJson, statusJson } from '../../report/status.ts';
import type { VerifyAsked } from '../answers/asked.ts';
import type { HealthAnswer, ReadyAnswer } from '../answers/lab.ts';
import type { RouteName } from '../routes.ts';
import { changingHandlers } from './changing.ts';
import type { Handler, Serving } from './handler.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { noLink } from './setting.ts';
import { streamEvents } from './stream.ts';

export function handlersOf(serving: Serving): Readonly<Record<RouteName, Handler>> {
  const { control, recorder, hosts, ending } = serving;
  const { version } = JSON.parse(readFileSync(MANIFEST_URL, 'utf8')) as { version: string };
  let metrics: Metrics | null = null;
  return {
    healthz: async ({ reply }) => void reply.send(healthOf(control, version)),
    readyz: async ({ reply }) => {
      const ready = readyOf(control);
      reply.code(ready.ready ? 200 : 503).send(ready);
    },
    metrics: async ({ reply }) => {
      metrics ??= metricsOf(control, recorder, hosts);
      reply.type(metrics.contentType).send(await metrics.text());
    },
    topology: async ({ reply }) => void reply.send(topologyOf(control)),
    links: async ({ reply }) => void reply.send(statusJson(await statusOf(control))),
    link: async ({ request, reply }) => {
      const { id } = request.params as { id: string };
      reply.send(await linkOf(control, id));
    },
    events: async ({ request, reply }) => {
      const { after } = request.query as { after?: string };
      const last = after ?? request.headers['last-event-id'];
      await streamEvents(control.log, reply, last === undefined ? undefined : Number(last), ending);
    },
    verify: async ({ reply, asked }) => void reply.send(await proofOf(serving, asked as VerifyAsked)),
    ...changingHandlers(serving),
  };
}

function healthOf({ lab, atEnd }: LabControl, version: string): v.InferOutput<typeof HealthAnswer> {
  const uptimeMs = Math.round(performance.now());
  return { schemaVersion: 1, lab, pid: process.pid, version, atEnd, uptimeMs };
}

function readyOf(control: LabControl): v.InferOutput<typeof ReadyAnswer> {
  const condition = control.condition();
  const { isPassed, lost, failing, waiting } = condition;
  const ready = isHealthy(condition);
  return { schemaVersion: 1, lab: control.lab, ready, passed: isPassed, lost, failing, waiting } as v.InferOutput<
    typeof ReadyAnswer
  >;
}

function topologyOf(control: LabControl): object {
  const { topology, fileNames, revision } = control.session();
  return { schemaVersion: 1, lab: topology.lab, files: fileNames, revision, graph: graphOf(topology) };
}

function statusOf(control: LabControl): ReturnType<typeof statusIn> {
  return control.looking((session) => statusIn(session, () => {}));
}

/** Between two passes, so that no link is at fault because it is being changed. */
async function proofOf({ control, hosts, ending }: Serving, { links, timeoutS }: VerifyAsked): Promise<object> {
  const startedMs = performance.now();
  const io = { emit: () => {}, signal: ending };
  const proof = await control.looking((session) => verifyLab(session, { links, timeoutMs: timeoutS * 1000 }, io));
  const timings = { totalMs: Math.round(performance.now() - startedMs) };
  return hosts === undefined ? proofJson(proof, timings) : hostProofJson(proof, hosts(), timings);
}

async function linkOf(control: LabControl, id: string): Promise<object> {
  const report = await statusOf(control);
  const link = report.links.find((one) => one.link === id);
  if (link !== undefined) return { schemaVersion: 1, lab: report.lab, link: linkJson(report, link) };
  throw noLink(report.lab, id);
}
