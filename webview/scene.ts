/** A drawing as data: what a canvas shows and an SVG file holds are made of the same. Pure. */
import type { MarkKind, SpanKind } from './timeline-view.ts';

/** What a colour stands for; the page takes the colours themselves from the theme. */
export type Tone = SpanKind | MarkKind | 'text' | 'faint' | 'series' | 'chosen' | 'background';

export type Shape =
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly tone: Tone;
    }
  /** Coordinates by turns: x, y, x, y, … */
  | { readonly kind: 'line'; readonly points: readonly number[]; readonly tone: Tone; readonly thickness: number }
  /** Closed. */
  | { readonly kind: 'area'; readonly points: readonly number[]; readonly tone: Tone }
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly tone: Tone;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly size: number;
    };

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

export type Palette = { readonly [tone in Tone]: string };

/** The scene as an SVG file of its own. */
export function sceneSvg({ width, height, shapes }: Scene, palette: Palette, title: string): string {
  const body = shapes.map((shape) => element(shape, palette)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="${escaped(palette.background)}"/>
${body}
</svg>
`;
}

function element(shape: Shape, palette: Palette): string {
  const color = escaped(palette[shape.tone]);
  switch (shape.kind) {
    case 'rect':
      return `<rect x="${short(shape.x)}" y="${short(shape.y)}" width="${short(shape.width)}" height="${short(shape.height)}" fill="${color}"/>`;
    case 'line':
      return `<polyline points="${pairs(shape.points)}" fill="none" stroke="${color}" stroke-width="${shape.thickness}"/>`;
    case 'area':
      return `<polygon points="${pairs(shape.points)}" fill="${color}"/>`;
    case 'text':
      return `<text x="${short(shape.x)}" y="${short(shape.y)}" font-size="${shape.size}" text-anchor="${shape.anchor}" fill="${color}">${escaped(shape.text)}</text>`;
  }
}

const short = (value: number) => String(Math.round(value * 100) / 100);

function pairs(points: readonly number[]): string {
  const words: string[] = [];
  for (let index = 0; index + 1 < points.length; index += 2) {
    words.push(`${short(points[index] ?? 0)},${short(points[index + 1] ?? 0)}`);
  }
  return words.join(' ');
}

const entities: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text and attributes; what XML does not allow at all becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '');
}

/** Draws the scene; the context's units are those of the scene. */
export function drawScene(
  context: CanvasRenderingContext2D,
  { width, height, shapes }: Scene,
  palette: Palette,
  font: string,
): void {
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'alphabetic';
  shapes.forEach((shape, index) => {
    if (shape.kind === 'area') {
      const [before, after] = [shapes[index - 1], shapes[index + 1]];
      // Signs of one kind follow each other by hundreds: they are filled at once.
      if (before?.kind !== 'area' || before.tone !== shape.tone) context.beginPath();
      trace(context, shape.points);
      context.closePath();
      if (after?.kind === 'area' && after.tone === shape.tone) return;
    }
    context.fillStyle = palette[shape.tone];
    if (shape.kind === 'area') context.fill();
    else if (shape.kind === 'rect') context.fillRect(shape.x, shape.y, shape.width, shape.height);
    else if (shape.kind === 'text') {
      context.font = `${shape.size}px ${font}`;
      context.textAlign = shape.anchor === 'middle' ? 'center' : shape.anchor;
      context.fillText(shape.text, shape.x, shape.y);
    } else {
      context.beginPath();
      trace(context, shape.points);
      context.strokeStyle = palette[shape.tone];
      context.lineWidth = shape.thickness;
      context.stroke();
    }
  });
}

function trace(context: CanvasRenderingContext2D, points: readonly number[]): void {
  context.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let index = 2; index + 1 < points.length; index += 2) context.lineTo(points[index] ?? 0, points[index + 1] ?? 0);
}
