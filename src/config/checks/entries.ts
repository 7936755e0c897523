/** Reads the checks of a section: each by its schema. Wrong keys are reported and left out. */
import type { Entry, Origin } from '../config.ts';
import type { Diagnostics } from '../diagnose.ts';
import { type Named, parsed } from '../entry.ts';
import { isMap, type Section } from '../extract.ts';
import { knownOnly } from '../nodes/known.ts';
import { MAX_NAME } from '../rules.ts';
import { quote, shortened } from '../text/excerpt.ts';
import { type CheckConfig, CheckSchema } from './schema.ts';

/** Adds what a section says under `checks:`. `skipped` are items that are left out, as `checks/INDEX`. */
export function validateChecks(
  section: Section,
  value: Readonly<Record<string, unknown>>,
  into: Entry<CheckConfig>[],
  skipped: ReadonlySet<string>,
  diagnostics: Diagnostics,
): void {
  const list = Object.hasOwn(value, 'checks') ? value['checks'] : null;
  if (list === null || list === undefined) return;
  const { source, path } = section;
  const below = [...path, 'checks'];
  if (section.service !== null) {
    diagnostics.add('node-key-under-service', 'checks: has no meaning under a service', {
      where: () => source.locate(below, 'key'),
      hint: 'move it to the x-network at the top of the file',
    });
  } else if (Array.isArray(list)) {
    for (const [at, item] of list.entries()) {
      const origin: Origin = { source, path: [...below, at] };
      if (!skipped.has(`checks/${at}`))
        addCheck(item, at, { origin, service: null, diagnostics, incomplete: [] }, into);
    }
  } else {
    diagnostics.add('wrong-type', `checks must be a list, not ${quote(list)}`, {
      where: () => source.locate(below),
      hint: 'begin each check with a dash, as in - {from: a, to: b}',
    });
  }
}

function addCheck(item: unknown, at: number, place: Omit<Named, 'label'>, into: Entry<CheckConfig>[]): void {
  if (!isMap(item)) {
    place.diagnostics.add('wrong-type', `checks[${at}] must be a map, not ${quote(item)}`, {
      where: () => place.origin.source.locate(place.origin.path),
      hint: 'write {from: a, to: b}, or the like',
    });
    return;
  }
  const named = { ...place, label: labelOf(item['name'], at) };
  const known = knownOnly(CheckSchema, item, [], named) as Readonly<Record<string, unknown>>;
  const entry = parsed(CheckSchema, known, named);
  if (entry.value.from !== undefined) into.push(entry);
}

/** The name of a check in messages. */
export function labelOf(name: unknown, at: number | string): string {
  return typeof name === 'string' && name !== '' ? 'check '.concat(shortened(name, MAX_NAME)) : `checks[${at}]`;
}
