/** The terminal as a whole screen: the alternate one, so that what stood there before comes back. */
import type { Screen } from './io.ts';

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';

/** `undefined`: input or output is no terminal. */
export function openScreen(): Screen | undefined {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  stdout.write(enter);
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close);
    stdin.setRawMode(false);
    stdin.pause();
    stdin.removeAllListeners('data');
    stdout.removeAllListeners('resize');
    stdout.write(leave);
  };
  // However the program ends, the terminal is usable afterwards; signals end it without an exit.
  process.once('exit', close);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    process.once(signal, () => {
      close();
      process.kill(process.pid, signal);
    });
  }
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    draw(lines) {
      stdout.write(`${home}${lines.map((line) => `${line}${eraseLine}`).join('\r\n')}${eraseBelow}`);
    },
    onKey(listener) {
      stdin.on('data', (text) => {
        for (const key of keysOf(String(text))) listener(key);
      });
    },
    onResize(listener) {
      stdout.on('resize', listener);
    },
    close,
  };
}

/** What came at once may be several keys: escape sequences whole, all else character by character. */
export function keysOf(text: string): readonly string[] {
  return text.match(/\u001b\[[0-9;]*[A-Za-z~]|\u001bO[A-Z]|./gsu) ?? [];
}
