/** Signature help, inlay hints and document links. */
import { describe, expect, it } from 'vitest';
import { documentLinks } from '../../server/document-links.ts';
import { inlayHints } from '../../server/inlay-hints.ts';
import { signatureAt } from '../../server/signature-help.ts';
import { analyse, atCursor, block, textOf, wholeRange } from './analysis.ts';

describe('signature help', () => {
  /** The signature, with `<>` around the parameter that the cursor is at. */
  const signature = (marked: string) => {
    const { analysis, offset } = atCursor(marked);
    const help = signatureAt(analysis, offset);
    const [found] = help?.signatures ?? [];
    if (!help || !found) return undefined;
    const span = found.parameters?.[help.activeParameter ?? 0]?.label;
    if (typeof span !== 'object') return found.label;
    return `${found.label.slice(0, span[0])}<${found.label.slice(...span)}>${found.label.slice(span[1])}`;
  };

  it.each([
    ['notify(¦)', 'notify(<message?>, level?, condition?)'],
    ['notify(¦', 'notify(<message?>, level?, condition?)'],
    ['notify(message="a, (¦b"', 'notify(<message?>, level?, condition?)'],
    ['notify(message="a", ¦)', 'notify(message?, <level?>, condition?)'],
    ['notify(message="a", ¦', 'notify(message?, <level?>, condition?)'],
    ['notify(level="info", mess¦)', 'notify(<message?>, level?, condition?)'],
    ['notify(level=¦"info")', 'notify(message?, <level?>, condition?)'],
    ['notify(message="a", level="info", condition="x", ¦)', 'notify(message?, level?, condition?)'],
    ['run(¦)', 'run_command(<command>, timeout?, condition?)'],
  ])('%s', (call, wanted) => {
    expect(signature(`#WATCHER action=${call}`)).toBe(wanted);
    expect(signature(block('# actions:', `#   - ${call}`))).toBe(wanted);
  });

  it.each(['noti¦fy(message="a")', 'notify(message="a")¦ ', 'nothing(¦)', 'log some ¦text'])('%s has none', (call) =>
    expect(signature(block('# actions:', `#   - ${call}`))).toBeUndefined(),
  );
});

describe('inlay hints', () => {
  /** The text with its hints in `«»`. */
  const shown = (text: string) => {
    const analysis = analyse(text);
    const hints = inlayHints(analysis, wholeRange(analysis));
    return hints.reduceRight((result, { position, label }) => {
      const at = analysis.offsetAt(position);
      return `${result.slice(0, at)}«${label}»${result.slice(at)}`;
    }, text);
  };

  it.each([
    ['#WATCHER pattern="a (\\d+) (b)" captures=[n, m]', '#WATCHER pattern="a («n:»\\d+) («m:»b)" captures=[n, m]'],
    ['#WATCHER pattern="(?P<x>a)(?P<y>b)" captures=[x, z]', '#WATCHER pattern="(?P<x>a)(?P<y>«z:»b)" captures=[x, z]'],
    ['#WATCHER pattern="(a)" captures=[x, y]', '#WATCHER pattern="(«x:»a)" captures=[x, y]'],
    ['#WATCHER pattern="(a)"', '#WATCHER pattern="(a)"'],
    ['#WATCHER timer_interval=7200', '#WATCHER timer_interval=7200«= 2 h»'],
    ['#WATCHER silence=5400 cooldown=30 interval=2h', '#WATCHER silence=5400«= 1 h 30 min» cooldown=30 interval=2h'],
    ['#WATCHER action=run(command="x", timeout=90)', '#WATCHER action=run(command="x", timeout=90«= 1 min 30 s»)'],
    ['#SBATCH --time=120 -t 1:00 -n 90', '#SBATCH --time=120«= 2 h» -t 1:00 -n 90'],
    ['#SBATCH -t 2880', '#SBATCH -t 2880«= 2 d»'],
    ['#SBATCH -t 0', '#SBATCH -t 0'],
  ])('%s', (text, wanted) => expect(shown(text)).toBe(wanted));

  it('stay inside the range that is asked for', () => {
    const analysis = analyse('#SBATCH -t 120\n#SBATCH -t 180\n');
    const line = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
    expect(inlayHints(analysis, line).map(({ label }) => label)).toEqual(['= 3 h']);
  });
});

describe('document links', () => {
  const links = (text: string, uri?: string) => {
    const analysis = analyse(text, uri);
    return documentLinks(analysis).map(({ range, target }) => [textOf(analysis, range), target]);
  };
  const submit = (script: string) => `#WATCHER pattern="x" action=submit(script=${script})`;

  it.each([
    [submit('"next.sh"'), 'next.sh', 'file:///work/next.sh'],
    [submit('"../a b/next.sh"'), '../a b/next.sh', 'file:///a%20b/next.sh'],
    [submit('"/opt/x.sh"'), '/opt/x.sh', 'file:///opt/x.sh'],
    ['#SBATCH --output=logs/train.out', 'logs/train.out', 'file:///work/logs/train.out'],
    ['sbatch other.sh', 'other.sh', 'file:///work/other.sh'],
    ['id=$(sbatch --parsable -J x --time 5 other.sh arg)', 'other.sh', 'file:///work/other.sh'],
    ['if true; then qsub -N x "sub dir/a.sh"; fi', 'sub dir/a.sh', 'file:///work/sub%20dir/a.sh'],
    ['bsub -n 4 < lsf.sh', 'lsf.sh', 'file:///work/lsf.sh'],
    ['#SBATCH -D /scratch -e err.txt', 'err.txt', 'file:///scratch/err.txt'],
  ])('%s', (text, words, target) => expect(links(text)).toEqual([[words, target]]));

  it.each([
    submit('"${path}"'),
    submit('"~/x.sh"'),
    submit('""'),
    '#SBATCH -o slurm-%j.out',
    '#SBATCH -o $HOME/x',
    '#SBATCH -o /dev/null',
    'echo\n#SBATCH -o x',
    'sbatch $next',
    'sbatch --wrap="a.sh"',
    'echo sbatch a.sh',
    '# sbatch a.sh',
    'cat <<EOF\nsbatch a.sh\nEOF',
    'bsub -n 4 ./a.sh',
    '#PBS -o x',
  ])('%s has none', (text) => expect(links(text)).toEqual([]));

  it('are relative to where the document is', () => {
    const remote = 'vscode-remote://ssh-remote%2Bhpc/home/me/job.sh';
    expect(links(submit('"next.sh"'), remote)).toEqual([
      ['next.sh', 'vscode-remote://ssh-remote%2Bhpc/home/me/next.sh'],
    ]);
    expect(links(submit('"next.sh"'), 'untitled:Untitled-1')).toEqual([]);
  });
});
