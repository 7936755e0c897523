/** The API as OpenAPI 3.1, whose schemas are JSON Schema 2020-12, made from `src/api/routes.ts`. Nothing in `src/` imports it. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { RestartBody } from '../src/api/answers/asked.ts';
import { ErrorAnswer, SummaryAnswer } from '../src/api/answers/documents.ts';
import { ReadyAnswer } from '../src/api/answers/lab.ts';
import { SETTING_KEYS, SetBody, SetLinkBody } from '../src/api/answers/setting.ts';
import { type Answer, commonAnswers, ROUTES, type Route } from '../src/api/routes.ts';
import { formatted } from './schema/json-schema.ts';

type Json = { readonly [key: string]: unknown };

/** Schemas that many answers share, by the names that they have in the document. */
const SHARED: ReadonlyMap<v.GenericSchema, string> = new Map<v.GenericSchema, string>([
  [ErrorAnswer, 'Error'],
  [SummaryAnswer, 'Summary'],
  [ReadyAnswer, 'Ready'],
]);

/** Something is to be set, and not both states: what the schemas check by functions. */
const SOMETHING: Json = {
  anyOf: [
    ...['down', 'up'].map((key) => ({ required: [key], properties: { [key]: { const: true } } })),
    ...SETTING_KEYS.map((key) => ({ required: [key] })),
  ],
  not: { required: ['down', 'up'], properties: { down: { const: true }, up: { const: true } } },
};

const SOME_NODE: Json = {
  anyOf: [
    { required: ['names'], properties: { names: { minItems: 1 } } },
    { required: ['all'], properties: { all: { const: true } } },
  ],
};

const RULES: ReadonlyMap<v.GenericSchema, Json> = new Map<v.GenericSchema, Json>([
  [SetBody, SOMETHING],
  [SetLinkBody, SOMETHING],
  [RestartBody, SOME_NODE],
]);

/** The document as a file, formatted as the formatter of the project would. */
export function openApiText(): string {
  return formatted(openApi());
}

function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [operationId, route] of Object.entries<Route>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(operationId, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'linkloom',
      version: '1',
      summary: 'A running lab: how it is, what happens to it, and how to change it',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'http://localhost', description: 'by the socket /run/linkloom/LAB/api.sock, or as --listen says' },
    ],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries([...SHARED].map(([schema, name]) => [name, convert(schema)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function convert(schema: v.GenericSchema, typeMode: 'input' | 'output' = 'output'): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    errorMode: 'ignore',
    typeMode,
  }) as Json;
  return rest;
}

function operationOf(operationId: string, route: Route): Json {
  const { summary, params, query, headers, body, isOpen, answers } = route;
  const parameters = [
    ...parametersOf('path', params),
    ...parametersOf('query', query),
    ...parametersOf('header', headers),
  ];
  const all: readonly [string, Answer][] = Object.entries({ ...answers, ...commonAnswers(route) });
  return {
    operationId,
    summary,
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !v.is(body, {}),
        content: { 'application/json': { schema: { ...convert(body, 'input'), ...RULES.get(body) } } },
      },
    }),
    responses: Object.fromEntries(
      all.map(([status, { description, schema, type = 'application/json' }]) => [
        status,
        { description, content: { [type]: { schema: answerSchema(schema) } } },
      ]),
    ),
  };
}

function answerSchema(schema: Answer['schema']): Json {
  if (schema === null) return { type: 'string' };
  const name = SHARED.get(schema);
  return name === undefined ? convert(schema) : { $ref: `#/components/schemas/${name}` };
}

function parametersOf(place: 'path' | 'query' | 'header', schema: Route['params']): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = convert(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: place === 'header' ? headerName(name) : name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** `Last-Event-ID` of `last-event-id`. */
function headerName(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (_, before: string, letter: string) => `${before}${letter.toUpperCase()}`);
}
