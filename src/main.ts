#!/usr/bin/env node
/** The bin: the words of the command line in, the exit status out. The only file that may end the process. */
import { isBare, run } from './cli/run.ts';
import { sinkOf } from './report/output.ts';

const words = process.argv.slice(2);
process.exitCode = await run(words, {
  out: sinkOf(process.stdout, process.env),
  err: sinkOf(process.stderr, process.env),
  env: process.env,
  stop: { received: null },
  bare: isBare(words),
  exitNow: (status) => process.exit(status),
});
