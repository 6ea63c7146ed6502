/** A workflow from its form to its end: its row, its graph, an approval, an event and its eventlog. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { emitEvent } from '../../../engine/protocol/actions.ts';
import { checkAccessibility } from './accessibility.mjs';

// What people and jobs say must stay text, also in the pages.
const greeting = '<img src=x onerror=alert(1)>';

const workflow = `name: demo
params: { greeting: hello, rate: 0.1, deep: false, sizes: [1, 2] }
steps:
  - { id: prepare, run: "echo \${{ params.rate }}" }
  - { id: data, needs: [prepare], await_event: walk.data, timeout: 2d }
  - { id: sizes, needs: [prepare], foreach: "\${{ params.sizes }}", run: "echo \${{ item }}" }
  - { id: ok, needs: [sizes], approve: "Publish \${{ params.greeting }}?", timeout: 3d }
  - { id: each, needs: [prepare], foreach: "\${{ params.sizes }}", approve: "Size \${{ item }}?" }
  - { id: mark, needs: [prepare], await_event: walk.mark }
  - { id: publish, needs: [data, ok, each, prepare], run: echo published }
cleanup:
  - { id: tidy, run: echo tidy }
`;

export async function walkWorkflows(site, steps) {
  writeFileSync(path.join(site.workspace, 'walk.vigil.yaml'), workflow);
  const workbench = await site.openWindow('walk.vigil.yaml');
  await fillForm(site, workbench, steps);
  await lookAtRun(workbench, steps);
  await lookAtGraph(site, workbench, steps);
  await finish(workbench, steps);
}

/** What one of our pages shows, in its frame within a frame. */
const pageIn = (workbench) =>
  workbench.page.frameLocator('iframe.webview.ready:visible').last().frameLocator('#active-frame');

async function fillForm(site, workbench, steps) {
  const { page } = workbench;
  const form = pageIn(workbench);
  await steps.step('workflows - the graph of the file stands beside it', async () => {
    await page.locator('.editor-actions .action-label[aria-label^="Show Workflow Graph"]').first().click();
    await form.locator('.step[data-step=publish]').waitFor();
  });
  await steps.step('workflows - it follows what is typed', async () => {
    await workbench.goto(8, 1);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('- { id: typed, needs: [], sleep: 1 }');
    await form.locator('.step[data-step=typed]').waitFor();
  });
  await steps.step('workflows - the play button shows a form', async () => {
    await workbench.command('File: Revert File');
    await form.locator('.step[data-step=typed]').waitFor({ state: 'detached' });
    await workbench.command('View: Close Editors in Other Groups');
    await form.locator('.step').first().waitFor({ state: 'detached' });
    await page.locator('.editor-actions .action-label[aria-label^="Run Workflow"]').first().click();
    await form.locator('input[name=rate]').waitFor();
  });
  await steps.step('workflows - a value of the wrong type is told at its field', async () => {
    await form.locator('input[name=greeting]').fill(greeting);
    await form.locator('input[name=rate]').fill('much');
    await form.locator('textarea[name=sizes]').fill('{"a": 1}');
    await form.locator('.problem', { hasText: 'This is a number' }).waitFor();
    await form.locator('.problem', { hasText: 'This is a list' }).waitFor();
    await form.locator('button', { hasText: 'Run' }).click();
    await form.locator('input[name=rate]:focus').waitFor();
  });
  // With the values that are wrong, and what is said about them.
  await checkAccessibility(site, steps, 'workflows - the form', form);
  await form.locator('input[name=rate]').fill('0.01');
  await form.locator('textarea[name=sizes]').fill('[1, 2, 3]');
  await form.locator('input[name=rate]').press('Enter');
}

async function lookAtRun(workbench, steps) {
  const { page } = workbench;
  await steps.step('workflows - the run and what it waits for stand in the view', async () => {
    await workbench.command('Vigil: Focus on Workflows View');
    await workbench.widenSideBar(520);
    await workbench.treeRow('awaits walk.data, 1 d').first().waitFor();
    await workbench.treeRow(`asks: Publish ${greeting}`).first().waitFor();
  });
  await workbench.closeToasts();
  await steps.step('workflows - the menu of a run', async () => {
    await workbench.treeRow('demo').first().click({ button: 'right' });
    await page.locator('.monaco-menu .action-item', { hasText: 'Open Eventlog of Run' }).first().waitFor();
    // It fades in.
    await page.waitForTimeout(500);
  });
  await page.locator('.monaco-menu .action-item', { hasText: 'Show Workflow Graph' }).first().click();
}

async function lookAtGraph(site, workbench, steps) {
  const graph = pageIn(workbench);
  await steps.step('workflows - the graph of the run', async () => {
    await graph.locator('.step.waiting[data-step=data]').waitFor();
    await graph.locator('.step.completed[data-step=prepare]').waitFor();
    await graph.locator('.step.pending[data-step=tidy]').waitFor();
  });
  await steps.step('workflows - it is gone through by the keyboard', async () => {
    await graph.locator('.step[data-step=prepare]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await workbench.page.keyboard.press(key);
    await graph.locator('.details h2', { hasText: 'ok' }).waitFor();
    await graph.locator('.details p', { hasText: greeting }).waitFor();
    await graph.locator('summary').click();
    await graph.locator('li', { hasText: 'awaits walk.data' }).waitFor();
  });
  // A step is chosen, and the text is open.
  await checkAccessibility(site, steps, 'workflows - the graph', graph);
  await steps.step('workflows - what changes in it takes the focus from nobody', async () => {
    await graph.locator('.step[data-step=ok]').focus();
    await workbench.command('Vigil: Filter Workflow Runs…');
    await workbench.pick('failed').waitFor();
    await site.withEngine((connection) => connection.sendRequest(emitEvent, { name: 'walk.mark' }));
    await graph.locator('.step.completed[data-step=mark]').waitFor();
    // A list that loses the focus is gone.
    await workbench.pick('failed').click();
  });
  await workbench.page.keyboard.press('Escape');
  await steps.step('workflows - a step is approved in it', async () => {
    await graph.locator('button', { hasText: 'Approve' }).press('Enter');
    // The button is gone: who works by keyboard goes on from the step.
    await graph.locator('.step.completed[data-step=ok]:focus').waitFor();
  });
}

async function finish(workbench, steps) {
  const { page } = workbench;
  await steps.step('workflows - a step asks for each of its items', async () => {
    await workbench.treeRow('asks 3 questions').first().waitFor();
    await workbench.command('Vigil: Approve');
    await workbench.pick('Size 3?').waitFor();
    for (const size of [1, 2, 3]) await workbench.pick(`Size ${size}?`).click();
  });
  await page.keyboard.press('Enter');
  await workbench.treeRow('asks 3 questions').first().waitFor({ state: 'detached' });
  await steps.step('workflows - the awaited event is emitted from the row', async () => {
    const row = workbench.treeRow('await_event').first();
    const isThere = () =>
      page
        .waitForFunction(() => document.querySelector('.quick-input-widget input')?.value === 'walk.data', null, {
          timeout: 3_000,
        })
        .then(() => true)
        .catch(() => false);
    // Of a row that is just being drawn anew VS Code tells the command nothing: it asks for the name then.
    for (let clicks = 1; ; clicks += 1) {
      await row.hover();
      await row.locator('.action-label[aria-label^="Emit Event"]').click();
      if (await isThere()) break;
      if (clicks === 5) throw new Error('the event is not proposed');
      await page.keyboard.press('Escape');
    }
  });
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget .quick-input-message', { hasText: 'Payload of walk.data' }).waitFor();
  await page.keyboard.press('Enter');
  await steps.step('workflows - the run is completed, in the view and in its graph', async () => {
    await workbench.treeRow('completed ·').first().waitFor();
    await pageIn(workbench).locator('.step.completed[data-step=tidy]').waitFor();
  });
  await steps.step('workflows - the view shows only what the filter lets through', async () => {
    await workbench.command('Vigil: Filter Workflow Runs…', 'failed');
    await page.keyboard.press('Enter');
    await page.locator('.sidebar .message', { hasText: 'Only: failed' }).waitFor();
    await workbench.treeRow('completed ·').first().waitFor({ state: 'detached' });
  });
  await workbench.command('Vigil: Clear Filters of Workflow Runs');
  await workbench.treeRow('completed ·').first().waitFor();
  await steps.step('workflows - its eventlog as a document', async () => {
    await workbench.command('Vigil: Open Eventlog of Run', 'demo');
    await workbench.line('step.result').waitFor();
    await workbench.line('finish').waitFor();
  });
  await steps.step('workflows - its file', async () => {
    await workbench.command('Vigil: Open Workflow File', 'demo');
    await workbench.line('await_event: walk.data').waitFor();
  });
  await steps.step('workflows - its id is in the clipboard', async () => {
    await workbench.command('Vigil: Copy Run ID', 'demo');
    await workbench.quickInput.waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+P');
    await workbench.quickInput.waitFor();
    await page.keyboard.press('Control+V');
    await page.waitForFunction(() => /^[\w-]{8,}$/.test(document.querySelector('.quick-input-widget input')?.value));
  });
  await page.keyboard.press('Escape');
}
