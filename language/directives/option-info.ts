/** What is known of an option of a scheduler's submit command, for completion, hover and checks. */
import type { LaterText } from '../text/l10n.ts';
import type { Form } from './forms/form.ts';

export interface OptionInfo {
  /** Long name without its dashes; the letter where there is no long name. */
  readonly name: string;
  readonly short?: string;
  /** `pair`: the next two words (`-pe smp 4` of Grid Engine). `unsure`: the next word, if it looks like a value. */
  readonly argument: 'required' | 'optional' | 'none' | 'pair' | 'unsure';
  /** What the value looks like, as the manual writes it. */
  readonly value?: string;
  /** How a value is checked; absent: any text is one. */
  readonly form?: Form;
  /** What holds without the option, for people. */
  readonly default?: string | LaterText;
  /** The first release that has it, and the last before which it was gone. */
  readonly since?: string;
  readonly until?: string;
  /** Its own words where the cluster tells them. */
  readonly doc: string | LaterText;
  /** More from the manual. */
  readonly facts?: LaterText;
  /** May be given more than once, each time adding to the others. */
  readonly repeats?: boolean;
  /** Only of use on a command line, so not proposed. */
  readonly commandLineOnly?: boolean;
}
