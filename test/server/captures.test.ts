/** Captures: definition, references, highlights, rename; `¦` in a script is the cursor. */
import { describe, expect, it } from 'vitest';
import {
  captureDefinition,
  captureHighlights,
  captureReferences,
  captureToRename,
  renamedCapture,
} from '../../server/captures.ts';
import { analyse, applyEdits, atCursor, block, textOf } from './analysis.ts';

const listed = (line: string) =>
  block(
    '# pattern: "epoch (\\d+) loss: ([\\d.]+)"',
    '# captures: [epoch, loss]',
    '# condition: float(loss) > 5 and previous["loss"] and f"{loss}" and mean("loss", 3) > 1',
    '# actions:',
    line,
    '#   - log_event(message="$epoch $2", condition="rate(\\"loss\\", 60) > loss")',
  );
const all = listed('#   - store_metric(name="loss", variable="loss", value="${loss:-${epoch}}")');

describe('rename', () => {
  const rename = (marked: string, newName: string) => {
    const { analysis, offset } = atCursor(marked);
    const renamed = renamedCapture(analysis, offset, newName);
    if (typeof renamed === 'string') return renamed;
    return applyEdits(analysis, renamed.changes?.[analysis.uri] ?? []);
  };

  it('changes every place of the name and no other', () => {
    const wanted = all
      .replace('[epoch, loss]', '[epoch, error]')
      .replace(
        'float(loss) > 5 and previous["loss"] and f"{loss}" and mean("loss"',
        'float(error) > 5 and previous["error"] and f"{error}" and mean("error"',
      )
      .replace('variable="loss", value="${loss', 'variable="error", value="${error')
      .replace('rate(\\"loss\\", 60) > loss', 'rate(\\"error\\", 60) > error');
    for (const place of [
      '[epoch, l¦oss',
      'float(l¦oss)',
      'previous["los¦s"',
      'variable="¦loss"',
      '${¦loss',
      '> los¦s"',
    ]) {
      const marked = all.replace(place.replace('¦', ''), place);
      expect(marked).toContain('¦');
      expect(rename(marked, 'error')).toBe(wanted);
    }
  });

  it('changes the group with its name, also where it is listed', () => {
    expect(rename('#WATCHER pattern="(?P<a¦>x)" captures=[a] action=log_event(message="${a} $a")', 'b')).toBe(
      '#WATCHER pattern="(?P<b>x)" captures=[b] action=log_event(message="${b} $b")',
    );
  });

  it('changes references to the group inside of the pattern', () => {
    const pattern = (name: string) => `(?P<${name}>x)(?P=${name})(?(${name})a|b)\\(?P=q)[(?P=q)](?P=p)`;
    const before = `#WATCHER pattern="${pattern('q')}" action=log_event()`;
    const wanted = `#WATCHER pattern="${pattern('r').replace('(?P<q>', '(?P<r>')}" action=log_event()`;
    expect(rename(before.replace('<q>', '<¦q>'), 'r')).toBe(wanted);
  });

  it('changes what resubmit fills into the script, and nothing where the watcher does not resubmit', () => {
    const text = (name: string, action: string) =>
      `#!/bin/bash\n#WATCHER pattern="saved (.*)" captures=[${name}] action=${action}\ngo --from \${${name}:-none} $ckpt "\${${name}}" \${ckpts}\n`;
    const before = text('ckpt', 'resubmit()');
    expect(rename(before.replace('[ckpt', '[ck¦pt'), 'last')).toBe(text('last', 'resubmit()'));
    expect(rename(before.replace('{ckpt}', '{ck¦pt}'), 'last')).toBe(text('last', 'resubmit()'));
    expect(rename(text('ckpt', 'cancel_job()').replace('[ckpt', '[ck¦pt'), 'last')).toBe(
      text('ckpt', 'cancel_job()').replace('[ckpt]', '[last]'),
    );
    const { analysis, offset } = atCursor(before.replace('{ckpt}', '{ck¦pt}'));
    expect(captureReferences(analysis, offset, true)).toHaveLength(3);
    expect(captureHighlights(analysis, offset)).toHaveLength(3);
    const second = '#WATCHER pattern="wrote (.*)" captures=[ckpt] action=resubmit()\n';
    expect(rename(before.replace('[ckpt', '[ck¦pt').replace('go', `${second}go`), 'last')).toContain('Another watcher');
  });

  it('stays in its watcher', () => {
    const other = '#WATCHER pattern="(x)" captures=[loss] condition="loss"\n';
    expect(rename(`${other}${all.replace('float(l', 'float(¦l')}`, 'error')).toContain(other);
  });

  it.each([
    ['2x', 'is no name'],
    ['a-b', 'is no name'],
    ['', 'is no name'],
    ['float', 'of their own'],
    ['elapsed', 'of their own'],
    ['JOB_ID', 'of their own'],
    ['lambda', 'word of Python'],
    ['epoch', 'already'],
    ['größe', 'cannot be written as a variable'],
  ])('to `%s` is refused', (name, words) => {
    expect(rename(all.replace('float(l', 'float(¦l'), name)).toContain(words);
  });

  it('is offered for captures only', () => {
    const offered = (marked: string) => {
      const { analysis, offset } = atCursor(marked);
      return captureToRename(analysis, offset)?.placeholder;
    };
    expect(offered(all.replace('float(l', 'float(¦l'))).toBe('loss');
    expect(offered(all.replace('float', 'fl¦oat'))).toBeUndefined();
    expect(offered(all.replace('$2', '$¦2'))).toBeUndefined();
    expect(offered('echo l¦oss')).toBeUndefined();
    expect(rename('echo l¦oss', 'x')).toContain('Only captures');
  });
});

describe('definition', () => {
  const definition = (marked: string) => {
    const { analysis, offset } = atCursor(marked);
    const found = captureDefinition(analysis, offset);
    return found && `${found.range.start.line}: ${textOf(analysis, found.range)}`;
  };

  it.each([
    ['float(l¦oss)', '3: loss'],
    ['[epoch, l¦oss]', '2: ([\\d.]+)'],
    ['$epo¦ch', '3: epoch'],
    ['$¦2', '2: ([\\d.]+)'],
    ['variable="l¦oss"', '3: loss'],
  ])('%s', (place, wanted) => expect(definition(all.replace(place.replace('¦', ''), place))).toBe(wanted));

  it('is the group where the group has the name', () => {
    expect(definition('#WATCHER pattern="(?P<a>x)" condition="¦a"')).toBe('0: a');
  });

  it('is none elsewhere', () => {
    expect(definition('#WATCHER pattern="x" condition="flo¦at(1)"')).toBeNull();
    expect(definition('ec¦ho')).toBeNull();
  });
});

describe('references and highlights', () => {
  const { analysis, offset } = atCursor(all.replace('float(l', 'float(¦l'));
  const texts = (ranges: readonly { range: Parameters<typeof textOf>[1] }[] | null) =>
    ranges?.map(({ range }) => textOf(analysis, range));

  it('are the uses, by name and by number', () => {
    expect(texts(captureReferences(analysis, offset, false))).toEqual([...Array(8).fill('loss'), '2']);
    expect(texts(captureReferences(analysis, offset, true))).toHaveLength(10);
    const onNumber = analysis.script.text.indexOf('$2') + 1;
    expect(captureReferences(analysis, onNumber, false)).toHaveLength(9);
  });

  it('mark the declaration as written', () => {
    const highlights = captureHighlights(analysis, offset) ?? [];
    expect(highlights.filter(({ kind }) => kind === 3)).toHaveLength(1);
    expect(highlights).toHaveLength(10);
    expect(captureHighlights(analyse('echo loss'), 6)).toBeNull();
  });
});
