/** The entry in the status bar: how the jobs stand, or that the engine is gone. Hidden when there is nothing to say. */
import * as vscode from 'vscode';
import * as l10n from '../language/text/l10n.ts';
import type { EngineClient } from './engine/engine-client.ts';
import type { LinkState } from './engine/engine-link.ts';
import type { KnownState } from './engine/job-store.ts';
import { countJobs, type JobCounts, shortCounts } from './jobs/job-counts.ts';
import { inlineCode } from './text/markdown.ts';
import { plainLine } from './text/plain-text.ts';

const updateMs = 200;

export function createStatusBar(engine: EngineClient): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('vigil.status', vscode.StatusBarAlignment.Left);
  item.name = 'Vigil';
  const update = () => {
    const look = describe(engine.link.state, engine.store);
    if (!look) {
      item.hide();
      return;
    }
    item.text = look.text;
    item.tooltip = look.tooltip;
    item.command = look.command;
    item.backgroundColor = look.isProblem ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  let timer: NodeJS.Timeout | undefined;
  // Thousands of jobs change one by one; they are counted a few times a second.
  const updateSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      update();
    }, updateMs);
  };
  update();
  return vscode.Disposable.from(item, engine.link.onState(update), engine.store.onChange(updateSoon), {
    dispose: () => clearTimeout(timer),
  });
}

interface StatusLook {
  readonly text: string;
  readonly tooltip: string | vscode.MarkdownString;
  readonly command: string;
  readonly isProblem: boolean;
}

function describe(state: LinkState, known: KnownState): StatusLook | undefined {
  if (state.kind === 'failed') {
    const tooltip = l10n.t('{0} Click to start it again.', plainLine(state.reason));
    return {
      text: `$(warning) ${l10n.t('Vigil: no engine')}`,
      tooltip,
      command: 'vigil.startEngine',
      isProblem: true,
    };
  }
  if (state.kind === 'waiting') {
    return {
      text: '$(sync~spin) Vigil',
      tooltip: plainLine(state.reason),
      command: 'vigil.jobs.focus',
      isProblem: false,
    };
  }
  const now = Date.now() / 1000;
  const counts = countJobs(known, now);
  const text = shortCounts(counts);
  if (text === '') return undefined;
  return {
    text: `$(server-process) ${text}`,
    tooltip: tooltip(known, counts, now),
    command: 'vigil.jobs.focus',
    isProblem: false,
  };
}

function tooltip(known: KnownState, all: JobCounts, now: number): vscode.MarkdownString {
  const clusters = [...new Set([...known.jobs.values()].map((job) => job.cluster))]
    .map((name) => ({ name, counts: countJobs(known, now, name) }))
    .filter(({ counts }) => shortCounts(counts) !== '');
  const lines = [
    `**${l10n.t('Jobs of Vigil')}**: ${inWords(all)}`,
    ...(clusters.length > 1 ? clusters.map(({ name, counts }) => `${inlineCode(name)}: ${inWords(counts)}`) : []),
    l10n.t('Click to see them.'),
  ];
  return new vscode.MarkdownString(lines.join('\n\n'));
}

function inWords({ running, pending, failed }: JobCounts): string {
  const words = [
    ...(running > 0 ? [l10n.t('{0} running', running)] : []),
    ...(pending > 0 ? [l10n.t('{0} pending', pending)] : []),
    ...(failed > 0 ? [l10n.t('{0} failed within a day', failed)] : []),
  ];
  return words.join(', ');
}
