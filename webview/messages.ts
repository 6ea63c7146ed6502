/** What the extension and its pages tell each other. All texts are plain: pages show them as text, never as markup. */
import type { GraphLayout } from './graph-layout.ts';

export type StepState = 'pending' | 'running' | 'waiting' | 'retrying' | 'completed' | 'failed' | 'skipped';

export interface GraphStepView {
  readonly key: string;
  readonly verb: string;
  /** Of a file: `pending`. */
  readonly state: StepState;
  /** Under its name: `submit · attempt 2`. */
  readonly words: string;
  /** All that is known of it, a line each. */
  readonly details: readonly string[];
  /** A person is asked: the page offers to approve and to deny. */
  readonly asks: boolean;
  readonly needs: readonly string[];
  readonly isCleanup: boolean;
}

export interface GraphView {
  readonly title: string;
  /** How the run is, or what is wrong with the file. */
  readonly status: string;
  readonly steps: readonly GraphStepView[];
  readonly layout: GraphLayout;
}

/** From the page of a graph. `ready`: it shows what it is sent from now on. */
export type FromGraphPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open' | 'approve' | 'deny'; readonly step: string };

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface FormView {
  /** What the button says. */
  readonly verb: string;
  readonly title: string;
  /** The parameters with their defaults. */
  readonly params: { readonly [name: string]: JsonValue };
}

export type FromFormPage =
  | { readonly kind: 'ready' | 'cancel' }
  /** What is not the default. */
  | { readonly kind: 'run'; readonly params: { readonly [name: string]: JsonValue } };
