/** A terminal where a job runs. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { settingDefaults } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import { terminalCommand } from './terminal-command.ts';

/** In the job's allocation, by ssh and srun; of a job of this machine in its directory. */
export async function openTerminal(engine: EngineClient, job: JobInfo): Promise<void> {
  const cluster = engine.store.clusters.get(job.cluster);
  if (!cluster) throw new Error(l10n.t('The cluster {0} is not known (any more).', plainLine(job.cluster, 80)));
  const command = terminalCommand(job, cluster, sshConfigFile());
  const name = plainLine(l10n.t('Job {0}', job.jobId), 60);
  const terminal = vscode.window.createTerminal(
    command
      ? { name, shellPath: command.program, shellArgs: [...command.args] }
      : { name, ...(job.workdir === undefined ? {} : { cwd: job.workdir }) },
  );
  terminal.show();
}

/** `undefined`: ssh's own. */
function sshConfigFile(): string | undefined {
  const file = vscode.workspace.getConfiguration('vigil').get<string>('sshConfigFile', settingDefaults.sshConfigFile);
  return file === '' || file === settingDefaults.sshConfigFile ? undefined : file.replace(/^~(?=\/)/, homedir());
}
