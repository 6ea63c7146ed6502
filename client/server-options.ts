/** How Node is told to run the language server: it is small and often idle, and memory matters more to it than throughput. */

/** Flags of V8. A young generation of 2 MiB and early collections halve what the server holds after an hour of typing. */
export const serverNodeFlags = ['--optimize-for-size', '--max-semi-space-size=2'] as const;
