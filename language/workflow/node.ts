/** A workflow file as a document: steps, parameters and expressions with their places. */
import type { Problem } from '../problem/problem.ts';
import type { Span } from '../text/span.ts';
import type { EmbeddedExpression } from './embedded.ts';
import type { KeyInfo } from './value-types.ts';
import type { YamlMap, YamlNode, YamlPair } from './yaml-tree.ts';

/** `any`: not known before the run. */
export type StaticType = 'text' | 'number' | 'flag' | 'list' | 'map' | 'none' | 'any';

export interface ParameterDeclaration {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: YamlNode;
  /** That of its default. */
  readonly type: StaticType;
}

export interface NamedReference {
  readonly name: string;
  readonly span: Span;
}

export interface MatrixAxis {
  readonly name: string;
  readonly type: StaticType;
}

export interface StepNode {
  /** Among `steps`, or among `cleanup`. */
  readonly index: number;
  readonly isCleanup: boolean;
  readonly map: YamlMap;
  /** '' where it has none. */
  readonly id: string;
  readonly idSpan: Span;
  /** The first, where there are several. */
  readonly verb?: YamlPair;
  /** undefined: it waits for the step before it. */
  readonly needs?: readonly NamedReference[];
  readonly hasForeach: boolean;
  /** Of a `matrix`: its names, with the types of their values. */
  readonly axes?: readonly MatrixAxis[];
}

/** An expression and where it stands. */
export interface PlacedExpression extends EmbeddedExpression {
  readonly step?: StepNode;
  /** In `match` of an awaited event. */
  readonly hasPayload: boolean;
  /** The key whose whole value it is. */
  readonly whole?: KeyInfo;
}

export interface WorkflowDocument {
  readonly text: string;
  readonly root?: YamlMap;
  readonly params: readonly ParameterDeclaration[];
  readonly steps: readonly StepNode[];
  readonly cleanup: readonly StepNode[];
  readonly expressions: readonly PlacedExpression[];
  /** What the parser found; `checkWorkflow` adds the rest. */
  readonly problems: readonly Problem[];
}
