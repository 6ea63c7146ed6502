/** What actions need and nobody else may read: kept in VS Code's secret storage, told to the engine, which keeps it in memory. */
import * as vscode from 'vscode';
import type { EngineSecrets } from '../../engine/protocol/actions.ts';
import * as l10n from '../../language/text/l10n.ts';

const keys = { emailPassword: 'vigil.email.password', slackWebhook: 'vigil.slack.webhook' } as const;
type SecretName = keyof typeof keys;

export class ActionSecrets {
  readonly #storage: vscode.SecretStorage;
  readonly #slackSetting: () => unknown;

  /** `slackSetting`: the setting `vigil.slack.webhook`, which goes before what is stored. */
  constructor(storage: vscode.SecretStorage, slackSetting: () => unknown) {
    this.#storage = storage;
    this.#slackSetting = slackSetting;
  }

  async all(): Promise<EngineSecrets> {
    const emailPassword = await this.#storage.get(keys.emailPassword);
    const setting = this.#slackSetting();
    const slackWebhook =
      typeof setting === 'string' && setting.trim() !== ''
        ? setting.trim()
        : await this.#storage.get(keys.slackWebhook);
    return { ...(emailPassword ? { emailPassword } : {}), ...(slackWebhook ? { slackWebhook } : {}) };
  }

  /** Calls back when one of them changes, also in another window. */
  onChange(listener: () => void): vscode.Disposable {
    return this.#storage.onDidChange(({ key }) => {
      if (Object.values<string>(keys).includes(key)) listener();
    });
  }

  /** Asks for it; an empty answer removes what is kept. */
  async askFor(name: SecretName): Promise<void> {
    const isPassword = name === 'emailPassword';
    const answer = await vscode.window.showInputBox({
      title: isPassword ? l10n.t('Password for the SMTP server') : l10n.t("Slack's incoming webhook"),
      prompt: isPassword
        ? l10n.t('Of the user in the setting vigil.email.user. Leave empty to forget it.')
        : l10n.t('Its URL, which begins with https://. Leave empty to forget it.'),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) =>
        isPassword || text === '' || /^https:\/\/[^/]/.test(text) ? undefined : l10n.t('The URL begins with https://.'),
    });
    if (answer === undefined) return;
    if (answer === '') await this.#storage.delete(keys[name]);
    else await this.#storage.store(keys[name], answer);
  }
}
