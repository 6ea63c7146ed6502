/**
 * What an assistant in VS Code's chat may do with jobs: read them, and propose to submit, cancel, hold and release, which
 * VS Code asks a person about each time. What a job printed is handed over as data, with a word of warning: it may hold instructions of anybody.
 */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import {
  eventlogAnswer,
  jobsAnswer,
  orderedAnswer,
  outputAnswer,
  outputPath,
  outputTailBytes,
  submittedAnswer,
  type ToolInput,
  type ToolName,
  toolNames,
} from '../../engine/assistant/tools.ts';
import * as l10n from '../../language/text/l10n.ts';
import { readEvents } from '../api/create-api.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { isEnded } from '../jobs/job-states.ts';
import { uploadEntries } from '../submit/upload-files.ts';
import { inlineCode } from '../text/markdown.ts';

type Tool = vscode.LanguageModelTool<Record<string, unknown>>;

export function registerJobTools(engine: EngineClient): vscode.Disposable {
  const tools = jobTools(engine);
  return vscode.Disposable.from(...toolNames.map((name) => vscode.lm.registerTool(name, tools[name])));
}

export function jobTools(engine: EngineClient): { readonly [name in ToolName]: Tool } {
  const named = (key: string) => `${inlineCode(key)} ${inlineCode(engine.store.jobs.get(key)?.name ?? '')}`;
  const order = async (verb: 'hold' | 'release', key: string) => {
    await engine.order(key, { verb });
    return orderedAnswer(verb, key);
  };
  return {
    vigil_jobs: reading(l10n.t('Reading jobs'), async (input) => {
      await engine.link.ensure();
      return jobsAnswer(engine.store.jobs.values(), input, isEnded, Date.now() / 1000);
    }),
    vigil_eventlog: reading(l10n.t('Reading the eventlog'), async (input) =>
      eventlogAnswer(await readEvents(engine, String(input.job)), input),
    ),
    vigil_output: reading(l10n.t('Reading the output'), async (input) =>
      outputAnswer(await readOutput(engine, String(input.job), input), input),
    ),
    vigil_submit: proposing(
      ({ path, cluster, workdir }) => ({
        title: l10n.t('Submit a job?'),
        message: submitQuestion(
          String(path),
          String(cluster),
          workdir === undefined ? undefined : String(workdir),
          engine.store.clusters.get(String(cluster))?.kind === 'ssh',
        ),
      }),
      async ({ path, cluster, workdir }) => {
        const uri = scriptFile(String(path));
        const choices = { cluster: String(cluster), ...(workdir === undefined ? {} : { workdir: String(workdir) }) };
        const key = await vscode.commands.executeCommand<string | undefined>('vigil.submit', uri, choices);
        if (key === undefined) throw new Error(l10n.t('It was not submitted; VS Code has told why.'));
        return submittedAnswer(key);
      },
    ),
    vigil_cancel: proposing(
      ({ job }) => ({ title: l10n.t('Cancel a job?'), message: named(String(job)) }),
      async ({ job }) => {
        await vscode.commands.executeCommand('vigil.cancelJob', String(job), { confirm: false });
        return orderedAnswer('cancel', String(job));
      },
    ),
    vigil_hold: proposing(
      ({ job }) => ({ title: l10n.t('Hold a job?'), message: named(String(job)) }),
      ({ job }) => order('hold', String(job)),
    ),
    vigil_release: proposing(
      ({ job }) => ({ title: l10n.t('Release a job?'), message: named(String(job)) }),
      ({ job }) => order('release', String(job)),
    ),
  };
}

/** All that agreeing to it lets happen. */
function submitQuestion(path: string, cluster: string, workdir: string | undefined, isElsewhere: boolean): string {
  const [script, where] = [inlineCode(path), inlineCode(cluster)];
  const job =
    workdir === undefined
      ? l10n.t('{0} to the cluster {1}', script, where)
      : l10n.t('{0} to the cluster {1}, in {2}', script, where, inlineCode(workdir));
  const entries = isElsewhere ? uploadEntries(scriptFile(path)) : [];
  if (entries.length === 0) return job;
  const files = entries.map(inlineCode).join(', ');
  return `${job}\n\n${l10n.t('Uploaded before it: {0}', files)}`;
}

function reading(message: string, run: (input: ToolInput) => Promise<string>): Tool {
  return {
    prepareInvocation: () => ({ invocationMessage: message }),
    invoke: async ({ input }) => result(await run(input)),
  };
}

/** Nothing happens before VS Code has shown `question` and a person has agreed. */
function proposing(
  question: (input: ToolInput) => { readonly title: string; readonly message: string },
  run: (input: ToolInput) => Promise<string>,
): Tool {
  return {
    prepareInvocation: ({ input }) => {
      const { title, message } = question(input);
      return {
        invocationMessage: title,
        confirmationMessages: { title, message: new vscode.MarkdownString(message) },
      };
    },
    invoke: async ({ input }) => {
      if (!vscode.workspace.isTrusted) throw new Error(l10n.t('This workspace is not trusted: nothing acts in it.'));
      return result(await run(input));
    },
  };
}

function result(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

/** Only of the open folders, `..` followed first: an assistant is to submit what the person works on. Throws for all else. */
function scriptFile(path: string): vscode.Uri {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const candidates = path.startsWith('/')
    ? [vscode.Uri.file(posix.normalize(path))]
    : folders.map(({ uri }) => vscode.Uri.joinPath(uri, path));
  const inside = candidates.find((uri) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  if (!inside) throw new Error(l10n.t('{0} is not in a folder that is open here.', path));
  return inside;
}

/** As it is now: the end of the file is read for each question. */
async function readOutput(engine: EngineClient, key: string, input: ToolInput): Promise<string> {
  await engine.link.ensure();
  const job = engine.store.jobs.get(key);
  if (!job) throw new Error(l10n.t('There is no job {0}. Jobs are named CLUSTER/JOBID, e.g. local/3.', key));
  const path = outputPath(job, input);
  if (path === undefined) throw new Error(l10n.t('Where job {0} writes its output is not known yet.', key));
  const { data } = await engine.readFilePart({ job: key, path, offset: -outputTailBytes, maxBytes: outputTailBytes });
  return Buffer.from(data, 'base64').toString();
}
