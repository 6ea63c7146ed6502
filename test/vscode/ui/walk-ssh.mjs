/** The main job on the test cluster: an unknown host key, a password, Slurm, a watcher, and what Slurm refuses. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listClusters } from '../../../engine/protocol.ts';
import { closeAndReopen, openInputFor, openOutput, submitByTitle, watchJob } from './job-steps.mjs';
import { openPage } from './page-steps.mjs';
import { Workbench } from './workbench.mjs';

export async function walkSsh(site, steps) {
  const window = await site.openWindow('train.sh', {
    machineSettings: { 'vigil.sshConfigFile': writeConfiguration(site) },
  });
  await logIn(window, steps);
  await watchJob(window, steps, 'login');
  await openOutput(window, steps, 'login');
  await browseWorkdir(window, steps);
  await openPage(site, window, steps, 'login');
  // The engine keeps the connection: nobody is there to type the password again.
  const reopened = await closeAndReopen(site, window, steps, 'login');
  await takeUpPast(reopened, steps);
  await takeUpRunning(reopened, steps);
  await refuse(reopened, steps);
  await disconnect(site, reopened, steps);
}

/** An SSH configuration with a host that this machine has never seen, and no key for it. */
function writeConfiguration(site) {
  const { VIGIL_CLUSTER_USER, VIGIL_CLUSTER_PORT } = process.env;
  const configFile = path.join(site.directory, 'ssh-config');
  const host = {
    HostName: '127.0.0.1',
    Port: VIGIL_CLUSTER_PORT,
    User: VIGIL_CLUSTER_USER,
    IdentitiesOnly: 'yes',
    PubkeyAuthentication: 'no',
    UserKnownHostsFile: path.join(site.directory, 'known_hosts'),
    GlobalKnownHostsFile: '/dev/null',
  };
  const lines = ['Host login', ...Object.entries(host).map(([name, value]) => `  ${name} ${value}`), ''];
  writeFileSync(configFile, lines.join('\n'));
  return configFile;
}

async function logIn(workbench, steps) {
  const { page } = workbench;
  await submitByTitle(workbench, steps, 'login');
  await steps.step('ssh - an unknown host key is shown with its fingerprint', async () => {
    await page.locator('.monaco-dialog-box', { hasText: 'SHA256:' }).waitFor();
  });
  await steps.step('ssh - the password is asked for', async () => {
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Trust and Connect' }).click();
    await page.locator('.quick-input-widget input[type=password]').fill(process.env.VIGIL_CLUSTER_PASSWORD);
  });
  await page.keyboard.press('Enter');
}

/** The job's directory, in a window of its own over the same connection: nobody is asked for anything. */
async function browseWorkdir(workbench, steps) {
  const { page } = workbench;
  await steps.step('ssh - the directory of the job can be opened in several ways', async () => {
    await workbench.command('Vigil: Open Working Directory of Job', 'train');
    await workbench.pick('Browse and edit').waitFor();
  });
  // First in the Explorer, however much others have left in this home.
  const folder = path.join(process.env.VIGIL_CLUSTER_HOME, '!walk');
  const file = path.join(folder, 'note.txt');
  const { uid, gid } = statSync(process.env.VIGIL_CLUSTER_HOME);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'before\n');
  const script = path.join(folder, 'far.sh');
  writeFileSync(script, '#!/bin/bash\n#SBATCH --job-name=far --output=/dev/null\npwd > ran\n');
  const workflow = path.join(folder, 'far.vigil.yaml');
  writeFileSync(workflow, 'name: from-afar\nsteps:\n  - submit: far.sh\n  - run: pwd > done\n');
  for (const one of [folder, file, script, workflow]) chownSync(one, uid, gid);
  const [other] = await Promise.all([page.waitForEvent('popup'), workbench.pick('Browse and edit').click()]);
  steps.page = other;
  const row = (text) => other.locator('.explorer-folders-view .monaco-list-row', { hasText: text }).first();
  await steps.step('ssh - the directory is a folder of VS Code', async () => {
    await row('!walk').click({ timeout: 120_000 });
    await row('note.txt').dblclick();
    await new Workbench(other).line('before').waitFor();
  });
  await steps.step('ssh - a file is edited and saved there', async () => {
    await other.locator('.editor-instance .monaco-editor.focused').waitFor();
    await other.keyboard.type('now ');
    await other.keyboard.press('Control+S');
    for (let waits = 0; readFileSync(file, 'utf8') !== 'now before\n'; waits += 1) {
      if (waits === 100) throw new Error(`${file} holds ${readFileSync(file, 'utf8')}`);
      await other.waitForTimeout(100);
    }
  });
  await steps.step('ssh - a script of it is submitted from there, in its folder', async () => {
    const far = new Workbench(other);
    await row('far.sh').dblclick();
    await far.line('pwd > ran').waitFor();
    await openInputFor(far, 'login');
    const proposed = await other.locator('.quick-input-widget input[type=text]').first().inputValue();
    if (proposed !== folder) throw new Error(`the directory is ${proposed}`);
    await other.keyboard.press('Enter');
    await far.jobRow('far').waitFor({ timeout: 120_000 });
    for (let waits = 0; !existsSync(path.join(folder, 'ran')); waits += 1) {
      if (waits === 600) throw new Error('the job has not run');
      await other.waitForTimeout(100);
    }
  });
  await steps.step('ssh - a workflow file of it runs, with the script beside it', async () => {
    const far = new Workbench(other);
    await far.command('View: Show Explorer');
    await row('far.vigil.yaml').dblclick();
    await far.line('name: from-afar').waitFor();
    await other.locator('.editor-actions .action-label[aria-label^="Run Workflow"]').first().click();
    await far.command('Vigil: Focus on Workflows View');
    await far.widenSideBar(420);
    await far
      .treeRow(/from-afar.*completed/)
      .first()
      .waitFor({ timeout: 180_000 });
    const ranIn = readFileSync(path.join(folder, 'done'), 'utf8');
    if (ranIn !== `${folder}\n`) throw new Error(`its command ran in ${ranIn}`);
  });
  rmSync(folder, { recursive: true });
  await other.close();
  steps.page = page;
}

async function refuse(workbench, steps) {
  const { page } = workbench;
  await steps.step('ssh - what Slurm refuses is shown at its directive', async () => {
    await workbench.open('train.sh');
    await workbench.goto(2, 1);
    await page.keyboard.press('Home');
    await page.keyboard.type('#SBATCH --partition=no-such-partition\n');
    await openInputFor(workbench, 'login');
    await page.keyboard.press('Enter');
    await workbench.toast(/invalid partition/i).waitFor();
    await workbench.line('no-such-partition').waitFor();
    await page.locator('.squiggly-error').first().waitFor();
  });
}

/** A job of a terminal, that is over before Vigil has seen it. */
async function takeUpPast(workbench, steps) {
  const { page } = workbench;
  const { VIGIL_CLUSTER_USER: user, VIGIL_CLUSTER_HOME: home } = process.env;
  const options = [`--uid=${user}`, `--chdir=${home}`, '--job-name=long-ago', '--output=/dev/null', '--wrap', 'true'];
  const id = execFileSync('sbatch', ['--parsable', ...options], { encoding: 'utf8' }).trim();
  const listed = () =>
    execFileSync('sacct', ['-n', '-X', '-u', user, '-S', 'now-1days', '-o', 'JobID,State'], { encoding: 'utf8' });
  for (let waits = 0; !new RegExp(`^${id} +COMPLETED`, 'm').test(listed()); waits += 1) {
    if (waits === 120) throw new Error(`job ${id} is not in the accounting`);
    await page.waitForTimeout(500);
  }
  await steps.step('ssh - past jobs are chosen from the accounting', async () => {
    await workbench.command('Vigil: Take Up Past Jobs of Cluster', 'login');
    await workbench.pick('Of the last day').click();
    await workbench.pick('long-ago').click();
  });
  await steps.step('ssh - a past job is among the others', async () => {
    await page.keyboard.press('Enter');
    await workbench.treeRow(`${id} long-ago`).first().waitFor();
  });
}

/** A job of a terminal that Vigil has not looked for yet. */
async function takeUpRunning(workbench, steps) {
  const { VIGIL_CLUSTER_USER: user, VIGIL_CLUSTER_HOME: home } = process.env;
  const options = [
    `--uid=${user}`,
    `--chdir=${home}`,
    '--job-name=by-hand',
    '--output=/dev/null',
    '--wrap',
    'sleep 600',
  ];
  const id = execFileSync('sbatch', ['--parsable', ...options], { encoding: 'utf8' }).trim();
  await steps.step('ssh - a job that was submitted elsewhere is taken up', async () => {
    await workbench.command('Vigil: Watch a Job Submitted Elsewhere', 'login');
    await workbench.pick('by-hand').click();
    await workbench.treeRow(`${id} by-hand`).first().waitFor();
  });
  execFileSync('scancel', [id]);
}

async function disconnect(site, workbench, steps) {
  await steps.step('ssh - the cluster is disconnected', async () => {
    await workbench.command('Vigil: Disconnect from Cluster', 'login');
    const isIdle = () =>
      site.withEngine(async (connection) =>
        (await connection.sendRequest(listClusters)).some(({ name, state }) => name === 'login' && state === 'idle'),
      );
    for (let waits = 0; !(await isIdle()); waits += 1) {
      if (waits === 100) throw new Error('it is connected');
      await workbench.page.waitForTimeout(200);
    }
  });
}
