/** The routes on fastify: what is asked is checked by the same schemas that OpenAPI is made of. */
import { createServer, type RequestListener } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import * as v from 'valibot';
import { type ErrorCode, LinkloomError } from '../../errors.ts';
import { asLinkloomError, errorJson } from '../../report/errors.ts';
import { commandLine } from '../../verb-names.ts';
import { ROUTES, type Route, type RouteName } from '../routes.ts';
import type { Handler, Serving } from './handler.ts';
import { handlersOf } from './handlers.ts';
import { PAGE_HEADERS, pageFile } from './page.ts';

/** Of a batch of settings for some 10,000 links. */
const BODY_MAX_BYTES = 4 * 1024 * 1024;
/** More than Node.js takes of a request's head (16 KiB), so that what is too long is refused by the parameter's own schema. */
const PARAM_MAX_LENGTH = 16 * 1024;

/** The HTTP status of each kind of failure; of all others 500. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  E_USAGE: 400,
  E_NODE_MISSING: 404,
  E_LOCKED: 409,
  E_ELSEWHERE: 409,
  E_INTERRUPTED: 409,
  E_FOREIGN_DEVICE: 409,
  E_CONFIG: 422,
  E_CLASH: 422,
  E_FEATURE: 422,
};

/** What answers the requests of a server that is not fastify's own. */
export async function openApp(serving: Serving): Promise<RequestListener> {
  let answer: RequestListener = () => {};
  const app = fastify({
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: PARAM_MAX_LENGTH, caseSensitive: true },
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => sendError(reply, failureOf(error, request), statusOf(error)),
    serverFactory: (handler) => {
      answer = handler as RequestListener;
      return createServer();
    },
  });
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler<v.GenericSchema>(
    ({ schema }) =>
      (value) =>
        checked(schema, value),
  );
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => sendError(reply, failureOf(error, request), statusOf(error)));
  // Before a body is looked at: what there is not is no matter of the body.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? notFound(request, reply) : undefined));
  const handlers = handlersOf(serving);
  for (const name of Object.keys(ROUTES) as RouteName[]) addRoute(app, ROUTES[name], handlers[name]);
  await app.ready();
  return answer;
}

function addRoute(app: FastifyInstance, route: Route, handler: Handler): void {
  const { method, path, params, query, headers, body } = route;
  app.route({
    method,
    url: fastifyPath(path),
    schema: {
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(headers && { headers }),
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
      // Without a body there is nothing that the validator would be called for.
      const asked = body === undefined ? undefined : bodyOf(body, request.body);
      await handler({ request, reply, asked });
      return reply;
    },
  });
}

function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function checked(schema: v.GenericSchema, value: unknown): { value: unknown } | { error: Error } {
  const result = v.safeParse(schema, value);
  return result.success ? { value: result.output } : { error: new LinkloomError('E_USAGE', faultsIn(result.issues)) };
}

/** The body of a request; none is an empty one. A list passes for a map in the schema's eyes, so it is refused here. */
function bodyOf(schema: v.GenericSchema, value: unknown): unknown {
  if (Array.isArray(value)) throw new LinkloomError('E_USAGE', 'the whole: must be a JSON object, not a list');
  const result = v.safeParse(schema, value === undefined ? {} : value);
  if (result.success) return result.output;
  throw new LinkloomError('E_USAGE', faultsIn(result.issues));
}

function faultsIn(issues: readonly v.BaseIssue<unknown>[]): string {
  const texts = issues.map((issue) => `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
  return [...new Set(texts)].join('; ');
}

/** Fastify's own errors (a body that is no JSON) have a status; linkloom's have one by their code. */
function statusOf(error: unknown): number {
  if (error instanceof LinkloomError) return STATUS[error.code] ?? 500;
  const { statusCode } = error as { readonly statusCode?: number };
  return statusCode ?? 500;
}

function failureOf(error: unknown, { method, url }: FastifyRequest): LinkloomError {
  const isAskers = !(error instanceof LinkloomError) && statusOf(error) < 500;
  if (!isAskers) return asLinkloomError(error);
  const hint =
    statusOf(error) === 415 ? 'send a JSON object, with the header Content-Type: application/json' : undefined;
  return new LinkloomError('E_USAGE', `${method} ${url}: ${(error as Error).message}`, { ...(hint && { hint }) });
}

function sendError(reply: FastifyReply, failure: LinkloomError, status: number): void {
  reply.code(status).header('cache-control', 'no-store').send(errorJson(failure));
}

/** Static files of the page, then paths that are there for another method, then nothing. */
function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = '/'] = request.url.split('?');
  const isGet = request.method === 'GET' || request.method === 'HEAD';
  const file = isGet ? pageFile(path) : null;
  if (file !== null) return reply.headers(PAGE_HEADERS).type(file.type).send(file.bytes);
  const allowed = methodsOf(path);
  if (allowed.length === 0) {
    sendError(
      reply,
      new LinkloomError('E_USAGE', `there is no ${path}`, { hint: `${commandLine('schema', '--api')} has all` }),
      404,
    );
    return reply;
  }
  const message = `${path} takes ${allowed.join(', ')}, not ${request.method}`;
  sendError(reply.header('allow', allowed.join(', ')), new LinkloomError('E_USAGE', message), 405);
  return reply;
}

function methodsOf(path: string): readonly string[] {
  if (pageFile(path) !== null) return ['GET', 'HEAD'];
  return Object.values(ROUTES).flatMap((route) => (patternOf(route.path).test(path) ? [route.method] : []));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
