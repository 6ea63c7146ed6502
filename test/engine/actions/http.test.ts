import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { TryLaterError } from '../../../engine/actions/action.ts';
import { slackText } from '../../../engine/actions/http.ts';
import { perform } from '../../../engine/actions/perform.ts';
import { retryAfter } from '../../../engine/post-json.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A real HTTP server that answers with these statuses in turn, and keeps what it was told. */
async function listener(...statuses: number[]) {
  const told: { readonly type: string | undefined; readonly key: unknown; readonly body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const { 'content-type': type, 'idempotency-key': key } = request.headers;
    told.push({ type, key, body: JSON.parse(await textOf(request)) });
    response
      .writeHead(statuses.shift() ?? 200, { location: 'http://127.0.0.1:1/', 'retry-after': '700' })
      .end('thanks');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/SECRET`, told };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const line = 'loss: <!channel> 11';

/** The result, or when it is to be tried again. */
async function run(
  action: string,
  params: { [name: string]: JsonValue },
  environment: { [name: string]: string } = {},
  attempt = 0,
) {
  const host = fakeActionHost({ attempt, environment: (name) => environment[name] });
  try {
    return await perform(actionIntent({ action, params, line, captures: { loss: '11' } }), host);
  } catch (error) {
    if (error instanceof TryLaterError) return { message: error.message, waitMs: error.waitMs };
    throw error;
  }
}

describe('webhook', () => {
  it('posts JSON', async () => {
    const { url, told } = await listener();
    expect(await run('webhook', { url, body: { loss: '11"\n' } })).toMatchObject({ ok: true });
    expect(told).toEqual([{ type: 'application/json', key: 'k'.repeat(32), body: { loss: '11"\n' } }]);
  });

  it('says what happened where no body is given', async () => {
    const { url, told } = await listener();
    await run('webhook', { url });
    expect(told[0]?.body).toEqual({
      job: 'test/7',
      name: 'train',
      watcher: 'w',
      line: 'loss: <!channel> 11',
      captures: { loss: '11' },
    });
  });

  it.each([
    [503, 0, 700_000],
    [429, 4, 700_000],
    [500, 5, 900_000],
    [500, 6, 900_000],
  ])('is tried again after %i (attempt %i), when the other side wishes', async (status, attempt, waitMs) => {
    const { url, told } = await listener(status);
    expect(await run('webhook', { url }, {}, attempt)).toEqual({ message: `the webhook answered ${status}`, waitMs });
    expect(told).toHaveLength(1);
  });

  it('is given up after eight tries', async () => {
    const { url } = await listener(500);
    expect(await run('webhook', { url }, {}, 7)).toEqual({
      ok: false,
      message: 'the webhook answered 500 (tried 8 times)',
    });
  });

  it.each([404, 400, 302])('fails for good with %i, and does not tell the URL', async (status) => {
    const { url, told } = await listener(status, status);
    expect(await run('webhook', { url })).toEqual({ ok: false, message: `the webhook answered ${status}` });
    expect(told).toHaveLength(1);
  });

  it('says that nobody is there, and comes again', async () => {
    const { message, ...rest } = await run('webhook', { url: 'http://127.0.0.1:1/hook/SECRET' });
    expect(message).toMatch(/^the webhook could not be reached: /);
    expect(message).not.toContain('SECRET');
    expect(rest).toEqual({ waitMs: 2000 });
  });

  it.each(['file:///etc/passwd', 'javascript:1', 'http://'])('does not ask %s', async (url) => {
    expect(await run('webhook', { url })).toMatchObject({ ok: false });
  });
});

describe('notify_slack', () => {
  it('posts to the webhook it is given, else to that of the environment', async () => {
    const [given, own] = [await listener(), await listener()];
    await run(
      'notify_slack',
      { webhook: given.url, message: 'hi', channel: '#runs' },
      { SSYNC_SLACK_WEBHOOK: own.url },
    );
    await run('notify_slack', { message: 'hi' }, { SSYNC_SLACK_WEBHOOK: own.url });
    expect(given.told).toMatchObject([{ body: { text: 'hi', channel: '#runs' } }]);
    expect(own.told).toMatchObject([{ body: { text: 'hi' } }]);
  });

  it('lets nothing that a job printed mention or link', async () => {
    const { url, told } = await listener();
    await run('notify_slack', { webhook: url });
    expect(told[0]?.body).toEqual({ text: 'w matched in job 7 (train): loss: &lt;!channel&gt; 11' });
    expect(slackText('<a|b> & c')).toBe('&lt;a|b&gt; &amp; c');
  });

  it('says what is missing', async () => {
    expect(await run('notify_slack', {})).toMatchObject({
      ok: false,
      message: expect.stringContaining('SSYNC_SLACK_WEBHOOK'),
    });
  });

  it('puts colour and fields into an attachment', async () => {
    const { url, told } = await listener();
    await run('notify_slack', { webhook: url, message: 'hi', color: 'danger', fields: { 'a&b': '<!here>', n: 3 } });
    const fields = [
      { title: 'a&amp;b', value: '&lt;!here&gt;', short: true },
      { title: 'n', value: '3', short: true },
    ];
    expect(told[0]?.body).toEqual({ attachments: [{ fallback: 'hi', text: 'hi', color: 'danger', fields }] });
  });
});

it.each([
  ['30', 30],
  ['Sat, 21 Nov 2026 00:01:00 GMT', 60],
  ['Fri, 20 Nov 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  [null, undefined],
])('Retry-After %j is %j seconds', (value, seconds) => {
  expect(retryAfter(value, Date.UTC(2026, 10, 21))).toBe(seconds);
});
