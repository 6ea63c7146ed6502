/** What a trial of watchers says: in the lens over a watcher, in the hover over a match, behind a line, in the status bar. Pure. */
import type { TrialAction, TrialMatch, TrialResult, TrialWatcher } from '../../engine/protocol/trials.ts';
import { inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';

/** `3 matches, would fire 1×, line 120`. */
export function trialLensText(watcher: TrialWatcher, matches: readonly TrialMatch[]): string {
  const [problem] = watcher.problems;
  if (problem !== undefined) return `$(error) not tried: ${plainLine(problem, 160)}`;
  const own = matches.filter((match) => match.watcher === watcher.name);
  const fires = own.filter(({ actions }) => actions.length > 0);
  const [first] = fires.length > 0 ? fires : own;
  const parts = [
    counted(watcher.matches, 'match', 'matches'),
    ...(watcher.matches > 0 ? [firesText(watcher)] : []),
    ...(watcher.atEnd.length > 0
      ? [`at the end ${watcher.atEnd.map(({ name }) => plainLine(name, 40)).join(', ')}`]
      : []),
    ...(first ? [`line ${first.line.toLocaleString('en')}`] : []),
  ];
  return `$(beaker) ${parts.join(', ')}`;
}

function firesText({ triggers, matches, atEnd }: TrialWatcher): string {
  const times = triggers - (atEnd.length > 0 ? 1 : 0);
  return times > 0 || matches === 0 ? `would fire ${times.toLocaleString('en')}×` : 'would not fire';
}

/** Markdown. Everything that the output brought is in code spans. */
export function trialHover(match: TrialMatch, textOf: (start: number, end: number) => string): string {
  const captures = match.spans
    .slice(1)
    .map(({ name, start, end }) => `${inlineCode(name)} = ${inlineCode(textOf(start, end))}`);
  const values = match.condition === undefined ? [] : [inlineCode(match.condition)];
  const why = match.why === undefined ? [] : [inlineCode(match.why)];
  return joinLines([
    `Watcher ${inlineCode(match.watcher)} matches`,
    ...captures,
    ...verdictLines(match.actions, values, why),
  ]);
}

/** With one action the reason stands beside it, with several below them. */
function verdictLines(
  actions: readonly TrialAction[],
  values: readonly string[],
  why: readonly string[],
): readonly string[] {
  if (actions.length === 0) return [`**Would not fire**: ${[...why, ...values].join(' – ')}`];
  const fires = actions.map((action) => `**Would fire** ${inlineCode(actionText(action))}`);
  const because = values.map((value) => (actions.length === 1 ? `${fires[0]}: ${value}` : `because ${value}`));
  const verdict = actions.length === 1 && because.length > 0 ? because : [...fires, ...because];
  return [...verdict, ...why.map((one) => `but ${one}`)];
}

/** Behind a line at which something would be done: `would fire cancel_job: loss=11.2 > 10`. */
export function trialNote({ actions, condition }: TrialMatch): string {
  const names = actions.map(({ name }) => name).join(', ');
  return plainLine(`would fire ${names}${condition === undefined ? '' : `: ${condition}`}`, 120);
}

/** `cancel_job(reason="loss 11.2")`. */
export function actionText({ name, params }: TrialAction): string {
  const shown = Object.entries(params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}(${shown.join(', ')})`;
}

/** `3 matches, would fire 1×`, over all watchers. */
export function trialSummary({ watchers, stopped }: TrialResult): string {
  const matches = watchers.reduce((sum, watcher) => sum + watcher.matches, 0);
  const triggers = watchers.reduce((sum, watcher) => sum + watcher.triggers, 0);
  const broken = watchers.filter(({ problems }) => problems.length > 0).length;
  const parts = [
    counted(matches, 'match', 'matches'),
    `would fire ${triggers.toLocaleString('en')}×`,
    ...(broken > 0 ? [`${broken} not tried`] : []),
    ...(stopped === undefined ? [] : ['stopped early']),
  ];
  return parts.join(', ');
}

/** Markdown for the status bar: a line a watcher, and what has to be known about the whole. */
export function trialDetails(script: string, output: string, result: TrialResult): string {
  const { watchers, matches, lines, stopped } = result;
  const all = watchers.reduce((sum, watcher) => sum + watcher.matches, 0);
  return joinLines([
    `${inlineCode(script)} tried on ${inlineCode(output)}, ${counted(lines, 'line', 'lines')}. Nothing is performed.`,
    ...(stopped === undefined ? [] : [`**${stopped[0]?.toUpperCase()}${stopped.slice(1)}.**`]),
    ...(all > matches.length
      ? [`Marked are the first ${counted(matches.length, 'match', 'matches')} of ${all.toLocaleString('en')}.`]
      : []),
    ...watchers.flatMap((watcher) => [
      `${inlineCode(watcher.name)}: ${trialLensText(watcher, matches).replace(/^\$\(\w+\) /, '')}`,
      ...watcher.notes.map((note) => `– ${inlineCode(note)}`),
    ]),
    'Click to stop.',
  ]);
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
