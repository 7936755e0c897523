/** Places a picture in two steps: at once by what is cheap, then better, in a thread of its own. */
import { isRefinable, placesOf } from '../picture/layout/layout.ts';
import type { LayoutName } from '../picture/layout/names.ts';
import type { Placed } from '../picture/layout/shape.ts';
import { roomOf } from '../picture/measure.ts';
import type { Picture } from '../picture/picture.ts';
import type { LayoutReply, LayoutRequest } from './layout-worker.ts';

export class Placing {
  #worker: Worker | null = null;

  /** `onPlaces` is told at once, and again each time there is something better. A new call ends the last one. */
  start(picture: Picture, layout: LayoutName, onPlaces: (placed: Placed, isFinal: boolean) => void): void {
    this.#worker?.terminate();
    this.#worker = null;
    const room = roomOf(picture);
    const isFinal = !isRefinable(picture, room, layout);
    onPlaces(placesOf(picture, room, layout, { isCheap: true }), isFinal);
    if (isFinal) return;
    const source = document.getElementById('worker')?.textContent ?? '';
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const worker = new Worker(url);
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<LayoutReply>) => {
      if (this.#worker !== worker) return;
      onPlaces(data.placed, data.isFinal);
      if (!data.isFinal) return;
      worker.terminate();
      URL.revokeObjectURL(url);
    });
    worker.postMessage({ picture, layout } satisfies LayoutRequest);
  }
}
