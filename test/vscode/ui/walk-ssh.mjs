/** The main job on the test cluster: an unknown host key, a password, Slurm, a watcher, and what Slurm refuses. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closeAndReopen, openInputFor, openOutput, submitByTitle, watchJob } from './job-steps.mjs';

export async function walkSsh(site, steps) {
  const window = await site.openWindow('train.sh', {
    machineSettings: { 'vigil.sshConfigFile': writeConfiguration(site) },
  });
  await logIn(window, steps);
  await watchJob(window, steps, 'login');
  await openOutput(window, steps, 'login');
  // The engine keeps the connection: nobody is there to type the password again.
  const reopened = await closeAndReopen(site, window, steps, 'login');
  await refuse(reopened, steps);
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
