/** Events that a script emits, and the open workflow files that await them. */

import type { Location } from 'vscode-languageserver';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import {
  awaitedEvents,
  type EventName,
  emissions,
  fileReferences,
  mayBeSame,
  type NamedEvent,
  scriptEmissions,
  showEvent,
} from '../language/workflow/events.ts';
import { code } from './docs.ts';
import type { Analysis } from './documents.ts';

function eventAt({ script }: Analysis, offset: number): NamedEvent | undefined {
  return scriptEmissions(script).find(({ span }) => touches(span, offset));
}

/** The open workflow files that submit the script, directly. */
function usersOf({ uri }: Analysis, workflows: readonly Analysis[]): readonly Analysis[] {
  return workflows.filter(
    ({ workflow }) => workflow && fileReferences(workflow.document).some(({ path }) => workflow.uriOf(path) === uri),
  );
}

function awaitingSpans({ workflow }: Analysis, name: EventName): readonly Span[] {
  const awaited = workflow ? awaitedEvents(workflow.document) : [];
  return awaited.filter((event) => mayBeSame(event.name, name)).map(({ span }) => span);
}

/** From an event's name in a script to the steps that await it and, with `declarations`, to whatever emits it in the script. */
export function eventReferences(
  analysis: Analysis,
  offset: number,
  declarations: boolean,
  workflows: readonly Analysis[],
): Location[] | null {
  const event = eventAt(analysis, offset);
  if (!event) return null;
  const here = declarations ? scriptEmissions(analysis.script).filter(({ name }) => mayBeSame(name, event.name)) : [];
  return [
    ...here.map(({ span }) => ({ uri: analysis.uri, range: analysis.rangeOf(span) })),
    ...usersOf(analysis, workflows).flatMap((user) =>
      awaitingSpans(user, event.name).map((span) => ({ uri: user.uri, range: user.rangeOf(span) })),
    ),
  ];
}

/** What hover says about the event at `offset`. */
export function eventHover(
  analysis: Analysis,
  offset: number,
  workflows: readonly Analysis[],
): { readonly span: Span; readonly markdown: string } | undefined {
  const event = eventAt(analysis, offset);
  if (!event) return undefined;
  const awaiting = usersOf(analysis, workflows).flatMap((user) =>
    awaitingSpans(user, event.name).map((span) =>
      l10n.t('{0}, line {1}', code(fileName(user.uri)), user.positionAt(span.start).line + 1),
    ),
  );
  const lines =
    awaiting.length > 0
      ? l10n.t('awaited in\n{0}', awaiting.map((line) => `- ${line}`).join('\n'))
      : l10n.t('awaited by no open workflow file');
  return { span: event.span, markdown: l10n.t('Event {0}, {1}', code(showEvent(event.name)), lines) };
}

/** Names of events that open workflow files await from this script, or that nobody emits yet. */
export function awaitedNames(analysis: Analysis, workflows: readonly Analysis[]): readonly string[] {
  const names = usersOf(analysis, workflows).flatMap(({ workflow }) => {
    if (!workflow) return [];
    const known = emissions(workflow.document);
    return awaitedEvents(workflow.document)
      .filter(({ name }) => !name.includes(undefined) && !known.some((emission) => mayBeSame(emission.name, name)))
      .map(({ name }) => showEvent(name));
  });
  return [...new Set(names)];
}

function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
