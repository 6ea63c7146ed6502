/** The clusters view on the test cluster: what is found, connecting, what a cluster tells of itself, what cannot be reached. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';
import { seeMenu } from './menu-steps.mjs';

export async function walkClusters(site, steps) {
  const configFile = writeConfiguration(site);
  const workbench = await site.openWindow('train.sh', {
    machineSettings: { 'vigil.sshConfigFile': configFile, 'vigil.submit.upload': ['.'] },
    settings: { 'vigil.jobs.followElsewhere': true },
  });
  await look(workbench, steps);
  const cancel = submitElsewhere(configFile);
  await connect(workbench, steps);
  await seeElsewhere(workbench, steps);
  cancel();
  await submitWithFiles(workbench, steps);
  await setUp(workbench, steps);
  await readLog(workbench, steps);
  await hide(workbench, steps);
}

/** One host that answers, in a file that is included, and one behind a port that nobody listens on. */
function writeConfiguration(site) {
  const { VIGIL_CLUSTER_DIR, VIGIL_CLUSTER_USER, VIGIL_CLUSTER_PORT } = process.env;
  const hosts = {
    mycluster: {
      HostName: '127.0.0.1',
      Port: VIGIL_CLUSTER_PORT,
      User: VIGIL_CLUSTER_USER,
      IdentityFile: path.join(VIGIL_CLUSTER_DIR, 'ssh', 'keys', 'user_ed25519'),
      IdentitiesOnly: 'yes',
      UserKnownHostsFile: path.join(VIGIL_CLUSTER_DIR, 'ssh', 'known_hosts'),
      GlobalKnownHostsFile: '/dev/null',
    },
    retired: { HostName: '127.0.0.1', Port: '9', User: 'me' },
  };
  const text = (name) =>
    [`Host ${name}`, ...Object.entries(hosts[name]).map(([key, value]) => `  ${key} ${value}`), ''].join('\n');
  const included = path.join(site.directory, 'ssh-included');
  writeFileSync(included, text('mycluster'));
  const configFile = path.join(site.directory, 'ssh-config');
  writeFileSync(configFile, `Include ${included}\n${text('retired')}`);
  return configFile;
}

/** By the person's own hand, in a terminal. What is returned cancels it. */
function submitElsewhere(configFile) {
  const ssh = (command) => execFileSync('ssh', ['-F', configFile, 'mycluster', command], { encoding: 'utf8' });
  const id = ssh('sbatch --parsable --job-name=elsewhere --output=elsewhere.out --wrap "sleep 600"').trim();
  return () => ssh(`scancel ${id}`);
}

async function seeElsewhere(workbench, steps) {
  await steps.step('clusters - a job that was submitted in a terminal is among the jobs', async () => {
    await workbench.command('Focus on Jobs View');
    await workbench.treeRow('elsewhere').first().waitFor();
  });
  // The cluster is this machine: what a terminal has done is there to be read.
  const said = path.join(process.env.VIGIL_CLUSTER_HOME, 'in-job');
  rmSync(said, { force: true });
  await steps.step('clusters - a terminal in the allocation of a job', async () => {
    await workbench.treeRow('elsewhere').first().click({ button: 'right' });
    const item = workbench.page.locator('.monaco-menu .action-item', { hasText: 'Open Terminal in Job' }).first();
    await item.waitFor();
    // The menu fades in, and takes no click before.
    await workbench.page.waitForTimeout(500);
    await item.click();
    await workbench.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await workbench.page.keyboard.type('echo in job $((SLURM_JOB_ID)) > ~/in-job; cat ~/in-job\n');
    for (let waited = 0; !existsSync(said) || readFileSync(said, 'utf8') === ''; waited++) {
      if (waited > 100) throw new Error('the terminal did nothing');
      await workbench.page.waitForTimeout(300);
    }
    if (!/^in job [1-9]\d*$/m.test(readFileSync(said, 'utf8'))) throw new Error('it is no step of a job');
    await workbench.page.waitForTimeout(500);
  });
  await workbench.command('Terminal: Kill the Active Terminal Instance');
  await workbench.command('Focus on Clusters View');
}

async function look(workbench, steps) {
  await steps.step('clusters - those of the SSH configuration and this machine are found', async () => {
    await workbench.command('Focus on Clusters View');
    await workbench.widenSideBar(560);
    await workbench.page.locator('.sidebar .pane-header[aria-label^="Jobs"]').click();
    // This machine has a Slurm: it is there, and connected, without anybody doing anything.
    await workbench.treeRow('Slurm').first().waitFor();
    for (const name of ['mycluster', 'retired', 'local']) await workbench.treeRow(name).first().waitFor();
  });
}

async function connect(workbench, steps) {
  await steps.step('clusters - a connected one tells of its partitions, share and limits', async () => {
    await workbench.command('Vigil: Connect to Cluster…', 'mycluster');
    await workbench
      .treeRow(/^mycluster.*Slurm/)
      .first()
      .waitFor();
    await workbench.treeRow('debug').first().waitFor({ timeout: 120_000 });
    await workbench.treeRow('Account').first().click();
    await workbench.treeRow('Fair share').first().waitFor();
  });
  const row = workbench.treeRow(/^mycluster.*Slurm/).first();
  await seeMenu(workbench, steps, 'view/item/context', 'a cluster that is connected', () =>
    row.click({ button: 'right' }),
  );
  await workbench.page.keyboard.press('Escape');
  await steps.step('clusters - one that cannot be reached says why', async () => {
    await workbench.command('Vigil: Connect to Cluster…', 'retired');
    await workbench.treeRow('offline for').first().waitFor();
    await workbench
      .treeRow(/refused/i)
      .first()
      .waitFor();
    await workbench.closeToasts();
  });
}

async function setUp(workbench, steps) {
  const { page } = workbench;
  await steps.step('clusters - setting up says what fails, and what to do about it', async () => {
    await workbench.command('Vigil: Set Up Cluster…');
    await choose(workbench, 'retired');
    await workbench.pick(/refused the connection/i).waitFor();
    await workbench.pick('Try Again').waitFor();
    await workbench.pick('Try with ssh in a Terminal').waitFor();
  });
  await page.keyboard.press('Escape');
  await steps.step('clusters - setting up a host that is typed finds its scheduler', async () => {
    await workbench.command('Vigil: Set Up Cluster…');
    await choose(workbench, 'A host that is not listed');
    await workbench.quickInput.fill('not a host');
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'Write it as' }).waitFor();
    // Its key and its port stand in the configuration, under another name.
    await workbench.quickInput.fill('mycluster');
    await page.keyboard.press('Enter');
    // The name that is proposed is checked when it is taken.
    await page.locator('.quick-input-widget .quick-input-message', { hasText: 'The name that it has' }).waitFor();
    await page.keyboard.press('Enter');
    await page
      .locator('.quick-input-widget .quick-input-message', { hasText: 'There is a cluster of that name' })
      .waitFor();
    await workbench.quickInput.fill('typed');
    await page.keyboard.press('Enter');
    await workbench.pick(/Scheduler.*Slurm/).waitFor({ timeout: 120_000 });
    await workbench.pick(/Partitions.*debug/).waitFor();
  });
  await page.keyboard.press('Escape');
}

/** By the keyboard: a row that is clicked may move away while the list is still being filled. */
async function choose(workbench, text) {
  await workbench.pick(text).waitFor();
  await workbench.quickInput.fill(text);
  await workbench.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).waitFor();
  await workbench.page.keyboard.press('Enter');
}

async function submitWithFiles(workbench, steps) {
  const { page } = workbench;
  const folder = `walk-${process.pid}`;
  await steps.step('clusters - the files of a script go along with it', async () => {
    await workbench.open('train.sh');
    await openInputFor(workbench, 'mycluster');
    await workbench.quickInput.fill(`~/${folder}`);
    await page.keyboard.press('Enter');
    await workbench.toast('Submitted train').waitFor({ timeout: 120_000 });
    // The cluster is this machine.
    const listed = readdirSync(path.join(process.env.VIGIL_CLUSTER_HOME, folder));
    for (const name of ['train.sh', 'sweep.sh']) {
      if (!listed.includes(name)) throw new Error(`${name} was not uploaded: ${listed.join(' ')}`);
    }
  });
}

async function readLog(workbench, steps) {
  await steps.step('clusters - the log of a cluster', async () => {
    await workbench.command('Vigil: Show Log of Cluster', 'retired');
    await workbench.line(/warn.*retired/).waitFor();
  });
}

async function hide(workbench, steps) {
  await steps.step('clusters - a hidden one is left out', async () => {
    await workbench.command('Vigil: Hide Cluster', 'retired');
    await workbench.treeRow('offline for').first().waitFor({ state: 'detached' });
  });
}
