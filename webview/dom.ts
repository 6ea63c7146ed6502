/** Making elements: texts become text nodes, so that nothing a run says is ever markup. */

const svgNamespace = 'http://www.w3.org/2000/svg';

type Attributes = { readonly [name: string]: string | number };

export function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS(svgNamespace, name), attributes, children);
}

function filled<One extends Element>(element: One, attributes: Attributes, children: readonly (Node | string)[]): One {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

interface Host {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): Host;

/** The extension. A page asks for it once. */
export const host: Host = acquireVsCodeApi();
