/** What a person types to search for, and the text that shows what was found. */
import * as l10n from '../../language/text/l10n.ts';
import { linesInWords } from '../text/counts.ts';
import { stripControls } from '../text/plain-text.ts';
import { inUnits } from './in-units.ts';
import type { Searched } from './search-whole.ts';

export interface SearchQuery {
  readonly wanted: string;
  readonly isPattern: boolean;
  readonly ignoreCase: boolean;
}

/** `/…/` is a pattern, all else a text; the case of letters counts in patterns, and in texts that have capitals. */
export function parseQuery(typed: string): SearchQuery | undefined {
  const pattern = /^\/(.+)\/$/.exec(typed)?.[1];
  if (pattern !== undefined) return { wanted: pattern, isPattern: true, ignoreCase: false };
  return typed === '' ? undefined : { wanted: typed, isPattern: false, ignoreCase: !/[A-Z]/.test(typed) };
}

export interface ReportText {
  readonly text: string;
  /** Line of the text that the first of `found` is at; the others follow. */
  readonly firstLine: number;
}

export function searchReport(typed: string, { path, found, bytes, size, stopped }: Searched): ReportText {
  const searched = bytes < size ? l10n.t('{0} of {1}', inUnits(bytes), inUnits(size)) : inUnits(size);
  const why = { enough: l10n.t('There are more: these are the first.'), cancelled: l10n.t('It was stopped.') };
  const count = linesInWords(found.length);
  const result = l10n.t('in {0}: {1}; {2} searched.', plain(path), count, searched);
  const head = [`# ${plain(typed)}`, ['#', result, ...(stopped ? [why[stopped]] : [])].join(' '), ''];
  const width = String(found.at(-1)?.line ?? '').length;
  const rows = found.map(({ line, text }) => `${String(line).padStart(width)}: ${plain(text)}`);
  return { text: `${[...head, ...rows].join('\n')}\n`, firstLine: head.length };
}

function plain(text: string): string {
  return stripControls(text).replace(/\n/g, ' ');
}
