/** Where a PostgreSQL store is and who asks there: from the setting, the environment and `~/.pgpass`. */
import { readFileSync, statSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';

export interface PostgresAddress {
  /** A host, or the folder of a UNIX socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** As PostgreSQL's own programs read `sslmode`; false: `disable`. */
  readonly ssl?: false | 'prefer' | 'require' | 'verify-full';
  /** Whose jobs and runs: each schema is a store of its own. */
  readonly schema: string;
  /** Which engines of the schema go on with one another's workflow runs: those that see the same files. */
  readonly runs: string;
  /** An engine that was not heard of for so long has nothing any more. */
  readonly leaseSeconds: number;
  /** For people: without the password. */
  readonly name: string;
}

export class StoreAddressError extends Error {}

type Environment = { readonly [name: string]: string | undefined };

const shape = 'postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?schema=NAME&runs=NAME&lease=SECONDS&sslmode=require]';
const parameters = new Set(['schema', 'runs', 'lease', 'sslmode', 'host']);

/**
 * Of `postgres://…`. What it does not say comes from PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD and the file of
 * PGPASSFILE (`~/.pgpass`). Throws `StoreAddressError`, whose message has no password.
 */
export function postgresAddress(url: string, environment: Environment): PostgresAddress {
  const parsed = URL.parse(url);
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StoreAddressError(`The setting vigil.store is no address of a PostgreSQL database: ${shape}.`);
  }
  const { searchParams } = parsed;
  const odd = [...searchParams.keys()].find((name) => !parameters.has(name));
  if (odd) throw new StoreAddressError(`The setting vigil.store has ?${odd}=, which is not known: ${shape}.`);
  const text = (part: string) => decodeURIComponent(part);
  const host = searchParams.get('host') ?? (text(parsed.hostname) || environment.PGHOST || 'localhost');
  const port = Number(parsed.port || environment.PGPORT || 5432);
  const user = text(parsed.username) || environment.PGUSER || userInfo().username;
  const database = text(parsed.pathname.slice(1)) || environment.PGDATABASE || user;
  const schema = searchParams.get('schema') ?? ownSchema(user);
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new StoreAddressError(
      `The setting vigil.store has the schema "${schema}": a schema has lower-case letters, digits and _, at most 63.`,
    );
  }
  const leaseSeconds = Number(searchParams.get('lease') ?? 30);
  if (!(leaseSeconds >= 3 && leaseSeconds <= 3600))
    throw new StoreAddressError('The setting vigil.store has a ?lease= that is no number of seconds from 3 to 3600.');
  const password =
    text(parsed.password) || environment.PGPASSWORD || passwordOf({ host, port, database, user }, environment);
  const ssl = searchParams.get('sslmode') ?? environment.PGSSLMODE;
  const at = host.startsWith('/') ? `localhost:${port}` : `${host}:${port}`;
  const name = `postgres://${user}@${at}/${database}?schema=${schema}`;
  return {
    host,
    port,
    database,
    user,
    schema,
    runs: searchParams.get('runs') ?? hostname(),
    leaseSeconds,
    name,
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl: sslOption(ssl) }),
  };
}

/** Of libpq's modes those that the client library has; as an option each text but these would switch TLS on. */
function sslOption(mode: string): NonNullable<PostgresAddress['ssl']> {
  if (mode === 'disable') return false;
  if (mode === 'allow' || mode === 'prefer') return 'prefer';
  if (mode === 'require' || mode === 'verify-full') return mode;
  if (mode === 'verify-ca')
    throw new StoreAddressError('sslmode=verify-ca is not known: use verify-full, and a host name of the certificate');
  throw new StoreAddressError(`sslmode is disable, allow, prefer, require or verify-full, not ${mode}`);
}

/** Everybody has a store of their own, unless they say otherwise: two people's `mycluster/123` are two jobs. */
const ownSchema = (user: string) => `vigil_${user.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 63);

/** From PostgreSQL's password file, by its rules: the first line that fits; a file that others may read is not used. */
function passwordOf(
  wanted: Pick<PostgresAddress, 'host' | 'port' | 'database' | 'user'>,
  environment: Environment,
): string | undefined {
  const file = environment.PGPASSFILE ?? join(homedir(), '.pgpass');
  let text: string;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) return undefined;
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const host = wanted.host.startsWith('/') ? 'localhost' : wanted.host;
  const keys = [host, String(wanted.port), wanted.database, wanted.user];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field = '']) => field);
    const fits = keys.every((key, index) => fields[index] === '*' || unescaped(fields[index] ?? '') === key);
    if (fits && fields[4] !== undefined) return unescaped(fields[4]);
  }
  return undefined;
}

const unescaped = (field: string) => field.replace(/\\(.)/g, '$1');

/** For the client library, which passes the rest of `connection` to the server. */
export function connectOptions({ host, port, database, user, password, ssl, schema }: PostgresAddress) {
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
    connect_timeout: 5,
    connection: {
      application_name: 'vigil',
      search_path: schema,
      // An engine that hangs holds up nobody for long, nor does a server that hangs hold up the engine.
      statement_timeout: 10_000,
      lock_timeout: 5_000,
      idle_in_transaction_session_timeout: 15_000,
    },
  };
}
