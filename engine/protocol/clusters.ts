/** The part of the protocol that is about clusters themselves. */
import { RequestType } from 'vscode-jsonrpc/node';

export interface ConnectionInfo {
  /** `openssh`: by the user's own `ssh` program. */
  readonly transport: 'ssh2' | 'openssh' | 'local';
  /** Why `openssh` was chosen, for people. */
  readonly reason?: string;
  /** What the server accepted, in order, e.g. `publickey (~/.ssh/id_ed25519)`, `keyboard-interactive`. */
  readonly authentication?: readonly string[];
}

/** One item of the setting `vigil.clusters`. A name that `~/.ssh/config` has too takes its options from there. */
export interface ClusterSettings {
  readonly name: string;
  /** Host name or `~/.ssh/config` alias; absent: this very machine. */
  readonly host?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  /** `auto` (default): Slurm where `sbatch` is found, else (on this machine only) processes. */
  readonly scheduler?: 'auto' | 'slurm' | 'flux' | 'local';
  /** `FLUX_URI` of the Flux instance, e.g. a nested one; absent: the one that `flux` finds there. */
  readonly fluxUri?: string;
  /** `auto` (default): the user's own `ssh` program where the SSH configuration asks for what Vigil's own client has not. */
  readonly transport?: 'auto' | 'ssh2' | 'openssh';
  /** `poll`: output is asked for by one short command a period, for sites that forbid commands that stay. Default `stream`. */
  readonly output?: 'stream' | 'poll';
  /** Seconds between two such commands, 1 to 3600; default 10. Less often while nothing comes, within the watchers' `interval`. */
  readonly pollSeconds?: number;
  /** Default working directory of jobs, on the cluster. */
  readonly workdir?: string;
}

/** The last lines that the engine's log has about a cluster, the newest last; of the last 512 KiB of the log. */
export const readClusterLog = new RequestType<{ readonly cluster: string }, readonly string[], void>('clusters/log');
