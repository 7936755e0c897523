/** Where the page begins: it shows the drawing that it carries. */
import { pictureOf } from '../picture/picture.ts';
import { App } from './app.ts';
import { ownData } from './data.ts';

const data = ownData();
if (data !== null) new App().show(pictureOf(data.graph), data.layout);
