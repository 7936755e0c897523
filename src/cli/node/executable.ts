/** Whether a program can be run, looked for as execvp(3) does. */
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** `no`: it is there, but is no file that may be executed. */
export type Executable = 'yes' | 'no' | 'missing';

/** `path` is a PATH; a program with a slash in it is a file, and not looked for. */
export async function executable(program: string, path: string): Promise<Executable> {
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
    if (isFile && (await mayExecute(file))) return 'yes';
    found = 'no';
  }
  return found;
}

function mayExecute(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
