/** OpenWorkflow's store over connections that may hang: what is not answered in time fails, and begins anew with others. */
import type { Backend } from 'openworkflow/internal';

export interface Connected {
  readonly backend: Backend;
  /** Lets go of the connections, whatever still waits for them. */
  abandon(): void;
  /** Ends them once nothing waits for them, or a moment later: a pool that is ended while it connects would wait for ever. */
  end(): Promise<void>;
}

/** `connect` opens nothing by itself. `longestMs`: more than any statement may take on the server. */
export function renewedBackend(connect: () => Connected, longestMs: number): Backend {
  let current = connect();
  const inTime = async (used: Connected, answer: Promise<unknown>): Promise<unknown> => {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // All that hang are given up with the first of them.
        if (current === used) {
          current = connect();
          used.abandon();
        }
        reject(new Error(`the database of the runs did not answer within ${longestMs / 1000} s`));
      }, longestMs);
    });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearTimeout(timer);
    }
  };
  return new Proxy<Backend>(current.backend, {
    get(_target, name) {
      const used = current;
      const method: unknown = Reflect.get(used.backend, name);
      if (typeof method !== 'function') return method;
      const call = (...args: unknown[]) => Reflect.apply(method, used.backend, args) as Promise<unknown>;
      return name === 'stop' ? () => used.end() : (...args: unknown[]) => inTime(used, call(...args));
    },
  });
}
