/** The commands that no other walk needs, each with what it leads to. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { listJobs, readEventlog, submitJob } from '../../../engine/protocol.ts';
import { openInputFor } from './job-steps.mjs';

const scripts = {
  'chores.sh': `#!/bin/bash
#SBATCH --job-name=chores --time=10
#WATCHER name="epochs" pattern="^epoch (\\d+)$" captures=[n] action=log_event(message="at \${n}")
echo "epoch 1"
sleep 600
`,
  'quick.sh': `#!/bin/bash
#SBATCH --job-name=quick
#WATCHER name="results" pattern="^result" action=log_event(message="seen")
echo "result 1"
`,
  'later.sh': `#!/bin/bash
#SBATCH --job-name=later --begin=now+1hour
true
`,
};

export async function walkCommands(site, steps) {
  for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(site.workspace, name), text);
  const workbench = await site.openWindow('chores.sh');
  const { page } = workbench;
  for (const name of Object.keys(scripts)) {
    await workbench.open(name);
    await openInputFor(workbench, 'local');
    await page.keyboard.press('Enter');
    await workbench.jobRow(path.basename(name, '.sh')).waitFor();
  }
  await workbench.treeRow('completed').first().waitFor();
  await workbench.widenSideBar(480);
  await workbench.closeToasts();
  await order(site, workbench, steps);
  await watch(site, workbench, steps);
  await arrange(site, workbench, steps);
  await keepSecrets(workbench, steps);
  await restart(site, workbench, steps);
}

/** The names of the events of a job, by its name. */
const eventsOf = (site, name) =>
  site.withEngine(async (connection) => {
    const job = (await connection.sendRequest(listJobs)).find((one) => one.name === name);
    return (await connection.sendRequest(readEventlog, { job: job.key })).map((event) => event.name);
  });

async function until(page, what, holds) {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries === 100) throw new Error(`waited in vain until ${what}`);
    await page.waitForTimeout(200);
  }
}

async function order(site, workbench, steps) {
  const { page } = workbench;
  await steps.step('commands - what runs on this machine cannot be requeued', async () => {
    await workbench.command('Vigil: Requeue Job', 'chores');
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Requeue' }).click();
    await workbench.toast('only a job in the queue can be held or released').waitFor();
  });
  await steps.step('commands - another urgency is in the eventlog', async () => {
    await workbench.command('Vigil: Set Urgency of Job', 'later');
    await workbench.pick('Last').click();
    await until(page, 'the urgency is logged', async () => (await eventsOf(site, 'later')).includes('urgency'));
  });
  await steps.step('commands - no cancel waits to be taken back', async () => {
    await workbench.command("Vigil: Take Back a Watcher's Cancel", 'chores');
    await workbench.toast('No cancel of job').waitFor();
  });
  await workbench.closeToasts();
}

async function watch(site, workbench, steps) {
  const { page } = workbench;
  await steps.step('commands - a watcher is changed while its job runs', async () => {
    await workbench.open('chores.sh');
    await workbench.goto(3, 1);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type(', level="warning"');
    await workbench.command('Vigil: Change Watcher', 'chores');
    await workbench.pick('epochs').click();
    const before = (await eventsOf(site, 'chores')).filter((name) => name === 'watcher.state').length;
    await workbench.pick('chores.sh').click();
    const logged = async () => (await eventsOf(site, 'chores')).filter((name) => name === 'watcher.state').length;
    await until(page, 'the change is logged', async () => (await logged()) > before);
  });
  await steps.step('commands - watchers run over the output of a job that is over', async () => {
    await workbench.command('Vigil: Run Watchers over Output', 'quick');
    const before = (await eventsOf(site, 'quick')).filter((name) => name === 'log').length;
    await page.locator('.notification-toast .monaco-button', { hasText: 'Perform the Actions' }).first().click();
    const logged = async () => (await eventsOf(site, 'quick')).filter((name) => name === 'log').length;
    await until(page, 'the action is done once more', async () => (await logged()) === before + 1);
  });
  await steps.step('commands - everything is muted for an hour', async () => {
    await workbench.command('Vigil: Mute Notifications', 'Everything for an hour');
    await workbench.command('Vigil: Show Muted Notifications');
    await workbench.pick('until').waitFor();
  });
  await page.keyboard.press('Escape');
}

async function arrange(site, workbench, steps) {
  const { page } = workbench;
  const row = (text) => workbench.treeRow(text).first();
  await steps.step('commands - the oldest job comes first', async () => {
    await workbench.command('Vigil: Sort Jobs', 'Oldest first');
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll('.sidebar .pane-body .monaco-list-row')].map((one) => one.textContent);
      const place = (name) => rows.findIndex((text) => text.includes(name));
      return place('1 chores') !== -1 && place('1 chores') < place('2 quick');
    });
  });
  await steps.step('commands - only jobs of one state are shown', async () => {
    await workbench.command('Vigil: Filter Jobs', 'waiting');
    await page.keyboard.press('Enter');
    await row('chores').waitFor({ state: 'detached' });
    await row('later').waitFor();
  });
  await steps.step('commands - how far back is told beside the name of the view', async () => {
    await workbench.command('Vigil: Limit History of Jobs', 'Jobs of the last day');
    await page.locator('.sidebar .pane-header .description', { hasText: 'day' }).waitFor();
  });
  await workbench.command('Vigil: Clear Filters of Jobs');
  await row('chores').waitFor();
  await steps.step('commands - more jobs than rows: the others on request', async () => {
    await site.withEngine(async (connection) => {
      const script = '#!/bin/sh\n#SBATCH --job-name=one-of-many --begin=now+1hour\ntrue\n';
      for (let jobs = 0; jobs < 210; jobs += 1)
        await connection.sendRequest(submitJob, { cluster: 'local', script, workdir: site.workspace });
    });
    await workbench.command('Vigil: Group Jobs', 'State');
    // Until all of them wait rows move, away from where the mouse clicks.
    await row(/^Waiting.*211$/).waitFor();
    await workbench.scrollTreeTo('more');
    await workbench.treeRow('more').last().click();
    await workbench.treeRow('more').last().waitFor({ state: 'detached' });
  });
  await steps.step('commands - the jobs are asked for anew', async () => {
    await workbench.command('Vigil: Refresh Jobs');
    await page.keyboard.press('Home');
    await workbench.treeRow('one-of-many').first().waitFor();
  });
  await steps.step('commands - no cluster is hidden', async () => {
    await workbench.command('Vigil: Show Hidden Clusters');
    await workbench.toast('No cluster is hidden.').waitFor();
  });
}

async function keepSecrets(workbench, steps) {
  const { page } = workbench;
  const asked = (title) => page.locator('.quick-input-widget .quick-input-title', { hasText: title }).waitFor();
  await steps.step('commands - the password for e-mail is asked for, hidden', async () => {
    await workbench.command('Vigil: Set E-mail Password');
    await asked('Password for the SMTP server');
    await page.locator('.quick-input-widget input[type=password]').fill('not shown');
  });
  await page.keyboard.press('Enter');
  await steps.step('commands - a webhook that is none is told while it is typed', async () => {
    await workbench.command('Vigil: Set Slack Webhook');
    await asked("Slack's incoming webhook");
    await page.locator('.quick-input-widget input[type=password]').fill('http://example.com/x');
    await page
      .locator('.quick-input-widget .quick-input-message', { hasText: 'The URL begins with https://' })
      .waitFor();
  });
  await page.keyboard.press('Escape');
}

async function restart(site, workbench, steps) {
  const { page } = workbench;
  await steps.step('commands - the engine is started again', async () => {
    const pid = await site.withEngine(async (_, info) => info.pid);
    process.kill(pid, 'SIGTERM');
    await workbench.command('Vigil: Start Engine');
    const another = () => site.withEngine(async (_, info) => info.pid !== pid).catch(() => false);
    await until(page, 'another engine runs', another);
    await workbench.treeRow('one-of-many').first().waitFor();
  });
  await steps.step('commands - a new language server checks the script again', async () => {
    await workbench.open('broken.sh');
    await page.locator('.squiggly-error').first().waitFor();
    await workbench.command('Vigil: Restart Language Server');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.locator('.squiggly-error').first().waitFor();
  });
}
