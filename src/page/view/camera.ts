/** `view/` draws the picture on a canvas. This file: which part of it is seen, and how large. */
import type { Point, Size } from '../../picture/layout/shape.ts';

export interface Frame extends Point, Size {}

const LEAST_SCALE = 0.01;
const MOST_SCALE = 4;

/** `x`, `y`: the point of the picture in the middle of the canvas; `scale`: pixels of the screen per pixel of the picture. */
export class Camera {
  x = 0;
  y = 0;
  scale = 1;
  /** The size of the canvas in pixels of the page. */
  width = 1;
  height = 1;

  toScreen({ x, y }: Point): Point {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }

  toPicture({ x, y }: Point): Point {
    return { x: (x - this.width / 2) / this.scale + this.x, y: (y - this.height / 2) / this.scale + this.y };
  }

  /** The part of the picture that is seen, as corner and size. */
  get seen(): Frame {
    const corner = this.toPicture({ x: 0, y: 0 });
    return { ...corner, width: this.width / this.scale, height: this.height / this.scale };
  }

  moveBy(dx: number, dy: number): void {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** Enlarges by a factor; the given point of the screen stays where it is. */
  zoomAt(at: Point, factor: number): void {
    const before = this.toPicture(at);
    this.scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, this.scale * factor));
    const after = this.toPicture(at);
    this.x += before.x - after.x;
    this.y += before.y - after.y;
  }

  /** Shows a part of the picture whole, enlarged at most to `most`. */
  show({ x, y, width, height }: Frame, most = 1.25): void {
    this.x = x + width / 2;
    this.y = y + height / 2;
    const fit = Math.min((this.width - 40) / Math.max(width, 1), (this.height - 40) / Math.max(height, 1));
    this.scale = Math.min(most, Math.max(LEAST_SCALE, fit));
  }
}
