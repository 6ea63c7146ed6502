/** Proposals for watchers: keywords, properties, values. */

import { CompletionItemKind } from 'vscode-languageserver';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import * as l10n from '../language/text/l10n.ts';
import { findCaptures } from '../language/watcher/captures.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { type PropertyInfo, properties } from '../language/watcher/properties.ts';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { loginSetupDoc, propertyDoc } from './docs.ts';

export function keywordItems(script: ScriptDocument): readonly Proposal[] {
  const number = script.watchers.length + 1;
  return [
    {
      label: '#WATCHER',
      detail: l10n.t('watcher on one line'),
      snippet: `#WATCHER name="\${1:watcher-${number}}" pattern="\${2:ERROR}" action=\${3:log_event}(\${4:message="$5"})`,
      kind: CompletionItemKind.Snippet,
    },
    {
      label: '#WATCHER_BEGIN',
      detail: l10n.t('watcher block'),
      snippet: [
        '#WATCHER_BEGIN',
        `# name: \${1:watcher-${number}}`,
        '# pattern: "${2:loss: ([\\\\d.]+)}"',
        '# captures: [${3:loss}]',
        '# condition: ${4:float(loss) > 5.0}',
        '# actions:',
        '#   - ${5:notify(message="loss is \\${loss\\}", level="warning")}',
        '#WATCHER_END',
      ].join('\n'),
      kind: CompletionItemKind.Snippet,
    },
    {
      label: '#LOGIN_SETUP_BEGIN',
      detail: l10n.t('commands for the login node'),
      doc: loginSetupDoc,
      snippet: ['#LOGIN_SETUP_BEGIN', '${0:mkdir -p logs}', '#LOGIN_SETUP_END'].join('\n'),
      kind: CompletionItemKind.Snippet,
    },
    {
      label: '#SBATCH',
      detail: l10n.t('scheduler directive'),
      snippet: '#SBATCH $0',
      kind: CompletionItemKind.Keyword,
      goesOn: true,
    },
    ...[
      ['#flux:', l10n.t('directive of Flux')],
      ['#PBS', l10n.t('directive of PBS')],
      ['#BSUB', l10n.t('directive of LSF')],
    ].map(([label = '', detail = '']) => ({
      label,
      detail,
      snippet: `${label} $0`,
      kind: CompletionItemKind.Keyword,
      goesOn: true,
    })),
  ];
}

/** The properties that the watcher does not have yet; `action` may come again. */
export function keyItems(cursor: Cursor & { kind: 'key' }): readonly Proposal[] {
  const { watcher, hasValue, replace } = cursor;
  const given = new Set(
    watcher.properties.filter(({ key }) => key.span.start !== replace.start).map(({ info }) => info?.name),
  );
  return properties
    .filter(({ name }) => name === 'actions' || !given.has(name))
    .map((info) => keyItem(info, watcher, hasValue));
}

function keyItem(info: PropertyInfo, watcher: WatcherNode, hasValue: boolean): Proposal {
  const inline = watcher.form === 'inline';
  const label = info.name === 'actions' && inline ? 'action' : info.name;
  const base = { label, doc: propertyDoc(info), kind: CompletionItemKind.Property };
  if (hasValue) return base;
  const lists = !inline && info.name === 'actions' ? '\n#   - $1' : undefined;
  const value = valueSnippet(info);
  const snippet = lists ? `${label}:${lists}` : inline ? `${label}=${value}` : `${label}: ${value}`;
  const offersValues = ['choice', 'flag', 'states', 'actions'].includes(info.type.kind);
  return { ...base, snippet, goesOn: offersValues };
}

function valueSnippet(info: PropertyInfo): string {
  switch (info.type.kind) {
    case 'text':
    case 'pattern':
    case 'condition':
      return '"$1"';
    case 'captures':
    case 'states':
      return '[$1]';
    default:
      return '$1';
  }
}

export function valueItems(cursor: Cursor & { kind: 'value' }): readonly Proposal[] {
  const type = cursor.property.info?.type;
  if (type?.kind === 'choice' || type?.kind === 'states') {
    return type.values.map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  }
  if (type?.kind === 'captures') return groupNameItems(cursor);
  if (type?.kind === 'flag') return ['true', 'false'].map((label) => ({ label, kind: CompletionItemKind.Value }));
  return [];
}

/** The names that groups of the pattern carry, as far as they are not listed yet. */
function groupNameItems({ watcher, property, replace }: Cursor & { kind: 'value' }): readonly Proposal[] {
  const { value } = property;
  const listed =
    value.kind === 'list' ? value.items.filter(({ fragment }) => fragment.span.start !== replace.start) : [];
  return findCaptures(watcher)
    .groups.flatMap(({ name }) => (name && !listed.some(({ fragment }) => fragment.text === name) ? [name] : []))
    .map((label) => ({ label, doc: l10n.t('A group of the pattern.'), kind: CompletionItemKind.Variable }));
}
