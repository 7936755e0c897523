/** The thread that places the picture. The page goes on meanwhile, and is told how things stand. */
import { placesOf } from '../picture/layout/layout.ts';
import type { LayoutName } from '../picture/layout/names.ts';
import type { Placed } from '../picture/layout/shape.ts';
import { roomOf } from '../picture/measure.ts';
import type { Picture } from '../picture/picture.ts';

export interface LayoutRequest {
  readonly picture: Picture;
  readonly layout: LayoutName;
}

export interface LayoutReply {
  readonly placed: Placed;
  readonly isFinal: boolean;
}

/** Between two replies on the way. */
const EACH_MS = 400;

addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  let told = performance.now();
  const reply = (placed: Placed, isFinal: boolean): void => postMessage({ placed, isFinal } satisfies LayoutReply);
  const placed = placesOf(data.picture, roomOf(data.picture), data.layout, {
    onRound: (places) => {
      if (performance.now() - told < EACH_MS) return;
      told = performance.now();
      reply(places, false);
    },
  });
  reply(placed, true);
});
