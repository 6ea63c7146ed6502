/** Menus, opened where a person opens them. */
import { menus } from './menus.ts';

/** One step: opens a menu by `open`, and looks that all of it is there. Leaves it open. */
export function seeMenu(workbench, steps, location, subject, open) {
  return steps.step(`menus - of ${subject}, ${location}`, async () => {
    await open();
    const label = workbench.page.locator('.monaco-menu .action-item .action-label');
    for (const title of menus[location][subject]) {
      const exactly = new RegExp(`^${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
      await label.filter({ hasText: exactly }).first().waitFor();
    }
    // It fades in.
    await workbench.page.waitForTimeout(500);
  });
}
