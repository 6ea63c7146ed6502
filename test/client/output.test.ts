import { describe, expect, it } from 'vitest';
import { outputUri, parseJobUri, scriptUri } from '../../client/documents/job-uri.ts';
import { OutputFollower } from '../../client/documents/output-follower.ts';
import { OutputText } from '../../client/documents/output-text.ts';
import { job } from './builders.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('OutputText', () => {
  it('gives the same text however the bytes are cut', () => {
    const raw = bytes('\u001b[32mepoch 1\u001b[0m\r\nlöss 損\u001b]0;t\u0007 10%\r20%\n');
    for (let cut = 0; cut <= raw.length; cut += 1) {
      const output = new OutputText(1000);
      output.append(raw.subarray(0, cut));
      output.append(raw.subarray(cut));
      expect(output.text).toBe('epoch 1\nlöss 損 10%\n20%\n');
    }
  });

  it('keeps the end, from a line start on, and counts what is gone', () => {
    const output = new OutputText(100);
    for (let line = 0; line < 1000; line += 1) output.append(bytes(`line ${line}\n`));
    expect(output.text.length).toBeLessThanOrEqual(125);
    expect(output.text).toMatch(/^line \d+\n/);
    expect(output.text).toMatch(/line 999\n$/);
    expect(output.droppedLength + output.text.length).toBe(8890);
  });

  it('cuts a line without end too', () => {
    const output = new OutputText(100);
    output.append(bytes('x'.repeat(10_000)));
    expect(output.text).toHaveLength(100);
  });

  it('does not wait for ever for the end of an escape sequence', () => {
    const output = new OutputText(100_000);
    output.append(bytes(`\u001b]${'a'.repeat(5000)}`));
    expect(output.text).toContain('aaaa');
  });
});

describe('OutputFollower', () => {
  const rendered = (one: OutputFollower) => {
    const { head, text, note } = one.render();
    return head + text + note;
  };
  const chunk = (offset: number, text: string) => ({ subscription: 1, offset, data: base64(text) });

  function follower(): { follower: OutputFollower; changes: () => number } {
    let count = 0;
    const made = new OutputFollower({ job: 'local/3', stream: 'stdout' }, 1000, () => {
      count += 1;
    });
    return { follower: made, changes: () => count };
  }

  it('begins with a whole line where it is given the end of a long file', () => {
    const { follower: following } = follower();
    following.handle(chunk(3 * 1024 * 1024, 'rest of a line\nwhole\n'));
    following.handle(chunk(3 * 1024 * 1024 + 21, 'more\n'));
    expect(rendered(following)).toBe('[Vigil: 3.0 MiB before this are not shown.]\nwhole\nmore\n');
  });

  it('shows bytes once, also when they come again after a reconnection', () => {
    const { follower: following } = follower();
    following.handle(chunk(0, 'epoch 1\n'));
    following.handle(chunk(4, 'h 1\nepoch 2\n'));
    expect(rendered(following)).toBe('epoch 1\nepoch 2\n');
  });

  it('begins anew when the file was replaced, and says so', () => {
    const { follower: following } = follower();
    following.handle(chunk(0, 'old\n'));
    following.handle({ subscription: 1, offset: 0, restarted: true });
    following.handle(chunk(0, 'new\n'));
    expect(rendered(following)).toBe('[Vigil: the file was truncated or replaced; this is what is in it now.]\nnew\n');
  });

  it('shows why a file cannot be read, beneath what was read, until it can', () => {
    const { follower: following, changes } = follower();
    following.handle(chunk(0, 'half a line'));
    following.handle({ subscription: 1, offset: 11, problem: '/x.out: stale file handle' });
    expect(following.isSettled).toBe(true);
    expect(rendered(following)).toBe('half a line\n[Vigil: /x.out: stale file handle]\n');
    following.handle(chunk(11, '.\n'));
    expect(rendered(following)).toBe('half a line.\n');
    expect(changes()).toBe(3);
  });

  it('tells an empty file from one that was not read yet', () => {
    const { follower: following } = follower();
    expect(rendered(following)).toBe('');
    following.handle({ subscription: 1, offset: 0, caughtUp: true });
    expect(rendered(following)).toBe('[Vigil: nothing was printed yet.]\n');
  });
});

describe('addresses', () => {
  it('survive any job name', () => {
    const hostile = job({ key: 'local/3', name: '../../a b%2f?#"' });
    const uri = outputUri(hostile, 'stderr');
    expect(parseJobUri(uri)).toEqual({ job: 'local/3', stream: 'stderr' });
    expect(uri.path).toMatch(/^\/local\/[\p{L}\p{N}._-]+-3\.err\.log$/u);
    expect(parseJobUri(scriptUri(hostile))).toEqual({ job: 'local/3' });
  });

  it('of others are refused', () => {
    expect(parseJobUri({ query: 'x' })).toBeUndefined();
    expect(parseJobUri({ query: '{"job":3}' })).toBeUndefined();
  });
});
