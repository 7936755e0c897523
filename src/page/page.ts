/** Where the page begins: it shows the drawing that it carries, or the lab of the daemon that it came from. */
import { App } from './app.ts';
import { ownData } from './data.ts';
import { Live } from './live/live.ts';

const data = ownData();
if (data === null) new Live();
else new App().show(data.graph, data.layout);
