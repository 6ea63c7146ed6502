/** How Node is told to run the language server: it is small and often idle, and memory matters more to it than throughput. */

/**
 * Flags of V8: interpreted code with a small young generation. It takes a fifth less memory than compiled code, and one
 * keystroke's check is too short to be worth compiling. There is no WebAssembly then; the server has none.
 */
export const serverNodeFlags = ['--lite-mode', '--max-semi-space-size=2'] as const;
