/** What the server says in the language of its client. */
import { afterEach, describe, expect, it } from 'vitest';
import { configure } from '../../language/text/l10n.ts';
import { type LanguageClient, startInProcess } from './harness.ts';

const clients: LanguageClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  configure(undefined);
});

async function start(translations: unknown): Promise<LanguageClient> {
  const client = await startInProcess(undefined, {}, { commands: true, translations });
  clients.push(client);
  return client;
}

const script = '#!/bin/bash\n#WATCHER pattern="x" action=notfy()\n';
const german = {
  'There is no action `{0}`{1}': 'Die Aktion `{0}` gibt es nicht{1}',
  ': did you mean `{0}`?': ': war `{0}` gemeint?',
  'Replace with `{0}`': 'Durch `{0}` ersetzen',
  'Posts JSON to a URL.': 'Schickt JSON an eine URL.',
  'Regular expression in Python’s `re` syntax, searched in each line of output. Required unless `trigger_on_job_end` or `silence` is set.':
    'Regulärer Ausdruck.',
};

describe('a client with translations', () => {
  it('gets them in diagnostics and code actions', async () => {
    const client = await start(german);
    const [found] = await client.open(script);
    expect(found?.message).toBe('Die Aktion `notfy` gibt es nicht: war `notify` gemeint?');
    await client.close();
    expect((await client.codeActions(script)).map(({ title }) => title)).toEqual([
      'Durch `notify` ersetzen',
      // Those without a translation.
      'Switch off action/unknown here',
      'Switch off action/unknown in this file',
    ]);
  });

  it('gets them in hovers and proposals, whose tables are older than the client', async () => {
    const client = await start(german);
    const hover = await client.hover(script, script.indexOf('pattern'));
    expect(hover?.contents).toEqual({ kind: 'markdown', value: '**pattern**\n\nRegulärer Ausdruck.' });
    const items = await client.complete(script, script.indexOf('notfy'));
    expect(items.find(({ label }) => label === 'webhook')?.documentation).toMatchObject({
      value: expect.stringMatching(/^Schickt JSON an eine URL\./),
    });
  });

  it.each([undefined, null, 7, [], { 'Replace with `{0}`': 7 }])('gets English where they are %j', async (sent) => {
    const client = await start(sent);
    const [first] = await client.codeActions(script);
    expect(first?.title).toBe('Replace with `notify`');
  });
});
