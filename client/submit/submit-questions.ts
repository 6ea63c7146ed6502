/** What is asked before a script is submitted, and what of the answers is remembered in this workspace. */
import * as vscode from 'vscode';
import type { ClusterInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { parseClusterUri } from '../files/cluster-uri.ts';
import { clusterSettings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import { clusterChoices } from './cluster-choices.ts';
import { checkWorkdir, defaultWorkdir } from './default-workdir.ts';
import { keptWords } from './option-fields.ts';
import { type FilledForm, fillForm } from './option-form.ts';
import { localPath } from './script-file.ts';

const lastClusterKey = 'submit.lastCluster';

export class SubmitQuestions {
  readonly #engine: EngineClient;
  readonly #memory: vscode.Memento;

  constructor(engine: EngineClient, memory: vscode.Memento) {
    this.#engine = engine;
    this.#memory = memory;
  }

  get lastCluster(): string | undefined {
    return this.#memory.get(lastClusterKey);
  }

  /** The cluster `named`, else the one that is picked; `undefined`: none. */
  async cluster(script: string, named: string | undefined): Promise<ClusterInfo | undefined> {
    const clusters = await this.#engine.clusters();
    if (named !== undefined) {
      const known = clusters.find((cluster) => cluster.name === named);
      // The engine says what is wrong with a name that it does not know.
      return known ?? { name: named, kind: 'ssh', state: 'idle', source: 'settings' };
    }
    const choice = await vscode.window.showQuickPick(clusterChoices(clusters, this.lastCluster), {
      title: l10n.t('Submit {0}', plainLine(script, 80)),
      placeHolder: l10n.t('The cluster to submit to'),
      matchOnDescription: true,
    });
    return choice?.cluster;
  }

  /** Each with the directory that it was used with last, or its default. */
  async clusters(document: vscode.TextDocument, script: string): Promise<readonly ClusterInfo[]> {
    const choices = clusterChoices(await this.#engine.clusters(), this.lastCluster).map((choice) => ({
      ...choice,
      detail: l10n.t('in {0}', plainLine(this.usualWorkdir(document, choice.cluster), 200)),
    }));
    const picked = await vscode.window.showQuickPick(choices, {
      title: l10n.t('Submit {0}', plainLine(script, 80)),
      placeHolder: l10n.t('The clusters to submit to; each gets a job of its own'),
      matchOnDescription: true,
      canPickMany: true,
    });
    return picked?.map(({ cluster }) => cluster) ?? [];
  }

  usualWorkdir(document: vscode.TextDocument, cluster: ClusterInfo): string {
    const settings = clusterSettings(vscode.workspace.getConfiguration('vigil').get('clusters'));
    const lastUsed = this.#memory.get<string>(workdirKey(document, cluster));
    return defaultWorkdir(cluster, localPath(document), settings, lastUsed, parseClusterUri(document.uri));
  }

  /** `undefined`: declined. */
  async workdir(document: vscode.TextDocument, cluster: ClusterInfo): Promise<string | undefined> {
    const workdir = await vscode.window.showInputBox({
      title: l10n.t('Submit to {0}', plainLine(cluster.name, 80)),
      prompt: l10n.t(
        'The directory that the job runs in, on the cluster. A directive of the script that names one goes before it.',
      ),
      value: this.usualWorkdir(document, cluster),
      validateInput: checkWorkdir,
      ignoreFocusOut: true,
    });
    if (workdir === undefined) return undefined;
    await this.#memory.update(workdirKey(document, cluster), workdir.trim());
    await this.#memory.update(lastClusterKey, cluster.name);
    return workdir.trim();
  }

  /** Options beside those of the script, beginning with `first` or those that it was submitted with last. */
  async options(
    document: vscode.TextDocument,
    { name, cluster, first }: { readonly name: string; readonly cluster: string; readonly first?: readonly string[] },
  ): Promise<FilledForm | undefined> {
    const key = `submit.options:${document.uri.toString()}`;
    // Partitions and accounts can be told only by a cluster that is connected, which it has to be anyway.
    const { scheduler } = await this.#engine.connectCluster(cluster);
    const filled = await fillForm({
      title: l10n.t('Submit {0} to {1}', plainLine(name, 80), plainLine(cluster, 80)),
      scheduler,
      facts: await this.#engine.clusterFacts(cluster),
      jobs: [...this.#engine.store.jobs.values()].filter((job) => job.cluster === cluster),
      words: first ?? this.#memory.get<readonly string[]>(key, []),
    });
    // Of a job that is submitted again the options are that job's.
    if (filled && document.uri.scheme !== 'vigil-script') await this.#memory.update(key, keptWords(filled.words));
    return filled;
  }
}

function workdirKey(document: vscode.TextDocument, cluster: ClusterInfo): string {
  return `submit.workdir:${cluster.name}:${document.uri.toString()}`;
}
