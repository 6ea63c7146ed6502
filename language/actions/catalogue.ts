/** The actions of watchers (section 7 of the language): names, aliases, parameters, and what completion and hover say. */
import * as l10n from '../text/l10n.ts';

/** `watcher` is the name of a watcher of the same script, `capture` that of a capture. */
export type ParameterType =
  | 'text'
  | 'number-or-text'
  | 'duration'
  | 'flag'
  | 'map'
  | 'texts'
  | 'condition'
  | 'any'
  | 'level'
  | 'watcher'
  | 'capture';

export interface ParameterInfo {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly type: ParameterType;
  readonly required?: boolean;
  /** Variables are not replaced in its text: the action gets their values beside it. */
  readonly verbatim?: true;
  /** Others than people read its text: beside it the action gets what was written, and the values that are in it. */
  readonly interpreted?: true;
  /** It may hold a secret (a URL that lets anybody post): eventlogs do not show it. */
  readonly secret?: true;
  /** As it would be written. */
  readonly default?: string | l10n.LaterText;
  readonly doc: l10n.LaterText;
}

export interface ActionInfo {
  readonly name: ActionName;
  readonly aliases: readonly string[];
  readonly parameters: readonly ParameterInfo[];
  readonly doc: l10n.LaterText;
}

const actionNames = [
  'cancel_job',
  'resubmit',
  'notify_email',
  'notify_slack',
  'notify',
  'webhook',
  'run_command',
  'store_metric',
  'log_event',
  'emit_event',
  'submit',
  'hold_job',
  'release_job',
  'requeue_job',
  'signal_job',
  'update_job',
  'pause_watcher',
  'stop_watcher',
] as const;

export type ActionName = (typeof actionNames)[number];

export const levels = ['debug', 'info', 'warning', 'error', 'critical'] as const;

const message: ParameterInfo = {
  name: 'message',
  type: 'text',
  doc: l10n.later('The text. `${variables}` are filled in.'),
};
const level: ParameterInfo = {
  name: 'level',
  type: 'level',
  default: '"info"',
  doc: l10n.later('How serious it is: `info`, `warning`, `error`.'),
};
const watcherName: ParameterInfo = {
  name: 'name',
  type: 'watcher',
  default: l10n.later('this watcher'),
  doc: l10n.later('Name of the watcher.'),
};

export const actions: readonly ActionInfo[] = [
  {
    name: 'cancel_job',
    aliases: ['cancel'],
    parameters: [
      { name: 'reason', type: 'text', doc: l10n.later('Why, for the job’s eventlog.') },
      {
        name: 'signal',
        type: 'number-or-text',
        doc: l10n.later('Send this signal instead of ending the job: `"USR1"`, `"TERM"`.'),
      },
    ],
    doc: l10n.later('Cancels the job. A job that is already over is a success.'),
  },
  {
    name: 'resubmit',
    aliases: [],
    parameters: [
      {
        name: 'modifications',
        type: 'map',
        interpreted: true,
        doc: l10n.later(
          'Options that override the script’s directives, `{"mem": "32G"}`, relative ones too, `{"mem": "*2", "time": "+2h"}`; other keys become environment variables.',
        ),
      },
      {
        name: 'cancel_original',
        aliases: ['cancel_previous'],
        type: 'flag',
        default: 'True',
        doc: l10n.later('Cancel this job first.'),
      },
      { name: 'delay', type: 'duration', doc: l10n.later('Submit after this time.') },
    ],
    doc: l10n.later('Submits the script again as it was submitted; the new job inherits the watchers.'),
  },
  {
    name: 'notify_email',
    aliases: ['email'],
    parameters: [
      {
        name: 'to',
        type: 'texts',
        default: l10n.later('the setting, else SSYNC_EMAIL'),
        doc: l10n.later('Who gets it.'),
      },
      { name: 'subject', type: 'text', doc: l10n.later('The subject.') },
      message,
    ],
    doc: l10n.later('Sends an e-mail.'),
  },
  {
    name: 'notify_slack',
    aliases: ['slack'],
    parameters: [
      { name: 'channel', type: 'text', doc: l10n.later('The channel, `#alerts`.') },
      message,
      {
        name: 'color',
        type: 'text',
        doc: l10n.later('Colour of the bar beside it: `good`, `warning`, `danger`, `#ff0000`.'),
      },
      { name: 'fields', type: 'map', doc: l10n.later('Short facts below it, `{"loss": "${loss}"}`.') },
      {
        name: 'webhook',
        type: 'text',
        secret: true,
        default: l10n.later('the setting, else SSYNC_SLACK_WEBHOOK'),
        doc: l10n.later('URL of the incoming webhook.'),
      },
    ],
    doc: l10n.later('Posts a message to Slack.'),
  },
  {
    name: 'notify',
    aliases: [],
    parameters: [message, level],
    doc: l10n.later('Shows a notification in every open VS Code window.'),
  },
  {
    name: 'webhook',
    aliases: [],
    parameters: [
      { name: 'url', type: 'text', required: true, secret: true, doc: l10n.later('Where to post to.') },
      { name: 'body', type: 'any', doc: l10n.later('What to post, as JSON.') },
    ],
    doc: l10n.later('Posts JSON to a URL.'),
  },
  {
    name: 'run_command',
    aliases: ['run', 'command'],
    parameters: [
      {
        name: 'command',
        type: 'text',
        required: true,
        verbatim: true,
        doc: l10n.later('The command. `${variables}` become quoted words.'),
      },
      { name: 'timeout', type: 'duration', default: '60', doc: l10n.later('How long it may take.') },
    ],
    doc: l10n.later('Runs a command on the cluster, in the job’s directory.'),
  },
  {
    name: 'store_metric',
    aliases: ['store', 'metric'],
    parameters: [
      { name: 'name', type: 'text', required: true, doc: l10n.later('Name of the series.') },
      { name: 'value', type: 'number-or-text', doc: l10n.later('The number, e.g. `"${loss}"`.') },
      { name: 'variable', type: 'capture', doc: l10n.later('Name of the capture that is the number.') },
    ],
    doc: l10n.later('Stores a number in the job’s metric series.'),
  },
  {
    name: 'log_event',
    aliases: ['log'],
    parameters: [message, level],
    doc: l10n.later('Writes an event to the job’s eventlog.'),
  },
  {
    name: 'emit_event',
    aliases: [],
    parameters: [
      { name: 'name', type: 'text', required: true, doc: l10n.later('Name of the event.') },
      { name: 'payload', type: 'any', doc: l10n.later('What comes with it.') },
    ],
    doc: l10n.later('Emits a durable event that workflows await.'),
  },
  {
    name: 'submit',
    aliases: [],
    parameters: [
      { name: 'script', type: 'text', required: true, interpreted: true, doc: l10n.later('Path of the script.') },
      {
        name: 'options',
        type: 'any',
        interpreted: true,
        doc: l10n.later('Options for the scheduler, `{"time": "2:00:00"}` or `["--time=2:00:00"]`.'),
      },
      { name: 'env', type: 'map', interpreted: true, doc: l10n.later('Environment variables.') },
      { name: 'dependency', type: 'text', doc: l10n.later('Dependency of the new job, e.g. `"afterok:${JOB_ID}"`.') },
    ],
    doc: l10n.later('Submits another script.'),
  },
  { name: 'hold_job', aliases: [], parameters: [], doc: l10n.later('Holds the job.') },
  { name: 'release_job', aliases: [], parameters: [], doc: l10n.later('Releases the held job.') },
  { name: 'requeue_job', aliases: [], parameters: [], doc: l10n.later('Puts the job back into the queue.') },
  {
    name: 'signal_job',
    aliases: [],
    parameters: [
      { name: 'signal', type: 'number-or-text', required: true, doc: l10n.later('The signal: `"USR1"`, `"TERM"`.') },
    ],
    doc: l10n.later('Sends a signal to the job.'),
  },
  {
    name: 'update_job',
    aliases: [],
    parameters: [
      { name: 'options', type: 'map', required: true, doc: l10n.later('What to change, `{"TimeLimit": "2:00:00"}`.') },
    ],
    doc: l10n.later('Changes the job in the scheduler.'),
  },
  {
    name: 'pause_watcher',
    aliases: [],
    parameters: [
      watcherName,
      {
        name: 'duration',
        type: 'duration',
        doc: l10n.later('Resume it after this time, `10m`; without it, a person has to.'),
      },
    ],
    doc: l10n.later('Pauses a watcher.'),
  },
  { name: 'stop_watcher', aliases: [], parameters: [watcherName], doc: l10n.later('Stops a watcher for good.') },
];

/** Every action takes it. */
export const conditionParameter: ParameterInfo = {
  name: 'condition',
  type: 'condition',
  doc: l10n.later('Python expression, evaluated after the watcher’s own: the action runs only if it holds.'),
};

const byName = new Map(actions.flatMap((info) => [info.name, ...info.aliases].map((name) => [name, info] as const)));

/** By name or alias; case does not matter. */
export function findAction(name: string): ActionInfo | undefined {
  return byName.get(name.toLowerCase());
}

/** Names and aliases. */
export const allActionNames: readonly string[] = [...byName.keys()];

export function findParameter(action: ActionInfo, name: string): ParameterInfo | undefined {
  return [...action.parameters, conditionParameter].find((info) => info.name === name || info.aliases?.includes(name));
}

/** The variables of parameters that are always known; captures and `$0`…`$9` come to them. */
export const actionVariables: { readonly [name: string]: l10n.LaterText } = {
  JOB_ID: l10n.later('The id of the job.'),
  JOB_NAME: l10n.later('The name of the job.'),
  HOSTNAME: l10n.later('The cluster.'),
  USER: l10n.later('The user on the cluster.'),
  WORK_DIR: l10n.later('The job’s working directory.'),
  JOB_STATE: l10n.later('The state of the job.'),
  job_end_state: l10n.later('The state in which the job ended; empty while it runs.'),
  WATCHER: l10n.later('The name of the watcher.'),
  TRIGGER_COUNT: l10n.later('How often the watcher has triggered.'),
  TIMESTAMP: l10n.later('The time of the match.'),
  LINE: l10n.later('The line that matched.'),
};
