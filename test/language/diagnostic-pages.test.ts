/** docs/diagnostics: a page for every code, with examples of which the language service says what the page does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, problemCodes } from '../../language/problem/codes.ts';
import { problemsOf, readPage } from './diagnostic-page.ts';
import { applyFix } from './support.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const index = readFileSync(join(docs, 'diagnostics.md'), 'utf8');
const codes = Object.keys(problemCodes) as readonly ProblemCode[];
const pageOf = (code: string) => readPage(readFileSync(join(docs, 'diagnostics', `${code}.md`), 'utf8'));

/** What a wrong example cannot help being told as well. */
const alongside: { readonly [code in ProblemCode]?: readonly ProblemCode[] } = {
  // What was to be switched off is not.
  'suppression/unknown-code': ['directive/no-time-limit'],
  // The event that is meant is not awaited.
  'workflow/never-emitted': ['workflow/never-awaited'],
};

it('there is a page for every code, and no other', () => {
  const pages = globSync('*/*.md', { cwd: join(docs, 'diagnostics') }).map((path) =>
    path.replaceAll('\\', '/').replace(/\.md$/, ''),
  );
  expect(pages.sort()).toEqual([...codes].sort());
});

it('docs/diagnostics.md lists them all', () => {
  const rows = index.split('\n').filter((line) => line.startsWith('| [`'));
  const wanted = codes.map((code) => {
    const { severity, summary } = problemCodes[code];
    return `| [\`${code}\`](diagnostics/${code}.md) | ${severity} | ${pageOf(code).hasFix ? 'fix' : ''} | ${summary} |`;
  });
  expect(rows).toEqual(wanted);
});

describe.each(codes)('%s', (code) => {
  const page = pageOf(code);
  const told = problemsOf(code, page, page.wrong).filter((found) => found.code === code);

  it('has the title, the severity and the sections of a page', () => {
    expect(page.title).toBe(code);
    expect(page.severity).toBe(problemCodes[code].severity);
    expect(page.sections).toEqual(['Wrong', 'Mended', ...(page.hasFix ? ['Quick fix'] : [])]);
  });

  it('is told of the wrong example, in the words and with the severity that the page has, and nothing else is', () => {
    const others = problemsOf(code, page, page.wrong).filter((found) => found.code !== code);
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]?.severity).toBe(page.severity);
    expect(page.message).toBe(told[0]?.message.replace(/\s+/g, ' '));
    expect(others.map((found) => found.code)).toEqual(alongside[code] ?? []);
  });

  it('is not told of the mended example, nor is anything else', () => {
    expect(page.mended.text).not.toBe('');
    expect(problemsOf(code, page, page.mended).map((found) => `${found.code}: ${found.message}`)).toEqual([]);
  });

  it('has the quick fixes that it names, which do what it says', () => {
    const fixes = told[0]?.fixes ?? [];
    expect(fixes.length > 0).toBe(page.hasFix);
    for (const { title } of fixes) expect(page.fixText).toContain(`*${title}*`);
    const [first] = fixes;
    const makesMended = first !== undefined && applyFix(page.wrong.text, first) === page.mended.text;
    expect(/makes the mended example/.test(page.fixText)).toBe(makesMended);
  });
});
