/** Login setups: what of a script runs on the login node, and what is submitted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loginCommands, withoutLoginSetup } from '../../language/script/login-setup.ts';
import { parseScript } from '../../language/script/parse-script.ts';

const read = (text: string) => parseScript(text).loginSetup;

describe('a login setup', () => {
  const script = '#!/bin/bash\n#LOGIN_SETUP_BEGIN\ncat <<E\n  x\n\nE\n  #LOGIN_SETUP_END\n#SBATCH -n 4\nrun\n';

  it('gives its commands as they are, and is commented out of what is submitted', () => {
    expect(loginCommands(read(script))).toBe('cat <<E\n  x\n\nE\n');
    expect(withoutLoginSetup(script, read(script))).toBe(
      '#!/bin/bash\n#LOGIN_SETUP_BEGIN\n#cat <<E\n#  x\n\n#E\n  #LOGIN_SETUP_END\n#SBATCH -n 4\nrun\n',
    );
  });

  it('leaves the directives behind it in force, and hides those inside', () => {
    const { directives, watchers } = parseScript(
      '#!/bin/bash\n#LOGIN_SETUP_BEGIN\nx\n#SBATCH -N 2\n#WATCHER pattern="x"\n#LOGIN_SETUP_END\n#SBATCH -n 4\n',
    );
    expect(directives).toMatchObject([{ line: 6, effective: true }]);
    expect(watchers).toEqual([]);
  });

  it('may come in several blocks, with DOS line breaks too', () => {
    const text = '#LOGIN_SETUP_BEGIN\r\na\r\n#LOGIN_SETUP_END\r\nb\r\n#LOGIN_SETUP_BEGIN\r\nc\r\n#LOGIN_SETUP_END\r\n';
    expect(loginCommands(read(text))).toBe('a\nc\n');
  });

  it('without commands is nothing to run, and one that is not closed is none', () => {
    expect(loginCommands(read('#LOGIN_SETUP_BEGIN\n# later\n\n#LOGIN_SETUP_END\n'))).toBe('');
    expect(read('#LOGIN_SETUP_BEGIN\nrm -rf x\n')).toEqual([]);
  });

  const lines = [
    '#LOGIN_SETUP_BEGIN',
    '#LOGIN_SETUP_END',
    'x',
    '',
    '  y',
    '#SBATCH -n 1',
    '#WATCHER_BEGIN',
    '#WATCHER_END',
  ];

  it('what is submitted has nothing to run any more, as many lines, and all else to the byte', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), (picked) => {
        const text = picked.join('\n');
        const submitted = withoutLoginSetup(text, read(text));
        expect(loginCommands(read(submitted))).toBe('');
        const after = submitted.split('\n');
        expect(after).toHaveLength(text.split('\n').length);
        const inside = new Set(
          read(text).flatMap(({ beginLine, endLine }) =>
            Array.from({ length: endLine - beginLine - 1 }, (_, index) => beginLine + 1 + index),
          ),
        );
        text.split('\n').forEach((line, number) => {
          expect(after[number]).toBe(inside.has(number) && line !== '' ? `#${line}` : line);
        });
      }),
    );
  });
});
