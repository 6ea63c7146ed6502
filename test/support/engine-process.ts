import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { connectToEngine, type EngineConnection } from '../../engine/launch.ts';
import * as protocol from '../../engine/protocol.ts';
import { defaultSettings } from '../../engine/settings.ts';

const dist = join(import.meta.dirname, '..', '..', 'dist');

export interface Answers {
  readonly input?: (prompt: protocol.InputPrompt) => string | null;
  readonly hostKey?: (prompt: protocol.HostKeyPrompt) => boolean;
}

/** The built engine as a process of its own, with a state of its own, and clients of it. */
export class EngineProcess {
  readonly folder: string;
  /** Where the built programs are. */
  readonly program = dist;
  readonly notifications: protocol.UserNotification[] = [];
  #settings: protocol.EngineSettings;
  readonly #more: { readonly [name: string]: string | undefined };
  #client: EngineConnection | undefined;

  /** `more`: variables beside those of this process; `parent`: where its folder is made. */
  constructor(
    settings: Partial<protocol.EngineSettings>,
    more: { readonly [name: string]: string | undefined } = {},
    parent = tmpdir(),
  ) {
    this.folder = mkdtempSync(join(parent, 'vigil-engine-'));
    this.#more = more;
    if (!existsSync(join(dist, 'engine.js'))) throw new Error('dist/ is not built: npm run build');
    this.#settings = {
      ...defaultSettings,
      sshConfigFile: join(this.folder, 'no-config'),
      minPollSeconds: 1,
      ...settings,
    };
    this.configure({});
  }

  /** For connections from now on. */
  configure(settings: Partial<protocol.EngineSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    writeFileSync(this.#settingsFile, JSON.stringify(this.#settings));
  }

  get #settingsFile(): string {
    return join(this.folder, 'settings.json');
  }

  get environment(): { [name: string]: string | undefined } {
    return {
      ...process.env,
      ...this.#more,
      VIGIL_STATE_DIR: join(this.folder, 'state'),
      VIGIL_RUNTIME_DIR: join(this.folder, 'run'),
    };
  }

  async connect(answers: Answers = {}, version = '0.1.0'): Promise<EngineConnection> {
    this.disconnect();
    const client = await connectToEngine({
      engineProgram: join(dist, 'engine.js'),
      nodeProgram: process.execPath,
      environment: this.environment,
      startIfAbsent: true,
      initialize: {
        version,
        client: 'cli',
        answersPrompts: answers.input !== undefined || answers.hostKey !== undefined,
        settings: this.#settings,
      },
      prepare: (connection) => {
        connection.onRequest(protocol.promptInput, (prompt) => answers.input?.(prompt) ?? null);
        connection.onRequest(protocol.promptHostKey, (prompt) => answers.hostKey?.(prompt) ?? false);
        connection.onNotification(protocol.userNotification, (one) => void this.notifications.push(one));
      },
    });
    if (!client) throw new Error('no engine');
    this.#client = client;
    return client;
  }

  get client(): EngineConnection {
    if (!this.#client) throw new Error('not connected');
    return this.#client;
  }

  disconnect(): void {
    this.#client?.dispose();
    this.#client = undefined;
  }

  submit(params: protocol.SubmitParams): Promise<protocol.JobInfo> {
    return this.client.connection.sendRequest(protocol.submitJob, params);
  }

  async eventlog(job: protocol.JobKey): Promise<readonly protocol.EventlogEntry[]> {
    const all: protocol.EventlogEntry[] = [];
    for (;;) {
      const from = all.length;
      const page = await this.client.connection.sendRequest(protocol.readEventlog, { job, from });
      for (const entry of page) all.push(entry);
      if (page.length < protocol.eventlogPage) return all;
    }
  }

  async job(key: protocol.JobKey): Promise<protocol.JobInfo> {
    const job = (await this.client.connection.sendRequest(protocol.listJobs)).find((one) => one.key === key);
    if (!job) throw new Error(`no job ${key}`);
    return job;
  }

  /** The eventlog once it holds `name`. */
  async until(job: protocol.JobKey, name: string, timeoutMs = 100_000): Promise<readonly protocol.EventlogEntry[]> {
    return vi.waitFor(
      async () => {
        const entries = await this.eventlog(job);
        if (!entries.some((entry) => entry.name === name))
          throw new Error(`no ${name} yet: ${entries.map((entry) => entry.name).join(' ')}`);
        return entries;
      },
      { timeout: timeoutMs, interval: 100 },
    );
  }

  /** Ends the engine the hard way, as a crash or a power cut would. */
  async kill(): Promise<void> {
    const { pid } = this.client.info;
    process.kill(pid, 'SIGKILL');
    this.disconnect();
    await vi.waitFor(() => {
      if (isAlive(pid)) throw new Error('still there');
    }, 20_000);
  }

  async dispose(): Promise<void> {
    try {
      const client = this.#client ?? (await this.connect());
      const { pid } = client.info;
      await client.connection.sendRequest(protocol.handOver).catch(() => {});
      await vi.waitFor(() => {
        if (isAlive(pid)) throw new Error('still there');
      }, 20_000);
    } finally {
      this.disconnect();
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** That of `vigil` for this engine. */
  get vigilEnvironment(): { [name: string]: string | undefined } {
    return { ...this.environment, VIGIL_SETTINGS: this.#settingsFile };
  }

  /** Runs `vigil` against this engine. */
  vigil(
    args: readonly string[],
    environment: { readonly [name: string]: string } = {},
  ): Promise<{ status: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const env = { ...this.vigilEnvironment, ...environment };
      const child = spawn(process.execPath, [join(dist, 'cli.js'), ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
