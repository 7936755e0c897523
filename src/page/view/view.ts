/** The canvas: draws the scene when something has changed, and follows pointer, wheel and keys. */
import { THEMES } from '../../picture/colours.ts';
import type { Point } from '../../picture/layout/shape.ts';
import { Camera, type Frame } from './camera.ts';
import { type Names, paint } from './paint.ts';
import type { Pick, Scene } from './scene.ts';

/** Labels are placed anew once the picture has stood still for so long. */
const STILL_MS = 120;
/** How near in pixels of the page the pointer has to be. */
const REACH = 6;
const KEY_STEP = 60;
const KEY_ZOOM = 1.25;

export interface ViewEvents {
  readonly onHover: (pick: Pick | null) => void;
  readonly onPick: (pick: Pick | null) => void;
}

export class View {
  readonly camera = new Camera();
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #events: ViewEvents;
  readonly #names: Names = { scale: 0, boxes: new Set() };
  #scene: Scene;
  #theme: 'light' | 'dark' = 'light';
  #frame = 0;
  #still: ReturnType<typeof setTimeout> | undefined;
  #isMoving = false;
  /** Whether somebody has moved the picture: from then on it is not fitted by itself. */
  isMoved = false;

  constructor(canvas: HTMLCanvasElement, scene: Scene, events: ViewEvents) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('this browser has no canvas');
    this.#canvas = canvas;
    this.#context = context;
    this.#scene = scene;
    this.#events = events;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
    this.#followPointer();
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  set scene(scene: Scene) {
    this.#scene = scene;
    this.settle();
  }

  set theme(theme: 'light' | 'dark') {
    this.#theme = theme;
    this.redraw();
  }

  /** Draws in the next frame. */
  redraw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const look = { theme: THEMES[this.#theme], ratio: devicePixelRatio, isMoving: this.#isMoving };
      paint(this.#context, this.#scene, this.camera, look, this.#names);
    });
  }

  /** Places labels for what is seen now, and draws. */
  settle(): void {
    this.#isMoving = false;
    if (this.camera.scale >= 0.7) this.#scene.placeLabels(this.camera.seen);
    this.redraw();
  }

  fit(): void {
    this.isMoved = false;
    this.camera.show(this.#scene.whole);
    this.settle();
  }

  show(frame: Frame): void {
    this.isMoved = true;
    const margin = 60;
    this.camera.show({
      x: frame.x - margin,
      y: frame.y - margin,
      width: frame.width + 2 * margin,
      height: frame.height + 2 * margin,
    });
    this.settle();
  }

  zoom(factor: number): void {
    this.camera.zoomAt({ x: this.camera.width / 2, y: this.camera.height / 2 }, factor);
    this.#moved();
  }

  #moved(): void {
    this.isMoved = true;
    this.#isMoving = true;
    this.redraw();
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.settle(), STILL_MS);
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.#canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    Object.assign(this.camera, { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) });
    if (!this.isMoved) this.camera.show(this.#scene.whole);
    this.settle();
  }

  #pointOf(event: MouseEvent): Point {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #pickAt(event: MouseEvent): Pick | null {
    return this.#scene.at(this.camera.toPicture(this.#pointOf(event)), REACH / this.camera.scale);
  }

  #followPointer(): void {
    const canvas = this.#canvas;
    let from: Point | null = null;
    let travelled = 0;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      from = this.#pointOf(event);
      travelled = 0;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (from === null) {
        const pick = this.#pickAt(event);
        canvas.style.cursor = pick === null ? 'grab' : 'pointer';
        this.#events.onHover(pick);
        return;
      }
      const to = this.#pointOf(event);
      travelled += Math.hypot(to.x - from.x, to.y - from.y);
      this.camera.moveBy(to.x - from.x, to.y - from.y);
      from = to;
      canvas.style.cursor = 'grabbing';
      this.#moved();
    });
    canvas.addEventListener('pointerup', (event) => {
      const wasDown = from !== null;
      from = null;
      canvas.style.cursor = 'grab';
      if (wasDown && travelled < 4) this.#events.onPick(this.#pickAt(event));
    });
    canvas.addEventListener('pointercancel', () => {
      from = null;
    });
    canvas.addEventListener('pointerleave', () => this.#events.onHover(null));
    canvas.addEventListener('dblclick', (event) => {
      this.camera.zoomAt(this.#pointOf(event), 2);
      this.#moved();
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.camera.zoomAt(this.#pointOf(event), Math.exp(-event.deltaY / 500));
        this.#moved();
      },
      { passive: false },
    );
  }

  #onKey(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [KEY_STEP, 0],
      ArrowRight: [-KEY_STEP, 0],
      ArrowUp: [0, KEY_STEP],
      ArrowDown: [0, -KEY_STEP],
    };
    const move = moves[event.key];
    if (move) {
      this.camera.moveBy(...move);
      this.#moved();
    } else if (event.key === '+' || event.key === '=') this.zoom(KEY_ZOOM);
    else if (event.key === '-') this.zoom(1 / KEY_ZOOM);
    else if (event.key === '0') this.fit();
    else return;
    event.preventDefault();
  }
}
