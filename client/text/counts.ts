/** Amounts in words: two whole texts each, as other languages have other plurals. */
import * as l10n from '../../language/text/l10n.ts';

const grouped = (count: number) => count.toLocaleString('en');

export const matchesInWords = (count: number) =>
  count === 1 ? l10n.t('1 match') : l10n.t('{0} matches', grouped(count));

export const triggersInWords = (count: number) =>
  count === 1 ? l10n.t('1 trigger') : l10n.t('{0} triggers', grouped(count));

export const linesInWords = (count: number) => (count === 1 ? l10n.t('1 line') : l10n.t('{0} lines', grouped(count)));

export const watchersInWords = (count: number) =>
  count === 1 ? l10n.t('1 watcher') : l10n.t('{0} watchers', grouped(count));

export const eventsInWords = (count: number) =>
  count === 1 ? l10n.t('1 event') : l10n.t('{0} events', grouped(count));

export const filesInWords = (count: number) => (count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count));
