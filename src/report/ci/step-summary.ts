/** What GitHub shows below a job's log: a table in Markdown, of all that a verb has told. */
import { counted } from '../../counted.ts';
import type { LinkloomError } from '../../errors.ts';
import type { Event, LinkCounts, NodeCounts } from '../../events.ts';
import { subjectText } from '../../subject.ts';
import { durationText } from '../lines.ts';
import { STAGE_NOW, StageTimes } from '../reporters/stages.ts';

/** Most faults that are listed. A step's summary has at most 1 MiB. */
const FAULTS_MAX = 50;
/** Longest text of a cell, in characters. */
const CELL_MAX = 500;

interface Fault {
  readonly what: string;
  readonly why: string;
}

export class StepSummary {
  readonly #times = new StageTimes();
  readonly #rows = new Map<string, string>();
  readonly #faults: Fault[] = [];

  note(event: Event): void {
    switch (event.type) {
      case 'stage':
        this.#times.note(event);
        return;
      case 'summary':
        this.#ofSummary(event);
        return;
      case 'proved':
        this.#rows.set('Lab', event.lab);
        this.#rows.set('Wires', `${event.ok} proved, ${event.faults.length} at fault, ${event.notProved} not proved`);
        this.#faults.push(
          ...event.faults.map(({ link, state, message }) => ({ what: link, why: `${state}: ${message ?? ''}` })),
        );
        return;
      case 'ran':
        this.#rows.set('Program', `${event.argv.join(' ')}: status ${event.status}`);
        return;
      case 'failure':
        this.#faults.push({ what: subjectText(event.failure.subject), why: event.failure.message });
        return;
      default:
        return;
    }
  }

  threw({ message, diagnostics }: LinkloomError): void {
    for (const { severity, where, message: why } of diagnostics) {
      const what = where === undefined ? 'configuration' : `${where.file}:${where.line}:${where.column}`;
      if (severity === 'error') this.#faults.push({ what, why });
    }
    this.#faults.push({ what: 'linkloom', why: message });
  }

  /** The Markdown. null: nothing happened that is worth a table. */
  get text(): string | null {
    if (this.#rows.size === 0 && this.#faults.length === 0) return null;
    const { slowest } = this.#times;
    const slow =
      slowest === null ? [] : [['Slowest stage', `${STAGE_NOW[slowest.stage]}, ${durationText(slowest.elapsedMs)}`]];
    const rows = [...this.#rows, ...slow, ['Faults', String(this.#faults.length)]];
    const table = ['| | |', '| --- | --- |', ...rows.map(([name = '', value = '']) => `| ${name} | ${cell(value)} |`)];
    return `### linkloom\n\n${table.join('\n')}\n${this.#faultsText()}\n`;
  }

  #faultsText(): string {
    if (this.#faults.length === 0) return '';
    const shown = this.#faults.slice(0, FAULTS_MAX);
    const more = this.#faults.length - shown.length;
    const lines = shown.map(({ what, why }) => `| ${cell(what)} | ${cell(why)} |`);
    const rest = more > 0 ? `\nand ${counted(more, 'fault')} more\n` : '';
    return `\n| Where | Fault |\n| --- | --- |\n${lines.join('\n')}\n${rest}`;
  }

  #ofSummary({ verb, summary: { lab, links, nodes } }: Extract<Event, { type: 'summary' }>): void {
    this.#rows.set('Lab', lab);
    this.#rows.set(
      verb === 'up' ? 'Links' : 'Links removed',
      verb === 'up' ? countsText(links) : String(links.removed),
    );
    if (verb === 'up' && nodes.desired > 0) this.#rows.set('Nodes', countsText(nodes));
  }
}

function countsText({ desired, ...counts }: LinkCounts | NodeCounts): string {
  const done = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  return [`${desired} wanted`, ...done].join(', ');
}

/** Text that is one cell, and nothing but text, in GitHub's Markdown. */
function cell(text: string): string {
  const line = text.length > CELL_MAX ? `${text.slice(0, CELL_MAX)}…` : text;
  return line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~@]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/\s*\r?\n\s*/g, '<br>');
}
