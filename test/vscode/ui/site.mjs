/** Everything one walk needs: a workspace, a VS Code with the extension installed, an engine of its own, and ways to look at it. */
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { connectToEngine } from '../../../engine/launch.ts';
import { listJobs, readEventlog } from '../../../engine/protocol.ts';
import { openWorkbench } from '../host/browser.mjs';
import { installVsix, startServer } from '../host/server.mjs';
import { Workbench } from './workbench.mjs';

const endTimeoutMs = 180_000;

export class Site {
  workspace;
  directory;
  extensionsDirectory;
  #steps;
  #dataDirectory;
  #environment;
  #server;
  #browser;

  constructor(root, directory, steps) {
    this.directory = directory;
    this.workspace = path.join(directory, 'examples');
    this.#steps = steps;
    this.#dataDirectory = path.join(directory, 'data');
    this.extensionsDirectory = path.join(directory, 'ext');
    this.#environment = {
      VIGIL_RUNTIME_DIR: path.join(directory, 'run'),
      VIGIL_STATE_DIR: path.join(directory, 'state'),
    };
    mkdirSync(this.workspace);
    cpSync(path.join(root, 'examples'), this.workspace, { recursive: true });
  }

  async install(vsix) {
    await installVsix(vsix, { extensionsDirectory: this.extensionsDirectory, dataDirectory: this.#dataDirectory });
  }

  /**
   * Opens a window on the workspace with `file` in the editor.
   * @param {object} [options] of startServer: machineSettings, trustsAll; of openWorkbench: language
   */
  async openWindow(file, { language, ...options } = {}) {
    this.#server ??= await startServer({
      dataDirectory: this.#dataDirectory,
      extensionsDirectory: this.extensionsDirectory,
      environment: this.#environment,
      ...options,
    });
    this.#browser = await openWorkbench(this.#server, {
      folder: this.workspace,
      openFile: path.join(this.workspace, file),
      ...(language === undefined ? {} : { language }),
    });
    this.#steps.page = this.#browser.page;
    const workbench = new Workbench(this.#browser.page);
    await workbench.ready();
    return workbench;
  }

  /** Closes the window, and VS Code's server with its extension host: no part of VS Code is left. */
  async closeVsCode() {
    this.#steps.page = undefined;
    await this.#browser?.close();
    await this.#server?.stop();
    this.#browser = undefined;
    this.#server = undefined;
  }

  /** Calls `work` with a connection to the engine of this site; `undefined` when none runs. */
  async withEngine(work) {
    const engine = await connectToEngine({
      engineProgram: '',
      nodeProgram: process.execPath,
      environment: this.#environment,
      startIfAbsent: false,
      initialize: { client: 'cli', version: '0.0.0', answersPrompts: false },
    });
    if (!engine) return undefined;
    try {
      return await work(engine.connection, engine.info);
    } finally {
      engine.dispose();
    }
  }

  /** The eventlog of the newest job once it is ended. */
  async endOfNewestJob() {
    const deadline = Date.now() + endTimeoutMs;
    for (;;) {
      const found = await this.withEngine(async (connection) => {
        const jobs = [...(await connection.sendRequest(listJobs))].sort((a, b) => b.submitted - a.submitted);
        if (!jobs[0]?.logEnded) return undefined;
        return {
          job: jobs[0],
          names: (await connection.sendRequest(readEventlog, { job: jobs[0].key })).map((entry) => entry.name),
        };
      });
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`the job did not end within ${endTimeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async dispose() {
    await this.closeVsCode();
    const pid = await this.withEngine(async (_, info) => info.pid).catch(() => undefined);
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
  }
}
