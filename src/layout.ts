/**
 * Names the files that linkloom finds by their location. This module is directly in `src/`, so that the compiled tree
 * (`dist/src/layout.js`) and the bundle (`lib/src/…`, whose files are flat) see them by the same relative paths.
 */

/** The program that users call. */
export const MAIN_URL = new URL('./main.js', import.meta.url);

/** All of the program in one file. Only the bundler makes it. */
export const PROGRAM_URL = new URL('./program.js', import.meta.url);

/** The code of the threads of the pool. */
export const WORKER_URL = new URL('../workers/link-worker.js', import.meta.url);

/** The tasks that only look, for the thread that asks. The bundler puts them into the program. */
export const LOOKING_URL = new URL('../workers/tasks/looking.js', import.meta.url);

/** Short tasks that change something, for the thread that asks. The bundler puts them into the program. */
export const ACTING_URL = new URL('../workers/jobs/acting.js', import.meta.url);

/** The code of the thread that listens to the kernel. */
export const MONITOR_URL = new URL('../workers/link-monitor.js', import.meta.url);

/** The code of the thread that captures packets. */
export const CAPTURE_URL = new URL('../workers/capture-worker.js', import.meta.url);

/** The code of the thread that sends probes. */
export const PROBER_URL = new URL('../workers/link-prober.js', import.meta.url);

/** The code of the thread that plays timelines. */
export const PLAYER_URL = new URL('../workers/play/link-player.js', import.meta.url);

/** The code of the thread that waits for the end of who reads an output. */
export const READER_URL = new URL('../workers/waiting/reader-watch.js', import.meta.url);

/** The code of the thread that checks what is reached. */
export const CHECKER_URL = new URL('../workers/check/link-checker.js', import.meta.url);

/** The code of the thread that makes spare namespaces. */
export const STOCK_URL = new URL('../workers/netns-maker.js', import.meta.url);

/** The supervisor, which keeps a lab's programs running. */
export const SUPERVISOR_URL = new URL('./supervisor/main.js', import.meta.url);

/** The package's manifest, for its version. */
export const MANIFEST_URL = new URL('../../package.json', import.meta.url);

/** The page that shows a drawing, or a lab as it runs: a folder with index.html. Only the bundler makes it. */
export const PAGE_URL = new URL('../../lib/page/', import.meta.url);

/** The JSON Schema of the configuration. */
export const SCHEMA_URL = new URL('../../schema/network.schema.json', import.meta.url);

/** The JSON Schema of compose files with `x-network`, and of network files. */
export const COMPOSE_SCHEMA_URL = new URL('../../schema/compose.schema.json', import.meta.url);

/** The JSON Schema of timelines. */
export const TIMELINE_SCHEMA_URL = new URL('../../schema/timeline.schema.json', import.meta.url);

/** The API, as OpenAPI. */
export const API_SCHEMA_URL = new URL('../../schema/api.openapi.json', import.meta.url);
