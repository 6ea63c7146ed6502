/** The workbench as a person uses it: what to press and what to look for. Selectors of VS Code 1.139. */

const readyTimeoutMs = 180_000;
/** Of one attempt at a command. */
const timeout = 20_000;

export class Workbench {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(60_000);
  }

  async ready() {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: readyTimeoutMs });
    await this.page.locator('.statusbar').waitFor({ timeout: readyTimeoutMs });
    await this.page.locator('.editor-instance .view-line').first().waitFor({ timeout: readyTimeoutMs });
  }

  /**
   * Runs a command of the palette by its title, e.g. `Vigil: Show Log`, and takes `choice` of the list that it shows. A list goes
   * when a page that had the focus before the palette gets it back too late.
   */
  async command(title, choice) {
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.waitFor({ timeout });
        await this.quickInput.fill(`>${title}`, { timeout });
        await this.pick(title).click({ timeout });
        if (choice !== undefined) await this.pick(choice).click({ timeout });
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
      // What takes the focus at that moment closes the palette.
      await this.page.keyboard.press('Escape');
    }
  }

  get quickInput() {
    return this.page.locator('.quick-input-widget input[type=text], .quick-input-widget input[type=password]').first();
  }

  /** A row of an open quick pick. */
  pick(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Opens a file of the workspace. */
  async open(name) {
    await this.page.keyboard.press('Control+P');
    await this.quickInput.waitFor();
    await this.quickInput.fill(name);
    // The best match is chosen by a key: a row that is clicked may move away while the list is still being filtered.
    await this.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${name}"]`).waitFor();
    await this.page.keyboard.press('Enter');
    await this.editor(name).waitFor();
  }

  /** Puts the cursor at line:column (from 1) of the active editor. */
  async goto(line, column) {
    await this.page.keyboard.press('Control+G');
    await this.quickInput.waitFor();
    await this.quickInput.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.statusbar(`Ln ${line}, Col ${column}`).waitFor();
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  }

  /** Opens the completion list at the cursor; resolves to the row with `label`. */
  async suggest(label) {
    const row = this.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: label }).first();
    for (let attempt = 1; ; attempt += 1) {
      // The key is lost when the editor takes the focus late.
      await this.page.keyboard.press('Control+Space');
      try {
        await row.waitFor({ timeout: 10_000 });
        return row;
      } catch (error) {
        if (attempt === 4) throw error;
      }
      await this.page.keyboard.press('Escape');
    }
  }

  editor(name) {
    return this.page.locator(`.editor-instance .monaco-editor[data-uri$="${name}"]`).first();
  }

  line(text) {
    return this.page.locator('.editor-instance .view-line', { hasText: text }).first();
  }

  statusbar(text) {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  /** A row of a tree in the side bar. */
  treeRow(text) {
    return this.page.locator('.sidebar .pane-body .monaco-list-row', { hasText: text });
  }

  /** The row of a job: its number goes before its name. Until the view has come, the explorer shows a file of that name. */
  jobRow(name) {
    return this.treeRow(new RegExp(`\\d ${name}`)).first();
  }

  /** Keeps to the end of the tree until a row with `text` is there: rows out of sight do not exist in the page. */
  async scrollTreeTo(text) {
    const deadline = Date.now() + 120_000;
    await this.page.locator('.sidebar .pane-body .monaco-list').first().focus();
    do {
      await this.page.keyboard.press('End');
      if (await this.treeRow(text).first().isVisible()) return;
      await this.page.waitForTimeout(300);
    } while (Date.now() < deadline);
    throw new Error(`no row with ${text} at the end of the tree`);
  }

  /** Drags the border of the side bar, so that descriptions of rows can be read. */
  async widenSideBar(width) {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, y, { steps: 5 });
    await this.page.mouse.up();
  }

  /** A notification that pops up; it goes by itself after some seconds. */
  toast(text) {
    return this.page.locator('.notifications-toasts .notification-list-item-message', { hasText: text }).first();
  }

  async closeToasts() {
    await this.command('Notifications: Clear All Notifications');
  }
}
