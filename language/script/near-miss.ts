/** Comments that look like watchers and are none: `#watcher …`, `# WATCHER …`, `#WATCHERS`, `#WATCHER_START`, `#WATCHER:`. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { findProperty } from '../watcher/properties.ts';

/** `span` is a comment without blanks around it. `##WATCHER` is a watcher that was switched off on purpose. */
export function findNearMiss(text: string, span: Span): Problem | undefined {
  const source = text.slice(span.start, span.end);
  const match = /^#(\s*)(watcher)([_-]?\w*)(:?)/i.exec(source);
  if (!match) return undefined;
  const [whole, blanks = '', word = '', suffix = '', colon = ''] = match;
  const rest = source.slice(whole.length);
  if (!isMeant(blanks, word, suffix, colon, rest)) return undefined;
  const keyword = intended(suffix, rest);
  const keywordSpan = { start: span.start, end: span.start + whole.length };
  if (!keyword)
    return problem(
      'watcher/near-miss',
      keywordSpan,
      l10n.t('This is no watcher: the keywords are `#WATCHER`, `#WATCHER_BEGIN`, `#WATCHER_END`.'),
    );
  const words = l10n.t('This is no watcher: the keyword is written `{0}`.', keyword);
  // Only `#WATCHER` has something behind it.
  if (keyword !== '#WATCHER') {
    return problem('watcher/near-miss', keywordSpan, words, [
      replaceFix(l10n.t('Replace with `{0}`', keyword), span, keyword),
    ]);
  }
  const newText = rest !== '' && !/^\s/.test(rest) ? `${keyword} ` : keyword;
  return problem('watcher/near-miss', keywordSpan, words, [
    replaceFix(l10n.t('Replace with `{0}`', keyword), keywordSpan, newText),
  ]);
}

/** In prose ("# watcher for the log") the word stands in small letters behind a blank, and no property follows. */
function isMeant(blanks: string, word: string, suffix: string, colon: string, rest: string): boolean {
  const property = /^\s+(\w+)\s*=/.exec(rest)?.[1];
  if (property !== undefined && findProperty(property)) return true;
  if (/^[_-](begin|end|start|stop)$/i.test(suffix)) return true;
  if (word !== 'WATCHER') return blanks === '' && suffix === '' && (colon !== '' || rest === '');
  return blanks === '' || suffix === '' || /^S$/i.test(suffix);
}

function intended(suffix: string, rest: string): string | undefined {
  if (/^[_-]?(begin|start)$/i.test(suffix)) return '#WATCHER_BEGIN';
  if (/^[_-]?(end|stop)$/i.test(suffix)) return '#WATCHER_END';
  return suffix === '' || /^s$/i.test(suffix) || rest !== '' ? '#WATCHER' : undefined;
}
