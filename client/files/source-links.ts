/** Finds in a job's output where it names a line of a file: tracebacks, compilers' and shells' messages. */

export interface SourceLink {
  /** Line of the text, from 0. */
  readonly line: number;
  /** Columns in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** As it is written: absolute, from `~/` on, or relative to wherever the program ran. */
  readonly path: string;
  /** From 1. */
  readonly targetLine: number;
  /** From 1. */
  readonly targetColumn?: number;
}

/** Longer lines are data, not messages. */
const longestLine = 2000;
/** A text with more has them everywhere; the first are enough. */
const mostLinks = 5000;

/** A word that names no folder is taken for a file only with one of these: `node12.cluster:22` is none. */
const extensions =
  'awk|bash|c|cc|cfg|cl|cpp|cs|csh|cu|cuh|cxx|f|f03|f08|f77|f90|f95|for|ftn|go|h|hh|hpp|hs|hxx|inc|inl|ipynb|ipp|java|jl|js|json|ksh|lua|m|mjs|ml|mm|pl|pm|py|pyi|pyx|r|rb|rs|sbatch|scala|sh|sif|slurm|smk|sql|swift|t|tcl|toml|tpp|ts|txt|yaml|yml|zsh';
const name = '[\\w.+@~-]';
/** A file with folders before it, from `~` on too, or with a known ending. Behind a word, or in an address (`http://host:80`), none
 * begins, so that each character is looked at once. */
const path = `(?<![\\w./:@~+-])(?:~?/${name}+(?:/${name}+)*|(?:\\.{1,2}/)?(?:${name}+/)*${name}+\\.(?:${extensions}))`;

interface Form {
  readonly pattern: RegExp;
  /** A line without it has none of this form: quicker than the pattern. */
  readonly hint: string;
}

/** Each has the groups `path`, `line`, and some have `column`. The earlier win. */
const forms: readonly Form[] = [
  // Python, also for names with blanks.
  { hint: '", line ', pattern: /File "(?<path>[^"\n]+)", line (?<line>\d{1,9})/g },
  // Bash and zsh: `/var/spool/slurmd/job7/slurm_script: line 12: foo: command not found`
  { hint: ': line ', pattern: new RegExp(`(?<path>${path}): line (?<line>\\d{1,9})`, 'gi') },
  // The run-time library of gfortran.
  { hint: ' of file ', pattern: /At line (?<line>\d{1,9}) of file (?<path>[^\s()]+)/g },
  // nvcc, MSVC, ifort: `kernel.cu(12): error`, `solve.f90(12,5)`.
  {
    hint: '(',
    pattern: new RegExp(`(?<path>${path})\\((?<line>\\d{1,9})(?:,\\s?(?<column>\\d{1,6}))?\\)`, 'gi'),
  },
  // GCC, Clang, Rust, Julia, Node.js and most others; R and Ruby with `#` or `:in` behind.
  {
    hint: ':',
    pattern: new RegExp(`(?<path>${path}):(?<line>\\d{1,9})(?::(?<column>\\d{1,6}))?(?!\\w|\\.\\d)`, 'gi'),
  },
];

/** In the order in which they stand; no two overlap. */
export function sourceLinks(text: string): readonly SourceLink[] {
  const found: SourceLink[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    if (found.length >= mostLinks) break;
    if (content.length <= longestLine) found.push(...linksOf(content, line));
  }
  return found;
}

function linksOf(content: string, line: number): readonly SourceLink[] {
  const found: SourceLink[] = [];
  for (const { hint, pattern } of forms) {
    if (!content.includes(hint)) continue;
    for (const match of content.matchAll(pattern)) {
      const link = toLink(match, line);
      const overlaps = found.some(({ start, end }) => link && link.start < end && start < link.end);
      if (link && !overlaps) found.push(link);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function toLink(match: RegExpExecArray, line: number): SourceLink | undefined {
  const { path: written = '', line: number = '', column } = match.groups ?? {};
  // `<frozen importlib._bootstrap>`, `<stdin>`: no files.
  if (/^<|\0/.test(written) || Number(number) === 0) return undefined;
  const targetColumn = Number(column ?? 0);
  return {
    line,
    start: match.index,
    end: match.index + match[0].length,
    path: written,
    targetLine: Number(number),
    ...(targetColumn > 0 ? { targetColumn } : {}),
  };
}
