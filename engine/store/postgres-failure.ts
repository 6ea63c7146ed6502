/** What PostgreSQL, or the way to it, says when the store cannot be used, as words that a person can act on. */
import type { PostgresAddress } from './postgres-address.ts';
import type { FailureReport } from './postgres-exchange.ts';
import { StoreFailure } from './store-failure.ts';

/** Our own SQLSTATE: another engine has taken over what this one had. */
export const takenOver = 'VG001';
/** Our own SQLSTATE: a commit came to the server after whoever asked for it had given up. */
export const tooLate = 'VG002';
/** The thread did not answer in time. */
export const noAnswer = 'VIGIL_NO_ANSWER';

/** The oldest that has what is used: gen_random_uuid() of OpenWorkflow's backend. */
const leastVersion = 130_000;

/** Why this server cannot have a store; `version`: its `server_version_num`, `words`: its `version()`. */
export function versionProblem(version: number, words: string): string | undefined {
  return version < leastVersion ? `${words} is too old: PostgreSQL 13 or newer is needed.` : undefined;
}

/** What the server or the way there said. */
export class PostgresError extends Error {
  readonly code: string;
  constructor({ code, message }: FailureReport) {
    super(message);
    this.code = code;
  }
}

type Words = (address: PostgresAddress, message: string) => string;

const unreachable: Words = ({ host, port }) =>
  `no PostgreSQL answers at ${host}:${port}: is it running, is the address right, and may this machine connect to it?`;
const lost: Words = ({ host, port }) => `the connection to PostgreSQL at ${host}:${port} is lost: it is tried again`;
const silent: Words = ({ host, port }) =>
  `PostgreSQL at ${host}:${port} did not answer in time: is it, or the network, overloaded?`;
const full: Words = ({ host }) => `the disk of PostgreSQL on ${host} is full: free space there`;
const rights: Words = ({ user, database, schema }, message) =>
  `${user} may not do this (${message}): the owner of ${database} grants it with GRANT USAGE, CREATE ON SCHEMA ${schema} TO "${user}", or GRANT CREATE ON DATABASE "${database}" TO "${user}"`;

const words: { readonly [code: string]: Words } = {
  ECONNREFUSED: unreachable,
  ENOENT: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  CONNECT_TIMEOUT: unreachable,
  ENOTFOUND: ({ host }) => `there is no host ${host}: is the name right?`,
  EAI_AGAIN: ({ host }) => `the name ${host} cannot be looked up now: is this machine connected?`,
  ECONNRESET: lost,
  EPIPE: lost,
  CONNECTION_CLOSED: lost,
  CONNECTION_ENDED: lost,
  CONNECTION_DESTROYED: lost,
  [noAnswer]: silent,
  [tooLate]: silent,
  [takenOver]: () =>
    'this engine was not heard of for too long, and others may have taken over what it followed: it begins again',
  '28P01': ({ user }) =>
    `PostgreSQL refuses the password of ${user}: give it in ~/.pgpass (mode 600), PGPASSWORD or the setting vigil.store`,
  '28000': ({ user, database }, message) =>
    `PostgreSQL does not let ${user} into ${database} (${message}): its pg_hba.conf decides that`,
  '3D000': ({ database }) => `there is no database "${database}": make it with createdb ${database}, or name another`,
  '42501': rights,
  '53100': full,
  '53300': () => 'PostgreSQL has too many connections: raise its max_connections, or end some',
  '25006': ({ host }) => `PostgreSQL on ${host} takes no changes (it is a standby, or read-only): name the primary`,
  '57014': () => 'a statement took longer than 10 s and was ended: is PostgreSQL overloaded?',
  '55P03': () => 'another engine holds what is wanted: it is tried again',
  '40P01': () => 'two engines waited for one another: it is tried again',
  '57P03': () => 'PostgreSQL is starting or shutting down: it is tried again',
};

/** A failure of the kind that the store bears: nothing of a transaction is kept, it may be tried again. */
export function postgresFailure(error: unknown, address: PostgresAddress): StoreFailure | undefined {
  if (!(error instanceof PostgresError)) return undefined;
  const { code, message } = error;
  const say =
    words[code] ??
    (/^(08|57P)/.test(code) ? lost : undefined) ??
    (/^(53|58|XX|F0)/.test(code) ? () => `PostgreSQL says: ${message}` : undefined) ??
    // Client and server do not understand one another: certificates, protocols.
    (/^[A-Z_]{6,}$/.test(code) ? () => `no connection: ${message}` : undefined);
  return say && new StoreFailure(`Vigil's store ${address.name}: ${say(address, message)}.`, { cause: error });
}
