/** Finds out whether a program of this machine can be run. It is looked for as execvp(3) does. */
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NOT_EXECUTABLE_STATUS, NOT_FOUND_STATUS } from '../../runtime/exec-start.ts';

/** `no`: it exists, but may not be executed. `interpreter`: it is a script whose `#!` line names a program that does not exist. */
type Executable = 'yes' | 'no' | 'missing' | { readonly interpreter: string };

/** `path` has the form of PATH. A program with a slash in its name is taken as a file's path. */
async function executable(program: string, path: string): Promise<Executable> {
  if (program === '') return 'missing';
  const files = program.includes('/')
    ? [program]
    : path.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, program));
  let found: Executable = 'missing';
  for (const file of files) {
    const isFile = await stat(file).then(
      (entry) => entry.isFile(),
      () => null,
    );
    if (isFile === null) continue;
    if (isFile && (await mayExecute(file))) return interpreted(file);
    found = 'no';
  }
  return found;
}

/** How many bytes of a script's first line the kernel reads (BINPRM_BUF_SIZE of linux/binfmts.h). */
const MAX_LINE = 256;

async function interpreted(file: string): Promise<Executable> {
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(await beginningOf(file))?.[1];
  if (interpreter === undefined) return 'yes';
  return stat(interpreter).then(
    () => 'yes',
    () => ({ interpreter }),
  );
}

/** The first bytes of a file; empty if the file may be executed but not read. */
async function beginningOf(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_LINE), 0, MAX_LINE, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch {
    return '';
  }
}

function mayExecute(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The reason why a program of this machine can't be started, with the status that a shell would return; null: it can. `path` has the form of PATH. */
export async function startFault(
  program: string,
  path: string,
): Promise<{ readonly status: number; readonly message: string } | null> {
  const where = program.includes('/') ? '' : ' in PATH';
  const found = await executable(program, path);
  if (typeof found !== 'string') {
    const message = `${program} is a script for ${found.interpreter}, which is not there`;
    return { status: NOT_FOUND_STATUS, message };
  }
  switch (found) {
    case 'yes':
      return null;
    case 'no':
      return { status: NOT_EXECUTABLE_STATUS, message: `${program}${where} can not be executed` };
    case 'missing':
      return { status: NOT_FOUND_STATUS, message: `there is no program ${program || '""'}${where}` };
  }
}
