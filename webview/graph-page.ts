/** The page that draws the graph of a workflow or of a run. The arrow keys go from step to step, Enter shows its details. */

import './translate.ts';

import * as l10n from '../language/text/l10n.ts';
import { host, html, svg } from './dom.ts';
import type { PlacedStep } from './graph-layout.ts';
import type { FromGraphPage, GraphStepView, GraphView } from './messages.ts';
import { type Direction, neighbour } from './neighbour.ts';

const marks: { readonly [state in GraphStepView['state']]: string } = {
  pending: '○',
  running: '▶',
  waiting: '◷',
  retrying: '↻',
  completed: '✓',
  failed: '✗',
  skipped: '⤼',
};

const directions: { readonly [key: string]: Direction } = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

const tell = (message: FromGraphPage) => host.postMessage(message);

/** Letters that fit into a step. */
const longestLabel = 22;
const longestWords = 28;

/** To this part of its size a drawing shrinks before it is scrolled. */
const smallest = 0.7;

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

class GraphPage {
  readonly #main = document.querySelector('main') ?? document.body;
  #view: GraphView | undefined;
  /** The step that has the focus, or had it. */
  #current: string | undefined;
  #chosen: string | undefined;
  #textIsOpen = false;

  show(view: GraphView): void {
    // Elsewhere (a list of VS Code, an editor) somebody types: nothing here takes the focus from there.
    const focused = document.hasFocus() ? document.activeElement : null;
    const hadFocus = focused?.classList.contains('step') ?? false;
    const control = focused instanceof HTMLElement ? focused.dataset.control : undefined;
    this.#view = view;
    if (!view.steps.some(({ key }) => key === this.#current)) this.#current = view.steps[0]?.key;
    if (!view.steps.some(({ key }) => key === this.#chosen)) this.#chosen = undefined;
    document.title = view.title;
    this.#main.replaceChildren(
      html('h1', {}, view.title),
      html('p', { class: 'status', role: 'status' }, view.status),
      html('div', { class: 'canvas' }, this.#drawing(view)),
      this.#details(),
      this.#asText(view),
    );
    if (hadFocus) this.#focus(this.#current);
    // Drawn anew while a person is about to press it; once its question is answered, the focus goes to the step.
    else if (control !== undefined) (this.#control(control) ?? this.#boxOf(this.#chosen))?.focus();
  }

  #control(name: string): HTMLElement | null {
    return this.#main.querySelector<HTMLElement>(`[data-control="${name}"]`);
  }

  #drawing({ title, steps, layout }: GraphView): SVGElement {
    const places = new Map(layout.steps.map((place) => [place.key, place]));
    const states = new Map(steps.map(({ key, state }) => [key, state]));
    const edges = layout.edges.map(({ from, path }) =>
      svg('path', { d: path, class: `edge ${states.get(from) ?? ''}`, 'marker-end': 'url(#arrow)' }),
    );
    const boxes = steps.flatMap((step) => {
      const place = places.get(step.key);
      return place ? [this.#step(step, place)] : [];
    });
    const arrow = svg(
      'marker',
      { id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto' },
      svg('path', { d: 'M 0 0 L 8 4 L 0 8 z' }),
    );
    const { width, height, cleanupTop } = layout;
    const heading =
      cleanupTop === undefined
        ? []
        : [
            svg('path', { class: 'band', d: `M 0 ${cleanupTop - 30} L ${width} ${cleanupTop - 30}` }),
            svg('text', { class: 'band', x: 8, y: cleanupTop - 12 }, l10n.t('clean-up')),
          ];
    const drawing = svg(
      'svg',
      { width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': l10n.t('Steps of {0}', title) },
      svg('defs', {}, arrow),
      ...heading,
      ...edges,
      ...boxes,
    );
    // As wide as its tab, but never too small to be read.
    drawing.style.minWidth = `${width * smallest}px`;
    return drawing;
  }

  #step(step: GraphStepView, { x, y, width, height }: PlacedStep): SVGElement {
    const { key, state, words } = step;
    const box = svg(
      'g',
      {
        class: `step ${state}${key === this.#chosen ? ' chosen' : ''}`,
        transform: `translate(${x} ${y})`,
        role: 'button',
        tabindex: key === this.#current ? 0 : -1,
        'data-step': key,
      },
      // Its name for assistive technology.
      svg('title', {}, step.details.join('\n')),
      svg('rect', { width, height, rx: 6 }),
      svg('text', { class: 'mark', x: 14, y: 31 }, marks[state]),
      // An inner drawing cuts off what some font has wider.
      svg(
        'svg',
        { x: 36, y: 0, width: width - 40, height },
        svg('text', { class: 'name', y: 22 }, short(key, longestLabel)),
        svg('text', { class: 'words', y: 40 }, short(words, longestWords)),
      ),
    );
    box.addEventListener('click', () => this.#choose(key));
    box.addEventListener('focus', () => this.#setCurrent(key));
    box.addEventListener('keydown', (event) => {
      const direction = directions[event.key];
      if (direction) this.#focus(neighbour(this.#view?.layout.steps ?? [], key, direction));
      else if (event.key === 'Enter' || event.key === ' ') this.#choose(key);
      else return;
      event.preventDefault();
    });
    return box;
  }

  #boxOf(key: string | undefined): SVGElement | undefined {
    return [...this.#main.querySelectorAll<SVGElement>('.step')].find(({ dataset }) => dataset.step === key);
  }

  #setCurrent(key: string): void {
    this.#boxOf(this.#current)?.setAttribute('tabindex', '-1');
    this.#current = key;
    this.#boxOf(key)?.setAttribute('tabindex', '0');
  }

  #focus(key: string | undefined): void {
    if (key === undefined) return;
    this.#setCurrent(key);
    this.#boxOf(key)?.focus();
  }

  #choose(key: string): void {
    this.#boxOf(this.#chosen)?.classList.remove('chosen');
    this.#chosen = key;
    this.#boxOf(key)?.classList.add('chosen');
    document.querySelector('.details')?.replaceWith(this.#details());
  }

  /** Of the chosen step, with what can be done about it. */
  #details(): HTMLElement {
    const step = this.#view?.steps.find(({ key }) => key === this.#chosen);
    if (!step) return html('section', { class: 'details', hidden: '' });
    const button = (label: string, kind: 'open' | 'approve' | 'deny') => {
      const made = html('button', { type: 'button', 'data-control': kind }, label);
      made.addEventListener('click', () => tell({ kind, step: step.key }));
      return made;
    };
    return html(
      'section',
      { class: 'details', 'aria-label': l10n.t('Step {0}', step.key), 'aria-live': 'polite' },
      html('h2', {}, step.key),
      ...step.details.slice(1).map((line) => html('p', {}, line)),
      html(
        'p',
        { class: 'buttons' },
        ...(step.asks ? [button(l10n.t('Approve'), 'approve'), button(l10n.t('Deny'), 'deny')] : []),
        button(l10n.t('Show in File'), 'open'),
      ),
    );
  }

  /** The same as words, for who cannot see the drawing. */
  #asText({ steps }: GraphView): HTMLElement {
    const items = steps.map(({ details }) => html('li', {}, details.join('. ')));
    const text = html(
      'details',
      { class: 'text' },
      html('summary', { 'data-control': 'text' }, l10n.t('As text')),
      html('ol', {}, ...items),
    );
    text.open = this.#textIsOpen;
    text.addEventListener('toggle', () => {
      this.#textIsOpen = text.open;
    });
    return text;
  }
}

const page = new GraphPage();
addEventListener('message', ({ data }: MessageEvent<GraphView>) => page.show(data));
tell({ kind: 'ready' });
