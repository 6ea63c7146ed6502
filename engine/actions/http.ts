/** `webhook(url, body)` and `notify_slack(…)`: JSON posts, tried again when the other side is not well. */
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';
import {
  type Action,
  type ActionHost,
  type ActionResult,
  defaultMessage,
  done,
  failed,
  type HttpAnswer,
  textParam,
} from './action.ts';
import { tryAgain } from './delivery.ts';

export const webhook: Action = async (intent, host) => {
  const url = textParam(intent, 'url');
  if (!url) return failed('no url is given');
  const { watcherName: watcher, line, captures } = intent;
  const body = intent.params.body ?? { job: host.job.key, name: host.job.name, watcher, line, captures };
  return post(host, url, body, 'the webhook');
};

export const notifySlack: Action = async (intent, host) => {
  const url = textParam(intent, 'webhook') || host.secrets.slackWebhook || host.environment('SSYNC_SLACK_WEBHOOK');
  if (!url)
    return failed(
      'no Slack webhook is known: give webhook="https://…", keep one with "Vigil: Set Slack Webhook…", or set SSYNC_SLACK_WEBHOOK where the engine starts',
    );
  return post(host, url, slackBody(intent, host), 'Slack');
};

/** https://api.slack.com/reference/messaging/payload; colour and fields are those of an attachment. */
function slackBody(intent: ActionIntent, host: ActionHost): JsonValue {
  const channel = textParam(intent, 'channel');
  const color = textParam(intent, 'color');
  const text = slackText(textParam(intent, 'message') ?? defaultMessage(intent, host.job));
  const { fields } = intent.params;
  const listed =
    fields !== null && typeof fields === 'object' && !Array.isArray(fields)
      ? Object.entries(fields).map(([title, value]) => ({
          title: slackText(title),
          value: slackText(typeof value === 'string' ? value : JSON.stringify(value)),
          short: true,
        }))
      : [];
  const target = channel ? { channel } : {};
  if (!color && listed.length === 0) return { text, ...target };
  const attachment = { fallback: text, text, ...(color ? { color } : {}), fields: listed };
  return { attachments: [attachment], ...target };
}

/** What a job printed must not become a link or a mention: Slack's three control characters are escaped. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The message names who was asked, never the URL: it may hold a secret. */
async function post(host: ActionHost, url: string, body: JsonValue, whom: string): Promise<ActionResult> {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    return failed(`${whom} is not asked: its URL is not one that begins with http:// or https://`);
  let answer: HttpAnswer;
  try {
    answer = await host.postJson(url, body, { 'idempotency-key': host.key });
  } catch (error) {
    return tryAgain(host, `${whom} could not be reached: ${causeOf(error)}`);
  }
  const { status, retryAfterSeconds } = answer;
  if (status >= 200 && status < 300) return done(`${whom} answered ${status}`);
  if (status >= 500 || status === 429 || status === 408)
    return tryAgain(host, `${whom} answered ${status}`, retryAfterSeconds);
  return failed(`${whom} answered ${status}`);
}

/** fetch() says only "fetch failed"; the cause says why, and neither names the URL. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.name;
  return 'an unknown reason';
}
