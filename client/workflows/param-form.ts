/** The form that asks for the parameters of a workflow before it is run. */
import type * as vscode from 'vscode';
import type { JsonValue } from '../../engine/protocol.ts';
import type { FormView, FromFormPage } from '../../webview/messages.ts';
import { PagePanel } from '../pages/page-panel.ts';
import { plainLine } from '../text/plain-text.ts';

type Params = { readonly [name: string]: JsonValue };

/** The parameters that are not the defaults; undefined: the person thought better of it. */
export function askParams(
  extension: vscode.Uri,
  { verb, title }: Pick<FormView, 'verb' | 'title'>,
  params: Params,
): Promise<Params | undefined> {
  return new Promise((resolve) => {
    const panel = new PagePanel<FormView, FromFormPage>(extension, {
      script: 'form-page',
      title: plainLine(title, 70),
      place: 'active',
      keepsState: true,
      onMessage: (message) => {
        if (message.kind === 'run') resolve(message.params);
        panel.close();
      },
      // A promise keeps its first answer: the one that was sent, if any was.
      onClosed: () => resolve(undefined),
    });
    panel.show({ verb, title: plainLine(title, 90), params });
  });
}
