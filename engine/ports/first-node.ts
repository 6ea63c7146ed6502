/** Nodes of jobs as hosts. Pure. */

/**
 * The first host of a list as Slurm and Flux write it: `n[01-04,7]`, `a1,b2`, `r[0-1]n[2-3]`. `undefined`: it has none that could
 * be the name of a host.
 */
export function firstNode(nodes: string): string | undefined {
  const first = /^(?:[^,[\]]|\[[^[\]]*\])+(?=,|$)/.exec(nodes.trim())?.[0];
  const name = first?.replace(/\[([^\],-]*)[^\]]*\]/g, '$1');
  return name !== undefined && isHostName(name) ? name : undefined;
}

/** Letters, digits, `.`, `-` and (in names of nodes) `_`: nothing that a program could take for an option or an address. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}

/** Of TCP. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
