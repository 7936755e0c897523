/** The program: runs the command line of this process. */
import { isBare, run } from './cli/run.ts';
import { runProcess } from './cli/start/process.ts';

const words = process.argv.slice(2);
void runProcess(isBare(words), (context) => run(words, context));
