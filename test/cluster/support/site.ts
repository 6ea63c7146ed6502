/** What tests need to know of the running test cluster; see test/cluster/README.md. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Prompter } from '../../../engine/clusters/prompter.ts';
import type { SshTarget } from '../../../engine/clusters/ssh-target.ts';
import type { HostKeyPrompt, InputPrompt } from '../../../engine/protocol.ts';
import { totp } from './totp.ts';

const { env } = process;

/** Set by `. $VIGIL_CLUSTER_DIR/env.sh`. */
export const site = {
  dir: env.VIGIL_CLUSTER_DIR ?? '',
  loginPort: Number(env.VIGIL_CLUSTER_PORT ?? 0),
  otpPort: Number(env.VIGIL_CLUSTER_PORT ?? 0) + 1,
  innerPort: Number(env.VIGIL_CLUSTER_PORT ?? 0) + 2,
  kerberosPort: Number(env.VIGIL_CLUSTER_PORT ?? 0) + 4,
  user: env.VIGIL_CLUSTER_USER ?? '',
  home: env.VIGIL_CLUSTER_HOME ?? '',
  password: env.VIGIL_CLUSTER_PASSWORD ?? '',
  passphrase: env.VIGIL_CLUSTER_PASSPHRASE ?? '',
  sshConfig: env.VIGIL_CLUSTER_SSH_CONFIG ?? '',
  kerberosConfig: join(env.VIGIL_CLUSTER_DIR ?? '', 'krb5', 'krb5.conf'),
  key: (name: string) => join(env.VIGIL_CLUSTER_DIR ?? '', 'ssh', 'keys', name),
  knownHosts: join(env.VIGIL_CLUSTER_DIR ?? '', 'ssh', 'known_hosts'),
  changedKnownHosts: join(env.VIGIL_CLUSTER_DIR ?? '', 'ssh', 'known_hosts.changed'),
};

/** Like `describe`; skipped, and reported as skipped, where no test cluster is up. */
export const describeOnCluster: ReturnType<typeof describe.skipIf> = describe.skipIf(!env.VIGIL_CLUSTER_DIR);

/** The login host with one key and a known host key; `changes` on top. */
export function loginTarget(changes: Partial<SshTarget> = {}): SshTarget {
  return {
    cluster: 'test',
    host: '127.0.0.1',
    port: site.loginPort,
    user: site.user,
    identityFiles: [site.key('user_ed25519')],
    identitiesOnly: true,
    userKnownHostsFiles: [site.knownHosts],
    globalKnownHostsFiles: [],
    unknownHostKeys: 'ask',
    hashKnownHosts: false,
    methods: ['publickey', 'keyboard-interactive', 'password'],
    passwordPrompts: 3,
    connectTimeoutSeconds: 60,
    keepAliveSeconds: 15,
    keepAliveCount: 3,
    ...changes,
  };
}

export interface ScriptedPrompter extends Prompter {
  readonly told: string[];
  readonly prompts: InputPrompt[];
  readonly hostKeys: HostKeyPrompt[];
}

type Answer = string | undefined | ((prompt: InputPrompt) => string | undefined | Promise<string | undefined>);

/** Answers in order; a prompt more than there are answers is declined. */
export function scriptedPrompter(answers: readonly Answer[] = [], acceptsHostKeys = false): ScriptedPrompter {
  const left = [...answers];
  const prompter: ScriptedPrompter = {
    told: [],
    prompts: [],
    hostKeys: [],
    input: async (prompt) => {
      prompter.prompts.push(prompt);
      const answer = left.shift();
      return typeof answer === 'function' ? answer(prompt) : answer;
    },
    confirmHostKey: async (prompt) => {
      prompter.hostKeys.push(prompt);
      return acceptsHostKeys;
    },
    tell: (message) => void prompter.told.push(message),
  };
  return prompter;
}

/** A code that the otp host takes. Each code works once: the server forgets here what it has seen. Needs root. */
export async function freshOneTimeCode(): Promise<string> {
  const key = env.VIGIL_CLUSTER_TOTP_KEY ?? '';
  const file = join(site.dir, 'ssh', 'otp.users');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^(HOTP\/T30\/6\s+\S+\s+-\s+\S+).*$/gm, '$1'));
  return totp(key, Date.now() / 1000);
}

/** A folder for one test; remove it with `remove`. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'vigil-test-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Waits until `condition` holds; fails with `what` after `limitMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
