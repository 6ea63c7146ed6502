/** A PostgreSQL server of the tests' own, in a temporary folder, as an ordinary user. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian has its programs: by version, beside PATH. */
function programFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

/** Can this machine have one? */
export const hasPostgres = programFolder() !== undefined;

/** PostgreSQL does not run as root: then it is `nobody`'s. */
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  /** Of the tests' own role in it. */
  readonly password = 'a secret: of @ests';
  readonly #programs: string;

  private constructor(folder: string, port: number, programs: string) {
    this.folder = folder;
    this.port = port;
    this.#programs = programs;
  }

  /** Resolves when it answers. */
  static async start(): Promise<PostgresServer> {
    const programs = programFolder();
    if (!programs) throw new Error('there is no PostgreSQL here: apt-get install postgresql');
    const folder = mkdtempSync(join(tmpdir(), 'vigil-postgres-'));
    chmodSync(folder, 0o755);
    const server = new PostgresServer(folder, await freePort(), programs);
    const data = join(folder, 'data');
    mkdirSync(data);
    if (isRoot) for (const path of [folder, data]) chownSync(path, nobody, nobody);
    server.#run('initdb', [
      '-D',
      data,
      '-U',
      'vigil_tests',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    server.up();
    server.query(`ALTER ROLE vigil_tests PASSWORD '${server.password}'`);
    return server;
  }

  #run(program: string, args: readonly string[]): void {
    const options = isRoot ? { uid: nobody, gid: nobody } : {};
    const { status, stderr, error } = spawnSync(join(this.#programs, program), args, {
      ...options,
      cwd: this.folder,
      env: { ...process.env, HOME: this.folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
  }

  up(): void {
    const options = `-p ${this.port} -k ${this.folder} -c listen_addresses=127.0.0.1 -c fsync=${process.env.VIGIL_POSTGRES_FSYNC ?? 'off'} -c max_connections=300 -c shared_buffers=256MB`;
    this.#run('pg_ctl', [
      '-D',
      join(this.folder, 'data'),
      '-l',
      join(this.folder, 'log'),
      '-w',
      '-o',
      options,
      'start',
    ]);
  }

  /** `immediate`: as if it had crashed. */
  down(mode: 'fast' | 'immediate' = 'fast'): void {
    this.#run('pg_ctl', ['-D', join(this.folder, 'data'), '-w', '-m', mode, 'stop']);
  }

  /** It goes on taking connections and questions, and answers none, until `thaw`. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  #signal(name: NodeJS.Signals): void {
    const [postmaster = ''] = readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    for (const pid of [postmaster, ...children.trim().split(' ')]) process.kill(Number(pid), name);
  }

  /** What `psql` prints. */
  query(sql: string, database = 'postgres'): string {
    const args = [
      '-X',
      '-q',
      '-A',
      '-t',
      '-h',
      this.folder,
      '-p',
      String(this.port),
      '-U',
      'vigil_tests',
      '-d',
      database,
    ];
    return execFileSync(join(this.#programs, 'psql'), [...args, '-c', sql], { encoding: 'utf8' }).trim();
  }

  /** The setting for a store of its own there. */
  url(schema: string, database = 'postgres'): string {
    return `postgres://vigil_tests:${encodeURIComponent(this.password)}@127.0.0.1:${this.port}/${database}?schema=${schema}`;
  }

  dispose(): void {
    try {
      this.down('immediate');
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
