/** JUnit's XML, as CI systems read it: a suite of cases, each passed, failed or skipped. */

/** One case. Neither `failure` nor `skipped`: it passed. */
export interface JunitCase {
  readonly name: string;
  /** What it belongs to; CI systems group by it. */
  readonly group: string;
  /** `kind` is one word; `message` one line; `details` any text. */
  readonly failure?: { readonly kind: string; readonly message: string; readonly details: string };
  /** Why it was not tried. */
  readonly skipped?: string;
  /** Default: no time is given. */
  readonly seconds?: number;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
  readonly seconds: number;
}

/** The whole document. */
export function junitXml(suites: readonly JunitSuite[]): string {
  const body = suites.map(suiteXml).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body}</testsuites>\n`;
}

function suiteXml({ name, cases, seconds }: JunitSuite): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  const counts = { tests: cases.length, failures, errors: 0, skipped, time: seconds.toFixed(3) };
  return `  <testsuite${attributes({ name, ...counts })}>\n${cases.map(caseXml).join('')}  </testsuite>\n`;
}

function caseXml({ name, group, failure, skipped, seconds }: JunitCase): string {
  const head = `    <testcase${attributes({ name, classname: group, ...(seconds !== undefined && { time: seconds.toFixed(3) }) })}`;
  if (failure !== undefined) {
    const { kind, message, details } = failure;
    return `${head}>\n      <failure${attributes({ type: kind, message })}>${escaped(details)}</failure>\n    </testcase>\n`;
  }
  if (skipped === undefined) return `${head}/>\n`;
  return `${head}>\n      <skipped${attributes({ message: skipped })}/>\n    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('"', '&quot;')}"`)
    .join('');
}

/** Characters that XML 1.0 does not have, not even escaped (section 2.2). */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escaped(text: string): string {
  return text.replace(NO_XML, '\u{fffd}').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
