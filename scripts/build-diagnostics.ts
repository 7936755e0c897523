/** Writes docs/diagnostics.md, the list of faults with an example of each. */
import { writeFileSync } from 'node:fs';
import { diagnosticsPage } from './diagnostics/page.ts';

// Compiled, this file is dist/scripts/build-diagnostics.js.
writeFileSync(new URL('../../docs/diagnostics.md', import.meta.url), diagnosticsPage());
