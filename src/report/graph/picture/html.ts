/** A drawing as an HTML page with a picture that can be moved, enlarged and searched. The page loads nothing from elsewhere. */
import type { Graph } from '../model.ts';
import { escaped, svgText } from './svg.ts';

const STYLE = `
  body { margin: 0; font: 14px system-ui, sans-serif; background: #fff; color: #1c1c1c }
  header { display: flex; gap: 1em; align-items: center; padding: .5em 1em; border-bottom: 1px solid #ccc }
  h1 { font-size: 1em; margin: 0 }
  svg { width: 100vw; height: calc(100vh - 3.2em); cursor: grab; touch-action: none }
  .edge.lit { stroke: #c2410c; stroke-width: 3 }
  [data-id].lit rect { stroke: #c2410c; stroke-width: 3 }
  .dim { opacity: .25 }`;

/** The wheel zooms at the pointer, dragging moves the picture, and pointing at a device highlights its links and their other ends. */
const SCRIPT = `
  const svg = document.querySelector('svg');
  const view = svg.viewBox.baseVal;
  const edges = [...svg.querySelectorAll('.edge')];
  const devices = [...svg.querySelectorAll('[data-id]')];
  const unit = () => Math.max(view.width / svg.clientWidth, view.height / svg.clientHeight);
  svg.addEventListener('wheel', (event) => {
    event.preventDefault();
    const factor = Math.exp(event.deltaY / 500);
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    view.x = at.x + (view.x - at.x) * factor;
    view.y = at.y + (view.y - at.y) * factor;
    view.width *= factor;
    view.height *= factor;
  }, { passive: false });
  svg.addEventListener('pointermove', (event) => {
    if (event.buttons !== 1) return;
    view.x -= event.movementX * unit();
    view.y -= event.movementY * unit();
  });
  svg.addEventListener('pointerover', (event) => {
    const id = event.target.closest('[data-id]')?.dataset.id;
    const own = edges.filter((edge) => id !== undefined && [edge.dataset.from, edge.dataset.to].includes(id));
    const ends = new Set(own.flatMap((edge) => [edge.dataset.from, edge.dataset.to]));
    for (const edge of edges) edge.classList.toggle('lit', own.includes(edge));
    for (const device of devices) device.classList.toggle('lit', ends.has(device.dataset.id));
  });
  document.querySelector('input').addEventListener('input', ({ target }) => {
    const wanted = target.value.toLowerCase();
    for (const device of devices) {
      const text = (device.dataset.id + ' ' + device.textContent).toLowerCase();
      device.classList.toggle('dim', !text.includes(wanted));
    }
  });`;

/** The page as text. It ends with a line break. */
export function htmlText(graph: Graph): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<title>${escaped(graph.lab)}</title>`,
    `<style>${STYLE}`,
    '</style>',
    '</head>',
    '<body>',
    `<header><h1>${escaped(graph.lab)}</h1><input type="search" placeholder="find a device or an address"></header>`,
    svgText(graph).trimEnd(),
    `<script>${SCRIPT}`,
    '</script>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
