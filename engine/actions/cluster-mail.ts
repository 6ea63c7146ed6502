/** E-mail by a program of the cluster: the whole message on its stdin, nothing of it in a shell's text. */
import { composeMessage } from '../email/smtp.ts';
import { type ActionHost, type ActionResult, done, type EmailMessage, failed } from './action.ts';
import { tryAgain } from './delivery.ts';

/** EX_TEMPFAIL of sysexits.h. */
const temporaryFailure = 75;

export async function mailFromCluster(message: EmailMessage, host: ActionHost): Promise<ActionResult> {
  const connection = await host.connection();
  const found = await connection.exec(['sh', '-c', findProgram]);
  const [kind = '', program = ''] = found.stdout.trim().split(' ', 2);
  if (kind === '')
    return failed(
      'e-mail cannot be sent: no SMTP server is set (vigil.email.server), and the cluster has no sendmail or mail',
    );
  const result =
    kind === 'sendmail'
      ? await connection.exec([program, '-i', '--', ...message.to], {
          stdin: await composeMessage(message, host.settings, host.job.key),
        })
      : await connection.exec([program, '-s', message.subject, '--', ...message.to], {
          stdin: plainBody(message.text),
        });
  if (result.status === 0) return done(`${program} on ${host.job.cluster} took the e-mail to ${message.to.join(', ')}`);
  const said = result.stderr.replace(/\s+/g, ' ').trim().slice(0, 300);
  const problem = `${program} on ${host.job.cluster} failed with status ${result.status ?? result.signal}: ${said}`;
  return result.status === temporaryFailure ? tryAgain(host, problem) : failed(problem);
}

/** sendmail(8) takes a whole message; it often is outside of the PATH of users. */
const findProgram = `for name in sendmail /usr/sbin/sendmail /usr/lib/sendmail; do
path=$(command -v "$name") && { echo "sendmail $path"; exit 0; }
done
for name in mail mailx; do
path=$(command -v "$name") && { echo "mail $path"; exit 0; }
done
exit 0`;

/** Some mail(1) read lines that begin with `~` as commands, also from stdin (CVE-2021-32749). */
function plainBody(text: string): string {
  const body = text.replaceAll('\0', '\ufffd').replace(/^~/gm, ' ~');
  return body.endsWith('\n') ? body : `${body}\n`;
}
