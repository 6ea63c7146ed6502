/** Which variables pass from a client to the engine, and from the engine to the jobs that it starts. */

import type { EngineSecrets } from './protocol/actions.ts';

export type Environment = { readonly [name: string]: string | undefined };

/** Of the client's: what a person gave it to log in with is not for a process that stays. */
export function engineEnvironment(client: Environment): Environment {
  const { VIGIL_PASSWORD: _, VIGIL_PASSPHRASE: __, ...rest } = client;
  return { ...rest, ELECTRON_RUN_AS_NODE: '1', NODE_NO_WARNINGS: '1' };
}

/** Of the engine's: without what the editor and we set for this process. */
export function jobEnvironment(engine: Environment): Environment {
  const own = /^(ELECTRON_|VSCODE_|VIGIL_|NODE_OPTIONS$|NODE_NO_WARNINGS$)/;
  return Object.fromEntries(Object.entries(engine).filter(([name]) => !own.test(name)));
}

/** What a terminal tells the engine for its actions: the editor has its own store for that. */
export function environmentSecrets({ VIGIL_EMAIL_PASSWORD, VIGIL_SLACK_WEBHOOK }: Environment): EngineSecrets {
  return {
    ...(VIGIL_EMAIL_PASSWORD ? { emailPassword: VIGIL_EMAIL_PASSWORD } : {}),
    ...(VIGIL_SLACK_WEBHOOK ? { slackWebhook: VIGIL_SLACK_WEBHOOK } : {}),
  };
}
