/**
 * Sends files by rsync(1), which sends of a changed file only what has changed. It needs no login of its own: in place of ssh(1) it
 * runs a line of shell, which passes its bytes to the engine, and the engine those to a command over the connection that is there.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Connection, ProcessExit } from '../clusters/connection.ts';
import {
  hasMetLink,
  isAboutFiles,
  isLasting,
  RsyncProgress,
  rsyncArguments,
  serverCommand,
  whyNotRsync,
} from './rsync-plan.ts';
import { TargetFolder, type UploadOptions, type UploadOutcome, type UploadWay, WayError } from './upload-way.ts';

const keptWords = 4_000;

export const rsyncUpload: UploadWay = { name: 'rsync', whyNot, send };

async function whyNot(connection: Connection): Promise<string | undefined> {
  const here = await whyNotHere();
  if (here !== undefined) return `rsync on this machine: ${here}`;
  const { status, stdout, stderr } = await connection.exec(['rsync', '--version'], { lane: 'upload' });
  const there = whyNotRsync(status, stdout || stderr);
  return there === undefined ? undefined : `rsync on the cluster: ${there}`;
}

function whyNotHere(): Promise<string | undefined> {
  // The rsyncs that there are for Windows have paths of their own, and the bridge needs a shell.
  if (process.platform === 'win32') return Promise.resolve('not used on Windows');
  return new Promise((settle) => {
    execFile('rsync', ['--version'], (error, stdout, stderr) => {
      const code = error?.code;
      const status = typeof code === 'number' ? code : code === 'ENOENT' ? 127 : error ? null : 0;
      settle(whyNotRsync(status, stdout || stderr));
    });
  });
}

async function send(options: UploadOptions): Promise<UploadOutcome> {
  const { folder, files, target, signal, onProgress } = options;
  await new TargetFolder(options).make();
  signal.throwIfAborted();
  const child = spawn('rsync', rsyncArguments, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const bridge = child.stdio[3] as Duplex;
  const endHere = () => {
    child.kill();
    // What is still in there has nobody to take it.
    bridge.destroy();
  };
  stop.addEventListener('abort', endHere, { once: true });
  const there = runThere(options, bridge, stop);
  // It is awaited below, where it is to blame.
  there.catch(() => failed.abort());
  const progress = new RsyncProgress(onProgress);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => progress.take(text));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptWords);
  });
  // What it did not read it has said on stderr.
  child.stdin?.on('error', () => undefined).end(files.map(({ path }) => `./${path}\0`).join(''));
  const here = await endOf(child).finally(() => stop.removeEventListener('abort', endHere));
  signal.throwIfAborted();
  if (here !== 0) failed.abort(new WayError('rsync on this machine ended at once'));
  // ssh(1) would have passed on how it ended there: what could not be written, only that side tells.
  const server = await there;
  const status = here === 0 ? server.status : here;
  if (status !== 0) {
    const words = `${said}${server.stderr}`.trim() || 'it does not say why';
    if (hasMetLink(words)) throw new WayError(`this rsync follows no link to a folder: ${words}`);
    if (isAboutFiles(status)) throw new Error(`Not all files could be sent to ${target} on the cluster: ${words}`);
    const isVerdict = isLasting(here) || isLasting(server.status);
    throw new WayError(`rsync ended with status ${status}: ${words}`, { isLasting: isVerdict });
  }
  const sent = progress.begun;
  onProgress(sent);
  return { sent, unchanged: files.length - sent.files };
}

/** With its status; rejects with WayError where it cannot be started. */
function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new WayError(`rsync on this machine: ${error.message}`)));
    child.once('close', resolve);
  });
}

/**
 * Runs the command that rsync names to the bridge, whose other end becomes its stdin and stdout. Resolves when it has ended; at once
 * where rsync ended without naming one. Rejects with ConnectionError.
 */
async function runThere(
  { connection, target }: UploadOptions,
  bridge: Duplex,
  stop: AbortSignal,
): Promise<Pick<ProcessExit, 'status' | 'stderr'>> {
  // rsync has ended, which `close` of its process tells.
  bridge.on('error', () => undefined);
  const command = await namedCommand(bridge);
  if (!command) return { status: null, stderr: '' };
  const server = await connection.spawn(command.argv, { cwd: target, signal: stop, lane: 'upload' });
  bridge.once('close', server.end);
  if (command.rest.length > 0) bridge.unshift(command.rest);
  bridge.pipe(server.stdin);
  for await (const chunk of server.stdout) {
    if (!bridge.destroyed && !bridge.write(chunk)) await Promise.race([once(bridge, 'drain'), once(bridge, 'close')]);
  }
  // It takes no more: what is still on its way must not keep the other end of the bridge, and so rsync, waiting for ever.
  bridge.unpipe(server.stdin);
  bridge.resume();
  bridge.end();
  return server.exited;
}

async function namedCommand(bridge: Duplex): Promise<ReturnType<typeof serverCommand>> {
  let received: Buffer = Buffer.alloc(0);
  for await (const chunk of bridge.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk as Buffer]);
    const command = serverCommand(received);
    if (command) return command;
  }
  return undefined;
}
