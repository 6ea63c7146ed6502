export class UnknownClusterError extends Error {}
export class UnknownJobError extends Error {}
