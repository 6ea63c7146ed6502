/** The entry in the status bar: how many jobs are active, or that the engine is gone. Hidden when there is nothing to say. */
import * as vscode from 'vscode';
import type { EngineClient } from './engine/engine-client.ts';
import type { LinkState } from './engine/engine-link.ts';
import { countActiveJobs } from './jobs/jobs-tree.ts';
import { plainLine } from './text/plain-text.ts';

export function createStatusBar(engine: EngineClient): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('vigil.status', vscode.StatusBarAlignment.Left);
  item.name = 'Vigil';
  const update = () => {
    const look = describe(engine.link.state, countActiveJobs(engine.store));
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
  update();
  return vscode.Disposable.from(item, engine.link.onState(update), engine.store.onChange(update));
}

interface StatusLook {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
  readonly isProblem: boolean;
}

function describe(state: LinkState, activeJobs: number): StatusLook | undefined {
  if (state.kind === 'failed') {
    const tooltip = `${plainLine(state.reason)} Click to start it again.`;
    return { text: '$(warning) Vigil: no engine', tooltip, command: 'vigil.startEngine', isProblem: true };
  }
  if (state.kind === 'waiting') {
    return {
      text: '$(sync~spin) Vigil',
      tooltip: plainLine(state.reason),
      command: 'vigil.jobs.focus',
      isProblem: false,
    };
  }
  if (activeJobs === 0) return undefined;
  const text = `$(server-process) ${activeJobs} ${activeJobs === 1 ? 'job' : 'jobs'}`;
  return { text, tooltip: 'Active jobs of Vigil. Click to see them.', command: 'vigil.jobs.focus', isProblem: false };
}
