import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputOf, piecesOf } from '../../../engine/eventlog/output-log.ts';
import { parseEventlog } from '../../../engine/eventlog/rfc18.ts';

const recordings = join(import.meta.dirname, '..', '..', 'recordings', 'flux');
const recorded = (file: string) => readFileSync(join(recordings, file), 'utf8');
const text = (events: ReturnType<typeof parseEventlog>['events'], stream: 'stdout' | 'stderr') =>
  Buffer.concat(events.flatMap((event) => [...piecesOf(outputOf(event, stream))])).toString();
const data = (context: { readonly [key: string]: string | number | boolean }) =>
  text([{ timestamp: 1, name: 'data', context: { stream: 'stdout', rank: '0', ...context } }], 'stdout');

describe('the output log of a job', () => {
  it('is what flux job attach printed of it, without the labels', () => {
    const { events } = parseEventlog(recorded('success.guest.output.ndjson'));
    const attach = JSON.parse(recorded('attach-label.json'));
    const bare = (labelled: string) => labelled.replace(/^\d+: /gm, '');
    expect(text(events, 'stdout')).toBe(bare(attach.stdout));
    expect(text(events, 'stderr')).toBe(bare(attach.stderr));
  });

  it.each(['no-such-program', 'node-lost'])('says on stderr what the shell says: %s', (name) => {
    const file = name === 'no-such-program' ? 'fail-no-such-program' : name;
    const { events } = parseEventlog(recorded(`${file}.guest.output.ndjson`));
    const { stderr } = JSON.parse(recorded(`attach-${name}.json`));
    const said = /^\S+ (flux-shell\[.*)$/m.exec(stderr)?.[1]?.replace(/ +/g, ' ');
    expect(text(events, 'stderr').trim()).toBe(said);
    expect(text(events, 'stdout')).toBe('');
  });

  it('has bytes that are no UTF-8 in base64, and says once what is repeated', () => {
    expect(data({ data: Buffer.from([0xff, 0x0a]).toString('base64'), encoding: 'base64' })).toBe('\ufffd\n');
    expect(data({ data: 'x\n', repeat: 3 })).toBe('x\nx\nx\n');
    expect(data({ eof: true })).toBe('');
  });

  it('comes in pieces where it is repeated often, and nothing of it is lost', () => {
    const line = 'a line of some length\n';
    const all = data({ data: line, repeat: 10_001 });
    expect(all).toBe(line.repeat(10_001));
    const context = { stream: 'stdout', rank: '0', data: line, repeat: 1e12 };
    const pieces = piecesOf(outputOf({ timestamp: 1, name: 'data', context }, 'stdout'));
    for (const _ of [1, 2, 3]) expect(pieces.next().value?.length).toBeLessThanOrEqual(64 * 1024);
  });
});
