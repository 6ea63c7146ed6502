/** One command on one channel: when it has started, what it prints, how it ends. */
import type { CommandChannel } from './command-channel.ts';
import { ConnectionError, keptStderrBytes, type ProcessExit } from './connection.ts';
import { TailBuffer } from './output-buffers.ts';
import { afterMark, type MarkedOutput } from './quoting.ts';
import { showable } from './showable.ts';

/** What a command printed on stderr may arrive a little after its exit status. */
const stderrGraceMs = 2_000;
/** Of what a login shell says instead of running a command. */
const quotedCharacters = 600;

/** Where a command runs, for messages. */
export interface CommandPlace {
  readonly cluster: string;
  readonly address: string;
}

export interface Ending {
  readonly status: number | null;
  readonly signal?: string;
}

/** The arguments of a channel's 'exit' and 'close'. Without a status the server did not tell how the command ended. */
type ChannelEnding = readonly [status?: number | null, signalName?: string];

function endingOf([status, signalName]: ChannelEnding, { cluster }: CommandPlace): Ending {
  if (status === undefined) {
    throw new ConnectionError(
      'closed',
      cluster,
      `${cluster} ended a command without saying how: the connection breaks.`,
    );
  }
  return signalName === undefined ? { status } : { status, signal: signalName };
}

/** Throws ConnectionError('configuration') for a command that ended although it had never started. */
function checkStarted(output: MarkedOutput, ending: Ending, stderr: Buffer, { cluster, address }: CommandPlace): void {
  if (output.pid !== undefined) return;
  const words = showable(`${output.before}\n${stderr}`).slice(-quotedCharacters) || 'nothing';
  const how = ending.signal ?? `status ${ending.status}`;
  throw new ConnectionError(
    'configuration',
    cluster,
    `The login shell on ${address} does not run commands (${how}). It says: ${words}`,
  );
}

/** Waits for the end of a command whose output is being read. Rejects with ConnectionError or the reason of `signal`. */
export async function awaitEnd(
  channel: CommandChannel,
  output: MarkedOutput,
  stderr: () => Buffer,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<Ending> {
  const closed = await untilClosed(channel, signal);
  const ending = endingOf(closed, place);
  checkStarted(output, ending, stderr(), place);
  return ending;
}

function untilClosed(channel: CommandChannel, signal: AbortSignal): Promise<ChannelEnding> {
  return new Promise((succeed, fail) => {
    const onClose = (...ending: ChannelEnding) => {
      signal.removeEventListener('abort', onAbort);
      succeed(ending);
    };
    const onAbort = () => {
      channel.removeListener('close', onClose);
      fail(signal.reason);
    };
    channel.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Reads up to the mark and leaves the rest to whoever reads next. Resolves with the process id. */
export async function awaitStart(
  channel: CommandChannel,
  output: MarkedOutput,
  stderr: TailBuffer,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<number> {
  const stopWaiting = new AbortController();
  const marked = new Promise<number>((succeed) => {
    const onData = (chunk: Buffer) => {
      const rest = output.take(chunk);
      if (output.pid === undefined) return;
      channel.removeListener('data', onData);
      channel.pause();
      if (rest.length > 0) channel.unshift(rest);
      succeed(output.pid);
    };
    channel.on('data', onData);
  });
  const endedInstead = awaitEnd(
    channel,
    output,
    () => stderr.bytes(),
    place,
    AbortSignal.any([signal, stopWaiting.signal]),
  );
  try {
    const started = await Promise.race([marked, endedInstead.then(() => marked)]);
    return started;
  } finally {
    stopWaiting.abort();
  }
}

/** Settles with the exit of a command that somebody keeps; its stdout need not be read for that. */
export function awaitExit(
  channel: CommandChannel,
  stderr: TailBuffer,
  mark: string,
  place: CommandPlace,
  ended: AbortSignal,
): Promise<ProcessExit> {
  return new Promise((succeed, fail) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (then: () => void) => {
      clearTimeout(timer);
      ended.removeEventListener('abort', onEnded);
      then();
    };
    const onEnded = () => settle(() => fail(ended.reason));
    const onExit = (...exit: ChannelEnding) => {
      channel.removeListener('close', onExit);
      channel.removeListener('exit', onExit);
      let ending: Ending;
      try {
        ending = endingOf(exit, place);
      } catch (error) {
        return settle(() => fail(error));
      }
      const done = () => settle(() => succeed({ ...ending, stderr: afterMark(stderr.bytes(), mark).toString() }));
      if (channel.stderr.readableEnded) return done();
      timer = setTimeout(done, stderrGraceMs);
      channel.stderr.once('end', done);
    };
    channel.once('exit', onExit);
    // Where the exit status came together with the channel, 'exit' was before our time.
    channel.once('close', onExit);
    ended.addEventListener('abort', onEnded, { once: true });
    if (ended.aborted) onEnded();
  });
}

/** What the command prints from here on, as it is read. */
export async function* outputOf(channel: CommandChannel, exited: Promise<ProcessExit>): AsyncGenerator<Uint8Array> {
  // Leaving the loop early is not to close the channel: the command may still be written to.
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) yield chunk;
  await exited; // rejects when the output ended because the connection broke
}

/** Keeps the end of the channel's stderr. */
export function keepStderr(channel: CommandChannel): TailBuffer {
  const stderr = new TailBuffer(keptStderrBytes);
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  return stderr;
}
