import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TryLaterError } from '../../../engine/actions/action.ts';
import { isAddress } from '../../../engine/actions/email.ts';
import { perform } from '../../../engine/actions/perform.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { sendBySmtp } from '../../../engine/email/smtp.ts';
import type { ActionSettings } from '../../../engine/protocol/actions.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { defaultSettings } from '../../../engine/settings.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';

const closers: (() => void)[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-mail-'));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A real SMTP server that takes everything, or answers RCPT with these codes in turn. */
async function smtp(options: SMTPServerOptions = {}, codes: number[] = []) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.cert ? [] : ['STARTTLS'],
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('no')),
    onRcptTo: (_address, _session, done) => {
      const code = codes.shift();
      done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map((one) => one.address),
          text: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  return { received, settings: { 'email.server': 'localhost', 'email.port': port } as Partial<ActionSettings> };
}

function certificate(): { key: string; cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function mail(
  params: { [name: string]: JsonValue },
  settings: Partial<ActionSettings>,
  given: {
    readonly password?: string;
    readonly ca?: string;
    readonly env?: { [name: string]: string };
    readonly attempt?: number;
  } = {},
) {
  const all = { ...defaultSettings, ...settings };
  const host = fakeActionHost({
    settings: all,
    attempt: given.attempt ?? 0,
    environment: (name) => given.env?.[name],
    sendEmail: (message) =>
      sendBySmtp(message, {
        settings: all,
        password: given.password,
        ...(given.ca === undefined ? {} : { ca: given.ca }),
      }),
    connection: async () => openLocalConnection('test', { ...process.env, ...given.env }),
  });
  try {
    return await perform(actionIntent({ action: 'notify_email', params }), host);
  } catch (error) {
    if (error instanceof TryLaterError) return { later: error.message, needsPerson: error.needsPerson };
    throw error;
  }
}

const header = (text: string, name: string) =>
  text
    .split('\r\n\r\n')[0]
    ?.replace(/\r\n\s+/g, ' ')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`));

describe('by SMTP', () => {
  it('sends what was asked for, to whom it was asked for', async () => {
    const { received, settings } = await smtp();
    const result = await mail({ to: ['a@x.org', 'b@x.org'], subject: 'Löss', message: 'It is ü.\n.\nend' }, settings);
    expect(result).toEqual({ ok: true, message: 'localhost took the e-mail to a@x.org, b@x.org' });
    expect(received).toMatchObject([{ to: ['a@x.org', 'b@x.org'], from: 'a@x.org', secure: false }]);
    expect(header(received[0]?.text ?? '', 'message-id')?.[0]).toContain('k'.repeat(32));
    expect(header(received[0]?.text ?? '', 'subject')).toEqual(['Subject: =?UTF-8?Q?L=C3=B6ss?=']);
  });

  it.each([
    [{ to: 'a@x.org' }, { 'email.to': 'b@x.org' }, 'a@x.org'],
    [{}, { 'email.to': 'b@x.org' }, 'b@x.org'],
    [{}, {}, 'c@x.org'],
  ])('goes to `to`, else the setting, else SSYNC_EMAIL: %j %j', async (params, more, expected) => {
    const { received, settings } = await smtp();
    await mail(params, { ...settings, ...more }, { env: { SSYNC_EMAIL: 'c@x.org' } });
    expect(received[0]?.to).toEqual([expected]);
  });

  it('logs in over STARTTLS, and over TLS from the start', async () => {
    const { key, cert } = certificate();
    for (const [secure, tls] of [
      [false, 'auto'],
      [false, 'starttls'],
      [true, 'implicit'],
    ] as const) {
      const { received, settings } = await smtp({ key, cert, secure, authOptional: false });
      const more = { ...settings, 'email.tls': tls, 'email.user': 'me@x.org' } as const;
      expect(await mail({ to: 'a@x.org' }, more, { password: 'right', ca: cert })).toMatchObject({ ok: true });
      expect(received).toMatchObject([{ secure: true, user: 'me@x.org', from: 'me@x.org' }]);
      expect(await mail({ to: 'a@x.org' }, more, { password: 'wrong', ca: cert })).toMatchObject({ ok: false });
      // A certificate that nobody vouches for.
      expect(await mail({ to: 'a@x.org' }, more, { password: 'right' })).not.toMatchObject({ ok: true });
      expect(received).toHaveLength(1);
    }
  });

  it('never sends a password without TLS', async () => {
    const { received, settings } = await smtp();
    for (const tls of ['auto', 'starttls', 'none'] as const) {
      const result = await mail(
        { to: 'a@x.org' },
        { ...settings, 'email.tls': tls, 'email.user': 'me' },
        { password: 'right' },
      );
      expect(result).not.toMatchObject({ ok: true });
    }
    expect(received).toEqual([]);
  });

  it('waits for a password that nobody has told yet', async () => {
    const { settings } = await smtp();
    expect(await mail({ to: 'a@x.org' }, { ...settings, 'email.user': 'me' })).toMatchObject({ needsPerson: true });
  });

  it('comes again after a temporary refusal or when nobody is there, not after a lasting one', async () => {
    const busy = await smtp({}, [451]);
    expect(await mail({ to: 'a@x.org' }, busy.settings)).toMatchObject({ later: expect.stringContaining('not now') });
    expect(await mail({ to: 'a@x.org' }, busy.settings, { attempt: 1 })).toMatchObject({ ok: true });
    const refusing = await smtp({}, [550]);
    expect(await mail({ to: 'a@x.org' }, refusing.settings)).toMatchObject({ ok: false });
    expect(await mail({ to: 'a@x.org' }, { 'email.server': 'localhost', 'email.port': 1 })).toHaveProperty('later');
  });

  it('takes no header from what a job printed (real server)', { timeout: 120_000 }, async () => {
    const { received, settings } = await smtp();
    const part = fc.constantFrom(
      '\r\nBcc: evil@x.org',
      '\nX-A: b\n\nbody',
      '\u2028Bcc: e@x.org',
      '\r',
      '\0',
      'ü',
      '=?UTF-8?Q?=0ABcc?=',
      '.\r\n',
      'a',
      ' ',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, message) => {
        received.length = 0;
        await mail({ to: 'a@x.org', subject, message }, settings);
        expect(received.map(({ to }) => to)).toEqual([['a@x.org']]);
        for (const name of ['bcc', 'x-a', 'cc']) expect(header(received[0]?.text ?? '', name)).toEqual([]);
        expect(header(received[0]?.text ?? '', 'subject')?.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

/** A fake mail program: it writes down its arguments and its stdin, as a real one would be given them. */
function fakeProgram(name: 'sendmail' | 'mail', status = 0): { [name: string]: string } {
  const file = join(folder, name);
  writeFileSync(
    file,
    `#!/bin/sh\nfor word; do printf '%s\\n' "[$word]"; done >'${folder}/${name}.args'\ncat >'${folder}/${name}.stdin'\nexit ${status}\n`,
  );
  chmodSync(file, 0o755);
  // Nothing else of the machine that could send mail is found.
  for (const tool of ['cat', 'sh', 'env', 'rm']) {
    const path = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
    if (!existsSync(join(folder, tool))) execFileSync('ln', ['-s', path, join(folder, tool)]);
  }
  return { PATH: folder };
}

const noSendmailHere = !existsSync('/usr/sbin/sendmail') && !existsSync('/usr/lib/sendmail');

describe.skipIf(process.platform === 'win32')('by a program of the cluster (a fake one)', () => {
  const nasty = '$(touch pwned)`id`\n~!touch pwned\n.\n"\'\\ ü';

  it('sendmail gets a whole message on its stdin', async () => {
    const env = fakeProgram('sendmail');
    const result = await mail({ to: 'a@x.org,me', subject: 'x\nBcc: e@x.org', message: nasty }, {}, { env });
    expect(result).toMatchObject({ ok: true });
    expect(readFileSync(join(folder, 'sendmail.args'), 'utf8')).toBe('[-i]\n[--]\n[a@x.org]\n[me]\n');
    const message = readFileSync(join(folder, 'sendmail.stdin'), 'utf8');
    expect(message).toMatch(/^Subject: x Bcc: e@x.org$/m);
    expect(message).not.toMatch(/^Bcc/m);
    expect(message).not.toContain('\r');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it.runIf(noSendmailHere)('mail gets the text, no line of which is a command to it', async () => {
    const env = fakeProgram('mail');
    expect(await mail({ to: 'a@x.org', subject: "it's -s", message: nasty }, {}, { env })).toMatchObject({ ok: true });
    expect(readFileSync(join(folder, 'mail.args'), 'utf8')).toBe("[-s]\n[it's -s]\n[--]\n[a@x.org]\n");
    expect(readFileSync(join(folder, 'mail.stdin'), 'utf8')).toBe(`${nasty.replace('\n~', '\n ~')}\n`);
  });

  it('tries again when the program says that it may succeed later (EX_TEMPFAIL)', async () => {
    expect(await mail({ to: 'me' }, {}, { env: fakeProgram('sendmail', 75) })).toHaveProperty('later');
    expect(await mail({ to: 'me' }, {}, { env: fakeProgram('sendmail', 64) })).toMatchObject({ ok: false });
  });
});

it.each([
  ['a@x.org', true],
  ['a.b+c=d%e@x-y.org', true],
  ['me', true],
  ['-f/etc/passwd', false],
  ['|sh', false],
  ['/tmp/file', false],
  ['./file', false],
  ['a@x.org\nBcc: b@x.org', false],
  ['a@-x.org', false],
  ['"a b"@x.org', false],
  ['a@x.org>', false],
  ['+folder', false],
])('%j is an address: %s', (text, expected) => expect(isAddress(text)).toBe(expected));

it('says what is wrong with a recipient that a job printed', async () => {
  expect(await mail({ to: '|sh' }, {})).toMatchObject({ ok: false, message: '"|sh" is not an e-mail address' });
  expect(await mail({}, {})).toMatchObject({ ok: false, message: expect.stringContaining('SSYNC_EMAIL') });
});
