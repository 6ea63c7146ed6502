/** What ssh(1) asks, in words for a terminal, as prompts that say who asks for what. */
import type { HostKeyPrompt, InputPrompt } from '../protocol.ts';
import type { AskpassRequest } from './askpass.ts';
import { showable } from './showable.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';

export type OpenSshPrompt =
  | { readonly kind: 'input'; readonly prompt: InputPrompt }
  | { readonly kind: 'host-key'; readonly prompt: HostKeyPrompt }
  /** To be answered with yes or no. */
  | { readonly kind: 'confirm'; readonly prompt: InputPrompt }
  /** Nothing to answer: something is to be done. */
  | { readonly kind: 'tell'; readonly message: string };

/** sshconnect.c in OpenSSH: check_host_key(). */
const unknownHost =
  /^The authenticity of host '(?<host>.*?)(?: \(.*\))?' can't be established\.[\s\S]*?^(?<type>\S+) key fingerprint is (?<fingerprint>[A-Z0-9]+:[^\s.]+)/m;
/** sshconnect2.c: load_identity_file(), userauth_passwd(), input_userauth_info_req() since OpenSSH 8.5. */
const passphrase = /^Enter passphrase for (?:key )?'?(?<file>.*?)'?: ?$/;
const password = /^(?<user>[^@\s]+)@(?<host>\S+)'s password: ?$/;
const interactive = /^\((?<user>[^@\s]+)@(?<host>[^)\s]+)\) (?<question>[\s\S]*)$/;

/** `instructions`: what ssh printed before it asked. `isRetry`: the same was asked before. */
export function readPrompt(
  { prompt: text, hint }: AskpassRequest,
  target: SshTarget,
  context: { readonly instructions: string; readonly isRetry: boolean },
): OpenSshPrompt {
  const shown = showable(text);
  const { cluster } = target;
  if (hint === 'none') return { kind: 'tell', message: `${cluster}: ${shown}` };
  const newHost = unknownHost.exec(text)?.groups;
  if (newHost) {
    const { host, port } = hostAndPort(newHost.host ?? '');
    const { type: keyType = '', fingerprint = '' } = newHost;
    return { kind: 'host-key', prompt: { cluster, host, port, keyType, fingerprint } };
  }
  const instructions = showable(context.instructions);
  const common = { cluster, isRetry: context.isRetry, secret: true, ...(instructions && { instructions }) };
  const { isJumpHost, address } = whoAsks(undefined, target);
  if (hint === 'confirm' || /\(yes\/no[^)]*\)[?:]? ?$/.test(text)) {
    const prompt = {
      ...common,
      kind: 'keyboard-interactive',
      address,
      isJumpHost,
      question: shown,
      secret: false,
    } as const;
    return { kind: 'confirm', prompt };
  }
  const key = passphrase.exec(text)?.groups;
  if (key) {
    const question = `Passphrase for the key ${showable(key.file ?? '')}:`;
    return { kind: 'input', prompt: { ...common, kind: 'passphrase', address, isJumpHost: false, question } };
  }
  const asker = password.exec(text)?.groups;
  if (asker) {
    const who = whoAsks(asker, target);
    return { kind: 'input', prompt: { ...common, ...who, kind: 'password', question: `Password of ${who.address}:` } };
  }
  const dialog = interactive.exec(text)?.groups;
  const who = dialog ? whoAsks(dialog, target) : { address, isJumpHost };
  const question = showable(dialog?.question ?? text);
  // Whether to show what is typed ssh does not tell its helper.
  return { kind: 'input', prompt: { ...common, ...who, kind: 'keyboard-interactive', question } };
}

type Asker = { readonly [name: string]: string | undefined };

/** Where it cannot be told apart who asks, it counts as a host on the way: it is told less. */
function whoAsks(
  asker: Asker | undefined,
  target: SshTarget,
): { readonly address: string; readonly isJumpHost: boolean } {
  const isAlone = target.jump === undefined && target.proxyCommand === undefined;
  if (isAlone) return { address: addressOf(target), isJumpHost: false };
  if (!asker) return { address: `the way to ${addressOf(target)}`, isJumpHost: true };
  const name = `${asker.user}@${asker.host}`.toLowerCase();
  const isTarget = name === nameOf(target) && !hopsTo(target).some((hop) => nameOf(hop) === name);
  return { address: isTarget ? addressOf(target) : name, isJumpHost: !isTarget };
}

function nameOf({ user, host, hostKeyAlias }: SshTarget): string {
  return `${user}@${hostKeyAlias ?? host}`.toLowerCase();
}

function hopsTo({ jump }: SshTarget): readonly SshTarget[] {
  return jump ? [jump, ...hopsTo(jump)] : [];
}

/** `host`, or `[host]:port`. */
function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const bracketed = /^\[(.+)\]:(\d+)$/.exec(text);
  return bracketed ? { host: bracketed[1] ?? '', port: Number(bracketed[2]) } : { host: text, port: 22 };
}
