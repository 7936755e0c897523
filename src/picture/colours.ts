/** The colours of pictures, on a light and on a dark ground. Text on its ground has a contrast of at least 4.5 (WCAG 2.1, 1.4.3). */
import type { BoxKind } from './picture.ts';

export interface Theme {
  readonly ground: string;
  readonly text: string;
  readonly muted: string;
  readonly edge: string;
  readonly impair: string;
  readonly down: string;
  readonly accent: string;
  /** Fill and border of each kind of box. */
  readonly boxes: Readonly<Record<BoxKind, readonly [fill: string, border: string]>>;
}

const GREEN = ['#e3f3e8', '#2f7d4f'] as const;
const DARK_GREEN = ['#1d3527', '#5fbf85'] as const;

export const THEMES: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    ground: '#ffffff',
    text: '#1b1f24',
    muted: '#59626d',
    edge: '#8792a2',
    impair: '#a34a00',
    down: '#c9222f',
    accent: '#0b63ce',
    boxes: {
      node: GREEN,
      service: GREEN,
      container: GREEN,
      netns: ['#e7effb', '#3d6db5'],
      bridge: ['#efe7fa', '#7a55b5'],
      host: ['#f0f0ec', '#70706a'],
      remote: ['#dff5f7', '#1f8a99'],
      group: ['#fdf0d8', '#b07a1e'],
    },
  },
  dark: {
    ground: '#14181d',
    text: '#e8ebef',
    muted: '#a2abb7',
    edge: '#67717f',
    impair: '#ffb067',
    down: '#ff6b70',
    accent: '#7ab7ff',
    boxes: {
      node: DARK_GREEN,
      service: DARK_GREEN,
      container: DARK_GREEN,
      netns: ['#1c2b45', '#79a6ea'],
      bridge: ['#30244a', '#b794f0'],
      host: ['#2a2b2c', '#a6a69f'],
      remote: ['#123338', '#55c3d2'],
      group: ['#3d2f12', '#e2b35c'],
    },
  },
};
