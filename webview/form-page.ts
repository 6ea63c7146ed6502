/** The page that asks for the parameters of a workflow: a field each, checked by its type while it is typed. */

import './translate.ts';

import * as l10n from '../language/text/l10n.ts';
import { host, html } from './dom.ts';
import type { FormView, FromFormPage, JsonValue } from './messages.ts';
import { fieldText, fieldType, readField } from './param-field.ts';

const tell = (message: FromFormPage) => host.postMessage(message);

const hints = {
  number: l10n.t('number'),
  boolean: l10n.t('true or false'),
  text: l10n.t('text'),
  json: 'JSON',
} as const;

interface Field {
  readonly name: string;
  readonly standard: JsonValue;
  readonly row: HTMLElement;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly problem: HTMLElement;
}

function makeField(name: string, standard: JsonValue, index: number): Field {
  const type = fieldType(standard);
  const [id, problemId] = [`field-${index}`, `problem-${index}`];
  const common = { id, name, 'aria-describedby': problemId };
  const text = fieldText(standard);
  const input = type === 'json' ? html('textarea', { ...common, rows: 3, spellcheck: 'false' }) : html('input', common);
  if (input instanceof HTMLInputElement) {
    input.type = type === 'boolean' ? 'checkbox' : 'text';
    if (type === 'number') input.inputMode = 'decimal';
    input.checked = standard === true;
  }
  if (type !== 'boolean') input.value = text;
  const problem = html('span', { id: problemId, class: 'problem', role: 'alert' });
  const label = html('label', { for: id }, name, html('small', {}, ` ${hints[type]}`));
  return { name, standard, input, problem, row: html('div', { class: `field ${type}` }, label, input, problem) };
}

function textOf({ input }: Field): string {
  return input instanceof HTMLInputElement && input.type === 'checkbox' ? String(input.checked) : input.value;
}

/** Shows what is wrong with a field; answers with its value where nothing is. */
function check(field: Field): { readonly value: JsonValue } | undefined {
  const read = readField(textOf(field), field.standard);
  const problem = 'problem' in read ? read.problem : '';
  field.problem.textContent = problem;
  field.input.setAttribute('aria-invalid', String(problem !== ''));
  return 'value' in read ? read : undefined;
}

function submit(fields: readonly Field[]): void {
  const read = fields.map((field) => ({ field, read: check(field) }));
  const wrong = read.find((one) => one.read === undefined);
  if (wrong) {
    wrong.field.input.focus();
    return;
  }
  const changed = read.filter(({ field }) => textOf(field) !== fieldText(field.standard));
  tell({ kind: 'run', params: Object.fromEntries(changed.map((one) => [one.field.name, one.read?.value ?? null])) });
}

function show({ verb, title, params }: FormView): void {
  const fields = Object.entries(params).map(([name, standard], index) => makeField(name, standard, index));
  for (const field of fields) field.input.addEventListener('input', () => check(field));
  const cancel = html('button', { type: 'button', class: 'secondary' }, l10n.t('Cancel'));
  cancel.addEventListener('click', () => tell({ kind: 'cancel' }));
  const form = html(
    'form',
    { novalidate: '' },
    html('h1', {}, title),
    ...fields.map(({ row }) => row),
    html('p', { class: 'buttons' }, html('button', { type: 'submit' }, verb), cancel),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(fields);
  });
  form.addEventListener('keydown', ({ key }) => key === 'Escape' && tell({ kind: 'cancel' }));
  (document.querySelector('main') ?? document.body).replaceChildren(form);
  fields[0]?.input.focus();
}

addEventListener('message', ({ data }: MessageEvent<FormView>) => show(data));
tell({ kind: 'ready' });
