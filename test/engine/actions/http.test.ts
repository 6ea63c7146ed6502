import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActionHost } from '../../../engine/actions/action.ts';
import { slackText } from '../../../engine/actions/http.ts';
import { perform } from '../../../engine/actions/perform.ts';
import { postJson } from '../../../engine/post-json.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import type { ActionIntent } from '../../../engine/store/records.ts';
import { jobRecord } from '../../support/builders.ts';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A real HTTP server that answers with these statuses in turn, and keeps what it was told. */
async function listener(...statuses: number[]) {
  const told: { readonly type: string | undefined; readonly body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    told.push({ type: request.headers['content-type'], body: JSON.parse(await textOf(request)) });
    response.writeHead(statuses.shift() ?? 200, { location: 'http://127.0.0.1:1/' }).end('thanks');
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

async function run(
  action: string,
  params: { [name: string]: JsonValue },
  environment: { [name: string]: string } = {},
) {
  const slept: number[] = [];
  const host = {
    job: jobRecord({ name: 'train' }),
    postJson,
    environment: (name: string) => environment[name],
    mayNotify: () => true,
    sleep: async (ms: number) => void slept.push(ms),
  } as unknown as ActionHost;
  const line = 'loss: <!channel> 11';
  const intent: ActionIntent = {
    watcher: 0,
    watcherName: 'w',
    trigger: 1,
    position: 0,
    action,
    params,
    line,
    captures: { loss: '11' },
  };
  return { result: await perform(intent, host), slept };
}

describe('webhook', () => {
  it('posts JSON', async () => {
    const { url, told } = await listener();
    expect(await run('webhook', { url, body: { loss: '11"\n' } })).toMatchObject({ result: { ok: true }, slept: [] });
    expect(told).toEqual([{ type: 'application/json', body: { loss: '11"\n' } }]);
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

  it('tries again when the other side is not well', async () => {
    const { url, told } = await listener(503, 429);
    expect(await run('webhook', { url })).toMatchObject({ result: { ok: true }, slept: [1000, 4000] });
    expect(told).toHaveLength(3);
  });

  it.each([
    [404, 1],
    [302, 1],
    [500, 3],
  ])('fails for good with %i after %i tries, and does not tell the URL', async (status, tries) => {
    const { url, told } = await listener(status, status, status);
    const { result } = await run('webhook', { url });
    expect(result).toEqual({ ok: false, message: `the webhook answered ${status}` });
    expect(told).toHaveLength(tries);
  });

  it('says that nobody is there', async () => {
    const { result } = await run('webhook', { url: 'http://127.0.0.1:1/hook/SECRET' });
    expect(result.ok).toBe(false);
    expect(result.message).toMatch(/^the webhook could not be reached: /);
    expect(result.message).not.toContain('SECRET');
  });

  it.each(['file:///etc/passwd', 'javascript:1', 'http://'])('does not ask %s', async (url) => {
    expect((await run('webhook', { url })).result.ok).toBe(false);
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
    expect((await run('notify_slack', {})).result).toMatchObject({
      ok: false,
      message: expect.stringContaining('SSYNC_SLACK_WEBHOOK'),
    });
  });
});
