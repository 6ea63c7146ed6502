/** Sends e-mail by SMTP, as the settings `vigil.email.*` say. */
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import type { EmailMessage } from '../actions/action.ts';
import type { ActionSettings } from '../protocol/actions.ts';

const timeoutMs = 20_000;

/** A setting is missing or wrong: trying again is of no use. */
export class EmailSettingsError extends Error {}

/** The password is not here yet: it comes with a window of the editor. */
export class PasswordMissingError extends Error {}

export interface SmtpOptions {
  readonly settings: ActionSettings;
  readonly password: string | undefined;
  /** More certificates to trust, in PEM. */
  readonly ca?: string;
}

/**
 * Rejects when the server did not take it for every recipient. A password is never sent without TLS; the certificate of
 * the server must be one that this machine trusts.
 */
export async function sendBySmtp(message: EmailMessage, { settings, password, ca }: SmtpOptions): Promise<void> {
  const { 'email.server': host, 'email.user': user, 'email.tls': tls } = settings;
  if (user && tls === 'none')
    throw new EmailSettingsError('vigil.email.tls is "none": a password is not sent without TLS');
  if (user && password === undefined)
    throw new PasswordMissingError(
      'the password is not known: "Vigil: Set E-mail Password…" keeps it, or VIGIL_EMAIL_PASSWORD where the engine starts',
    );
  const port = settings['email.port'] || (tls === 'implicit' ? 465 : 587);
  const secure = tls === 'implicit' || (tls === 'auto' && port === 465);
  const transport = createTransport({
    host,
    port,
    secure,
    ignoreTLS: tls === 'none',
    requireTLS: !secure && (tls === 'starttls' || user !== ''),
    ...(user ? { auth: { user, pass: password ?? '' } } : {}),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  try {
    const from = settings['email.from'] || (user.includes('@') ? user : message.to[0]);
    const sent = await transport.sendMail(composed(message, from ?? ''));
    if (sent.rejected.length > 0) throw new Error(`it refused ${sent.rejected.join(', ')}`);
  } finally {
    transport.close();
  }
}

/** As nodemailer takes it. */
function composed(
  { to, subject, text, id }: EmailMessage,
  from: string,
  headers: { readonly [name: string]: string } = {},
) {
  return {
    from,
    to: [...to],
    subject,
    text,
    messageId: `<${id}@${hostname().replace(/[^\w.-]/g, '') || 'vigil'}>`,
    headers: { 'Auto-Submitted': 'auto-generated', ...headers },
    // A message is text, never a file or an address of something to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The whole message for sendmail(8): lines end with `\n`, and without a sender of ours it puts in the user's. */
export async function composeMessage(message: EmailMessage, settings: ActionSettings, job: string): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const sent = await transport.sendMail(composed(message, settings['email.from'], { 'X-Vigil-Job': job }));
  const { message: built } = sent as unknown as { readonly message: Buffer };
  return built;
}

/** May it succeed later: nobody was reached, or the server said so (RFC 5321, 4.2.1: 4yz)? */
export function isPassing(error: unknown): boolean {
  if (error instanceof EmailSettingsError || !(error instanceof Error)) return false;
  const { responseCode, code } = error as Error & { responseCode?: unknown; code?: unknown };
  if (typeof responseCode === 'number') return responseCode >= 400 && responseCode < 500;
  return typeof code === 'string' && !['EAUTH', 'EENVELOPE', 'EMESSAGE', 'ETLS'].includes(code);
}
