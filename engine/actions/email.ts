/** `notify_email(to, subject, message)`: by SMTP where a server is set, else by `sendmail` or `mail` on the cluster. */
import { isPassing, PasswordMissingError } from '../email/smtp.ts';
import type { ActionIntent } from '../store/records.ts';
import {
  type Action,
  type ActionHost,
  defaultMessage,
  done,
  type EmailMessage,
  failed,
  TryLaterError,
  textParam,
} from './action.ts';
import { mailFromCluster } from './cluster-mail.ts';
import { tryAgain } from './delivery.ts';

const mostRecipients = 20;
const longestText = 100_000;
/** While nobody has told the password: whoever comes with it is a reason to try at once. */
const passwordWaitMs = 10 * 60_000;

export const notifyEmail: Action = async (intent, host) => {
  const to = recipients(intent, host);
  if (to.length === 0)
    return failed('no recipient is known: give to="…", set vigil.email.to, or SSYNC_EMAIL where the engine starts');
  const odd = to.find((address) => !isAddress(address));
  if (odd !== undefined) return failed(`${JSON.stringify(odd.slice(0, 200))} is not an e-mail address`);
  if (to.length > mostRecipients) return failed(`an e-mail goes to at most ${mostRecipients} recipients`);
  const message: EmailMessage = {
    to,
    subject: headerText(
      textParam(intent, 'subject') ?? `${intent.watcherName}: job ${host.job.jobId} (${host.job.name})`,
    ),
    text: (textParam(intent, 'message') ?? defaultMessage(intent, host.job)).slice(0, longestText),
    id: host.key,
  };
  return host.settings['email.server'] ? bySmtp(message, host) : mailFromCluster(message, host);
};

async function bySmtp(message: EmailMessage, host: ActionHost) {
  const server = host.settings['email.server'];
  try {
    await host.sendEmail(message);
  } catch (error) {
    const problem = `${server} did not take the e-mail: ${headerText(error instanceof Error ? error.message : String(error))}`;
    if (error instanceof PasswordMissingError) throw new TryLaterError(problem, passwordWaitMs, true);
    return isPassing(error) ? tryAgain(host, problem) : failed(problem);
  }
  return done(`${server} took the e-mail to ${message.to.join(', ')}`);
}

function recipients(intent: ActionIntent, host: ActionHost): string[] {
  const { to } = intent.params;
  const listed = Array.isArray(to) ? to.map(String).join(',') : textParam(intent, 'to');
  const written = listed || host.settings['email.to'] || host.environment('SSYNC_EMAIL') || '';
  return written
    .split(/[,;\n]/)
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

/**
 * `user@host`, or the name of a user of the cluster. Of the forms of RFC 5321 those that no mail program takes for
 * anything else: mail(1) pipes to what begins with `|` and writes to what holds `/`.
 */
export function isAddress(text: string): boolean {
  return (
    text.length <= 254 && /^[A-Za-z0-9_][\w.+=%-]{0,63}(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$/.test(text)
  );
}

/** One line for a header: line breaks would begin another header, other controls have no business there. */
export function headerText(text: string): string {
  return text
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 500);
}
