/** `webhook(url, body)` and `notify_slack(message, channel, webhook)`: JSON posts, tried again when the other side is not well. */
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';
import { type Action, type ActionHost, type ActionResult, done, failed, textParam } from './action.ts';

/** Milliseconds between tries. */
const retryMs = [1000, 4000] as const;

export const webhook: Action = async (intent, host) => {
  const url = textParam(intent, 'url');
  if (!url) return failed('no url is given');
  const { watcherName: watcher, line, captures } = intent;
  const body = intent.params.body ?? { job: host.job.key, name: host.job.name, watcher, line, captures };
  return post(host, url, body, 'the webhook');
};

export const notifySlack: Action = async (intent, host) => {
  const url = textParam(intent, 'webhook') ?? host.environment('SSYNC_SLACK_WEBHOOK');
  if (!url)
    return failed(
      'no Slack webhook is known: give webhook="https://…", or set SSYNC_SLACK_WEBHOOK where the engine starts',
    );
  const channel = textParam(intent, 'channel');
  const text = textParam(intent, 'message') ?? defaultMessage(intent, host);
  return post(host, url, { text: slackText(text), ...(channel ? { channel } : {}) }, 'Slack');
};

function defaultMessage(intent: ActionIntent, host: ActionHost): string {
  return `${intent.watcherName} matched in job ${host.job.jobId} (${host.job.name}): ${intent.line}`;
}

/** What a job printed must not become a link or a mention: Slack's three control characters are escaped. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The message names who was asked, never the URL: it may hold a secret. */
async function post(host: ActionHost, url: string, body: JsonValue, whom: string): Promise<ActionResult> {
  if (!/^https?:\/\/[^/]/.test(url))
    return failed(`${whom} is not asked: its URL does not begin with http:// or https://`);
  let problem = '';
  for (const waitMs of [...retryMs, undefined]) {
    try {
      const status = await host.postJson(url, body);
      if (status >= 200 && status < 300) return done(`${whom} answered ${status}`);
      problem = `${whom} answered ${status}`;
      if (status < 500 && status !== 429) break;
    } catch (error) {
      problem = `${whom} could not be reached: ${causeOf(error)}`;
    }
    if (waitMs !== undefined) await host.sleep(waitMs);
  }
  return failed(problem);
}

/** fetch() says only "fetch failed"; the cause says why, and neither names the URL. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.name;
  return String(cause);
}
