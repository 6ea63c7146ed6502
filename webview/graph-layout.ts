/** Places the steps of a workflow in layers, so that each stands below all that it needs. Pure. */

export interface GraphStep {
  readonly key: string;
  /** Keys of steps; what is not among the steps counts for nothing. */
  readonly needs: readonly string[];
  readonly isCleanup: boolean;
}

/** In pixels, from the top left. */
export interface PlacedStep {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  /** Data of an SVG path. */
  readonly path: string;
}

export interface GraphLayout {
  readonly steps: readonly PlacedStep[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
  /** Where the clean-up begins; absent: there is none. */
  readonly cleanupTop?: number;
}

export const stepWidth = 210;
export const stepHeight = 52;
const columnGap = 28;
const rowGap = 44;
const margin = 16;
/** Above the clean-up: its heading. */
const bandGap = 60;
/** An edge that passes by a layer needs this much room there. */
const passingWidth = 24;
const sweeps = 6;

/** A step, or the place where an edge passes by a layer. */
interface Vertex {
  readonly key?: string;
  readonly width: number;
  /** Vertices of the layer before and of the next one that it is connected with. */
  readonly above: Vertex[];
  readonly below: Vertex[];
  x: number;
  y: number;
}

interface Route {
  readonly from: string;
  readonly to: string;
  readonly through: readonly Vertex[];
}

export function layoutGraph(steps: readonly GraphStep[]): GraphLayout {
  const main = layoutBand(steps.filter(({ isCleanup }) => !isCleanup));
  const cleanup = layoutBand(steps.filter(({ isCleanup }) => isCleanup));
  const width = Math.max(main.width, cleanup.width) + 2 * margin;
  const cleanupTop = margin + main.height + (main.height > 0 ? bandGap : rowGap);
  const placed = [
    ...placeBand(main, (width - main.width) / 2, margin),
    ...placeBand(cleanup, (width - cleanup.width) / 2, cleanupTop),
  ];
  const hasCleanup = cleanup.layers.length > 0;
  return {
    steps: placed,
    edges: [...main.routes, ...cleanup.routes].map(({ from, to, through }) => ({ from, to, path: curve(through) })),
    width,
    height: (hasCleanup ? cleanupTop + cleanup.height : margin + main.height) + margin,
    ...(hasCleanup ? { cleanupTop } : {}),
  };
}

interface Band {
  readonly layers: readonly (readonly Vertex[])[];
  readonly routes: readonly Route[];
  readonly width: number;
  readonly height: number;
}

function layoutBand(steps: readonly GraphStep[]): Band {
  const layerOf = layersOf(steps);
  const layers: Vertex[][] = [];
  const add = (layer: number, vertex: Vertex) => {
    const row = layers[layer] ?? [];
    layers[layer] = row;
    row.push(vertex);
    return vertex;
  };
  const vertices = new Map<string, Vertex>();
  for (const { key } of steps) vertices.set(key, add(layerOf.get(key) ?? 0, newVertex(stepWidth, key)));
  const routes: Route[] = [];
  for (const { key, needs } of steps) {
    for (const need of new Set(needs)) {
      const [from, to] = [vertices.get(need), vertices.get(key)];
      const [first, last] = [layerOf.get(need) ?? 0, layerOf.get(key) ?? 0];
      // What would lead upwards is part of a circle, which no run can have.
      if (!from || !to || first >= last) continue;
      const passing = Array.from({ length: last - first - 1 }, (_, index) =>
        add(first + 1 + index, newVertex(passingWidth)),
      );
      const through = [from, ...passing, to];
      through.forEach((vertex, index) => {
        const next = through[index + 1];
        if (!next) return;
        vertex.below.push(next);
        next.above.push(vertex);
      });
      routes.push({ from: need, to: key, through });
    }
  }
  order(layers);
  const width = Math.max(0, ...layers.map(widthOf));
  return { layers, routes, width, height: Math.max(0, layers.length * (stepHeight + rowGap) - rowGap) };
}

const newVertex = (width: number, key?: string): Vertex => ({
  ...(key === undefined ? {} : { key }),
  width,
  above: [],
  below: [],
  x: 0,
  y: 0,
});

const widthOf = (layer: readonly Vertex[]) =>
  layer.reduce((sum, { width }) => sum + width, 0) + columnGap * Math.max(0, layer.length - 1);

/** One below the lowest that it needs. Steps that need one another in a circle stand where they are met first. */
function layersOf(steps: readonly GraphStep[]): ReadonlyMap<string, number> {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const layers = new Map<string, number>();
  const open = new Set<string>();
  // With a stack of its own: a chain may have thousands of steps.
  for (const { key } of steps) {
    const stack = [key];
    while (stack.length > 0) {
      const current = stack.at(-1) ?? '';
      const needs = (byKey.get(current)?.needs ?? []).filter((need) => byKey.has(need));
      const missing = needs.find((need) => !layers.has(need) && !open.has(need));
      open.add(current);
      if (missing !== undefined) {
        stack.push(missing);
        continue;
      }
      if (!layers.has(current)) layers.set(current, Math.max(-1, ...needs.map((need) => layers.get(need) ?? -1)) + 1);
      open.delete(current);
      stack.pop();
    }
  }
  return layers;
}

/** Fewer crossings: each stands near the middle of what it is connected with, looked at downwards and upwards in turn. */
function order(layers: readonly Vertex[][]): void {
  const place = (layer: readonly Vertex[]) => {
    let x = -widthOf(layer) / 2;
    for (const vertex of layer) {
      vertex.x = x + vertex.width / 2;
      x += vertex.width + columnGap;
    }
  };
  for (const layer of layers) place(layer);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers.slice(1) : layers.toReversed().slice(1)) {
      const wanted = new Map(layer.map((vertex) => [vertex, middle(isDown ? vertex.above : vertex.below, vertex.x)]));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      place(layer);
    }
  }
}

function middle(neighbours: readonly Vertex[], fallback: number): number {
  if (neighbours.length === 0) return fallback;
  return neighbours.reduce((sum, { x }) => sum + x, 0) / neighbours.length;
}

/** From places around 0 to pixels of the page. */
function placeBand(band: Band, left: number, top: number): PlacedStep[] {
  return band.layers.flatMap((layer, index) =>
    layer.flatMap((vertex) => {
      vertex.x += left + band.width / 2;
      vertex.y = top + index * (stepHeight + rowGap);
      if (vertex.key === undefined) return [];
      return { key: vertex.key, x: vertex.x - vertex.width / 2, y: vertex.y, width: vertex.width, height: stepHeight };
    }),
  );
}

/** From the lower side of the first to the upper side of the last, upright where it passes by others. */
function curve(through: readonly Vertex[]): string {
  const [first, ...rest] = through;
  if (!first) return '';
  let [x, y] = [first.x, first.y + stepHeight];
  let path = `M ${round(x)} ${round(y)}`;
  for (const vertex of rest) {
    const bend = (vertex.y - y) / 2;
    path += ` C ${round(x)} ${round(y + bend)} ${round(vertex.x)} ${round(vertex.y - bend)} ${round(vertex.x)} ${round(vertex.y)}`;
    [x, y] = [vertex.x, vertex.y];
    if (vertex.key === undefined) {
      y += stepHeight;
      path += ` L ${round(x)} ${round(y)}`;
    }
  }
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;
