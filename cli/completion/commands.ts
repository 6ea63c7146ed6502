/** The commands of `vigil`, read from its usage, so that nothing has to be kept in step with it. Pure. */

export interface CommandForm {
  readonly name: string;
  /** Placeholders (`JOB`, `FILE…`), or words to be typed (`pause|resume`), one a position. */
  readonly positionals: readonly string[];
  /** Name → placeholder of its value; `undefined`: it takes none. */
  readonly options: ReadonlyMap<string, string | undefined>;
}

const logOptionsLine = 'LOG OPTIONS, as of';

/** One for each way to call a command; several may have the same name. */
export function commandForms(usage: string): readonly CommandForm[] {
  const forms: string[] = [];
  for (const line of usage.split('\n')) {
    const start = /^ {2}vigil (\S.*)$/.exec(line);
    const more = /^ {3,}(\[.*)$/.exec(line);
    if (start?.[1] !== undefined) forms.push(synopsis(start[1]));
    else if (more?.[1] !== undefined && forms.length > 0) forms.push(`${forms.pop()} ${synopsis(more[1])}`);
  }
  const logOptions = readLogOptions(usage);
  return forms.flatMap((form) => readForm(form, logOptions));
}

/** Explanations stand behind two blanks or more. */
function synopsis(text: string): string {
  return text.split(/ {2,}/)[0] ?? '';
}

/** Several where the name is `hold|release`. */
function readForm(text: string, logOptions: string): readonly CommandForm[] {
  const options = new Map<string, string | undefined>();
  const positionals: string[] = [];
  const [name = '', ...words] = text.replace('[LOG OPTIONS]', logOptions).match(/\[[^\]]*\]…?|--\S+ [A-Z]+|\S+/g) ?? [];
  for (const word of words) {
    const inner = word.replace(/^\[|\]…?$/g, '');
    if (inner.startsWith('-- ')) continue;
    for (const part of inner.split(/\|(?=-)/)) {
      if (!part.startsWith('-')) positionals.push(word.endsWith(']…') ? `${part}…` : part);
    }
    for (const [option, value] of readOptions(inner)) options.set(option, value);
  }
  return name.split('|').map((one) => ({ name: one, positionals, options }));
}

/** `--format text|json`, `-F|--follow`, `--delay 2h|--at TIME`. */
function readOptions(text: string): readonly (readonly [string, string | undefined])[] {
  const all = text.split(/\|(?=-)/).filter((one) => one.startsWith('-'));
  return all.map((one) => {
    const [, name = one, value] = /^(-\S+?)(?: (.+))?$/.exec(one) ?? [];
    return [name, value] as const;
  });
}

/** `-f text|json, -H, …` as `[-f text|json] [-H] …`. */
function readLogOptions(usage: string): string {
  const from = usage.indexOf(logOptionsLine);
  if (from < 0) return '';
  const paragraph = usage.slice(usage.indexOf(':', from) + 1, usage.indexOf('\n\n', from));
  return paragraph
    .replace(/\([^)]*\)/g, '')
    .split(',')
    .map((option) => `[${option.trim().replace(/\.$/, '')}]`)
    .join(' ');
}
