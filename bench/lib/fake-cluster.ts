/**
 * A cluster for benches: a real sshd on loopback, real files, and a fake Slurm: small programs that answer as Slurm's do
 * and write down each time they are called. Jobs are never run; the bench writes their output itself.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface FakeCluster {
  /** Of the only host in `sshConfigFile`. */
  readonly name: string;
  readonly sshConfigFile: string;
  readonly folder: string;
  outputPath(jobId: string): string;
  /** Every call of the fake Slurm and every command that sshd started, so far: counted on the cluster's side. */
  counts(): { readonly [program: string]: number };
  dispose(): Promise<void>;
}

const sshd = '/usr/sbin/sshd';

/** Why there can be none on this machine. */
export function whyNoCluster(): string | undefined {
  if (!existsSync(sshd)) return 'needs OpenSSH’s server (/usr/sbin/sshd)';
  return undefined;
}

/** As Slurm 22.05 prints it; `$D`: the cluster's folder. One row a job in `queue`, in the columns that are asked for. */
function programs(folder: string): { readonly [name: string]: string } {
  const head = (name: string) => `#!/bin/sh\nD='${folder}'\necho ${name} >> "$D/calls"\n`;
  return {
    sbatch: `${head('sbatch')}
case $1 in --version) echo 'slurm 22.05.8'; exit;; esac
cat > /dev/null
for word; do case $word in --comment=*) comment=\${word#*=};; esac; done
exec 9> "$D/lock"; flock 9
n=$(($(cat "$D/next") + 1)); echo $n > "$D/next"
t=$(date +%s)
printf '%s\\037RUNNING\\037None\\037bench\\037bench\\037normal\\0371\\037n1\\037%s\\037%s\\037N/A\\037%s\\037job\\n' $n $t $t "$D/out" >> "$D/queue"
printf '%s\\037%s\\n' $n "$comment" >> "$D/keys"
echo $n
`,
    squeue: `${head('squeue')}
case "$*" in *%k*) cat "$D/keys";; *) cat "$D/queue";; esac
`,
    sacct: head('sacct'),
    scancel: head('scancel'),
    scontrol: `${head('scontrol')}
[ "$1 $2" = 'show job' ] || exit 1
t=$(date +%s)
printf 'JobId=%s JobName=job\\n   JobState=RUNNING Reason=None Restarts=0 ExitCode=0:0\\n   SubmitTime=%s StartTime=%s NodeList=n1 BatchHost=n1 Partition=bench\\n   WorkDir=%s\\n   StdErr=%s\\n   StdOut=%s\\n' $3 $t $t "$D/out" "$D/out/$3.out" "$D/out/$3.out"
`,
  };
}

export async function startFakeCluster(): Promise<FakeCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  chmodSync(folder, 0o755);
  for (const name of ['bin', 'out']) mkdirSync(join(folder, name));
  for (const name of ['calls', 'queue', 'keys']) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'next'), '0\n');
  for (const [name, text] of Object.entries(programs(folder))) {
    writeFileSync(join(folder, 'bin', name), text, { mode: 0o755 });
  }
  const port = await freePort();
  const stopSshd = await startSshd(folder, port);
  const { username } = userInfo();
  const sshConfigFile = join(folder, 'ssh_config');
  writeFileSync(
    sshConfigFile,
    `Host bench\n  HostName 127.0.0.1\n  Port ${port}\n  User ${username}\n  IdentityFile ${folder}/user_key\n  IdentitiesOnly yes\n  UserKnownHostsFile ${folder}/known_hosts\n`,
  );
  return {
    name: 'bench',
    sshConfigFile,
    folder,
    outputPath: (jobId) => join(folder, 'out', `${jobId}.out`),
    counts() {
      const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').filter(Boolean);
      const sessions = readFileSync(join(folder, 'sshd.log'), 'utf8').match(/Starting session: command/g)?.length ?? 0;
      const counts: { [program: string]: number } = { 'remote commands': sessions };
      for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
      return counts;
    },
    async dispose() {
      await stopSshd();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function startSshd(folder: string, port: number): Promise<() => Promise<void>> {
  for (const name of ['host_key', 'user_key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  const publicKey = readFileSync(join(folder, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${publicKey}\n`);
  writeFileSync(
    join(folder, 'sshd_config'),
    `ListenAddress 127.0.0.1\nPort ${port}\nHostKey ${folder}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n` +
      `AuthorizedKeysFile ${folder}/user_key.pub\nPermitRootLogin yes\nLogLevel VERBOSE\nSubsystem sftp internal-sftp\n` +
      `SetEnv PATH=${folder}/bin:/usr/local/bin:/usr/bin:/bin\n`,
  );
  // sshd insists on this folder when root starts it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(sshd, ['-D', '-f', join(folder, 'sshd_config'), '-E', join(folder, 'sshd.log')], {
    stdio: 'ignore',
  });
  const log = () => (existsSync(join(folder, 'sshd.log')) ? readFileSync(join(folder, 'sshd.log'), 'utf8') : '');
  for (let tries = 0; !log().includes('listening on'); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`sshd does not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return async () => {
    const gone = once(child, 'exit');
    if (child.exitCode === null && child.kill()) await gone;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
