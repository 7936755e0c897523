/** Whether a program can be run, looked for as execvp(3) does. */
import { access, constants, open, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NOT_EXECUTABLE_STATUS, NOT_FOUND_STATUS } from '../../runtime/exec-start.ts';

/** `no`: it is there, but is no file that may be executed. `interpreter`: a script whose `#!` names a program that is not there. */
type Executable = 'yes' | 'no' | 'missing' | { readonly interpreter: string };

/** `path` is a PATH; a program with a slash in it is a file, and not looked for. */
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

/** Bytes of a first line that the kernel looks at (BINPRM_BUF_SIZE of linux/binfmts.h). */
const MAX_LINE = 256;

async function interpreted(file: string): Promise<Executable> {
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(await beginningOf(file))?.[1];
  if (interpreter === undefined) return 'yes';
  return stat(interpreter).then(
    () => 'yes',
    () => ({ interpreter }),
  );
}

/** Empty where the file may be executed but not read. */
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

/** Why a program of this machine can't be started, as shells put it; null: it can. `path` is a PATH. */
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
