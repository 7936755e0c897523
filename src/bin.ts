#!/usr/bin/env node
/**
 * The program that users call (in the bundle `lib/src/main.js`). It checks the version of Node.js before any of linkloom is loaded.
 * Old versions must be able to parse it, so it imports nothing statically, and has no syntax later than ECMAScript 5 but the
 * dynamic import, which Node.js 10 parses. The versions are those of `engines` in package.json.
 */

/** The least minor version of each major version that is supported. Of later major versions all are. */
var LEAST_MINOR = { '20': 19, '22': 12 } as { [major: string]: number | undefined };
var LATER_MAJOR = 24;
/** The value of `EXIT.environment`, which can't be imported. */
var ENVIRONMENT_STATUS = 3;

var parts = process.versions.node.split('.');
var leastMinor = LEAST_MINOR[String(parts[0])];
if (Number(parts[0]) >= LATER_MAJOR || (leastMinor !== undefined && Number(parts[1]) >= leastMinor)) {
  // Warnings of Node.js are for developers of linkloom. Its tests ask for them, and fail if there is one.
  if (!('traceProcessWarnings' in process && process.traceProcessWarnings)) process.removeAllListeners('warning');
  void import('./main.ts');
} else {
  process.stderr.write(
    'ERROR: linkloom needs Node.js 20.19 or later of 20, 22.12 or later of 22, or 24 and later; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ')\n  hint: install a later Node.js, and call linkloom with it\n',
  );
  process.exitCode = ENVIRONMENT_STATUS;
}
