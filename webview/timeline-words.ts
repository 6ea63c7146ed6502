/** All of a timeline as text on its page: places, their jobs, what each did. */
import * as l10n from '../language/text/l10n.ts';
import { html } from './dom.ts';
import { rowText } from './timeline-text.ts';
import { hostsOf } from './timeline-tree.ts';
import type { TimelineView } from './timeline-view.ts';

/** @param clock writes a time (seconds since the epoch) as people read it */
export function textOf(view: TimelineView, clock: (seconds: number) => string): readonly Node[] {
  const { rows, leftOut } = view;
  const rowWords = (index: number, level: 'h2' | 'h3') => [
    html(level, {}, `${rows[index]?.label}: ${rows[index]?.state}`),
    html('ul', {}, ...rowText(view, index, clock).map((line) => html('li', {}, line))),
  ];
  return [
    ...hostsOf(view).flatMap(({ host, rows: indexes }) => [
      ...(host ? [html('h2', {}, `${host.label}: ${host.state}`)] : []),
      ...indexes.flatMap((index) => rowWords(index, host ? 'h3' : 'h2')),
    ]),
    ...(leftOut > 0 ? [html('p', {}, l10n.t('{0} more are not shown.', leftOut))] : []),
  ];
}
