/**
 * Notifications of the desktop, for when nobody looks at VS Code: by what each system has for it. VS Code has no interface for
 * them; libraries bring programs of their own for each system.
 */
import { execFile } from 'node:child_process';
import type { UserNotification } from '../../engine/protocol.ts';

/** A program and its arguments, never shell text. */
export interface DesktopCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

const title = 'Vigil';

/** What the texts are comes by the environment: PowerShell would read arguments as program text. */
const toast = `
$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$template = $manager::GetTemplateContent('ToastText02')
$texts = $template.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($template.CreateTextNode($env:VIGIL_TITLE))
[void]$texts.Item(1).AppendChild($template.CreateTextNode($env:VIGIL_TEXT))
$toast = [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]::new($template)
$manager::CreateToastNotifier('{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe').Show($toast)
`;

/**
 * What shows a text on the desktop; `undefined` on a system of which Vigil does not know it.
 * @param text one line, without control characters
 */
export function desktopCommand(
  platform: NodeJS.Platform,
  level: UserNotification['level'],
  text: string,
): DesktopCommand | undefined {
  switch (platform) {
    case 'linux': {
      // notify-send(1). The text is markup (Desktop Notifications Specification 1.2).
      const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      const urgency = level === 'error' ? 'critical' : 'normal';
      return { program: 'notify-send', args: [`--app-name=${title}`, `--urgency=${urgency}`, '--', title, markup] };
    }
    case 'darwin': {
      // osascript(1): what follows the script is its argv.
      const script = 'display notification (item 2 of argv) with title (item 1 of argv)';
      return { program: 'osascript', args: ['-e', 'on run argv', '-e', script, '-e', 'end run', title, text] };
    }
    case 'win32':
      return {
        program: 'powershell.exe',
        args: ['-NoProfile', '-NonInteractive', '-Command', toast],
        env: { VIGIL_TITLE: title, VIGIL_TEXT: text },
      };
    default:
      return undefined;
  }
}

/** Resolves when it is shown. Rejects where the program is not there, or has nobody to show it to. */
export function showOnDesktop({ program, args, env = {} }: DesktopCommand): Promise<void> {
  return new Promise((succeed, fail) => {
    execFile(program, args, { env: { ...process.env, ...env }, timeout: 10_000 }, (error, _, stderr) => {
      if (!error) return succeed();
      fail(new Error(`${program}: ${stderr.trim() || error.message.split('\n', 1)[0]}`));
    });
  });
}
