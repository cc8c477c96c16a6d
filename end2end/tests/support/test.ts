import { type BrowserContext, devices, type Page, test as base } from '@playwright/test';

import { expectScripts, scripted } from './arrival';
import { Faults } from './faults';

export { expect } from '@playwright/test';

interface Story {
  faults: Faults;
  /** A page on another device, which shares nothing with the first: Firefox on Windows, it says. */
  openDevice: () => Promise<Page>;
}

/** Playwright's `test`, which also fails when the browser complains of anything unexpected. */
export const test = base.extend<Story>({
  faults: [
    async ({ context }, use) => {
      const faults = new Faults();
      await faults.watch(context);
      await use(faults);
      await expectNoScripts(context);
      faults.check();
    },
    { auto: true },
  ],
  openDevice: async ({ browser, faults }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ userAgent: devices['Desktop Firefox'].userAgent });
      opened.push(context);
      await faults.watch(context);
      return context.newPage();
    });
    for (const context of opened) {
      await expectNoScripts(context);
      await context.close();
    }
  },
});

/** By the end of a story a script would have run, had the browser let it. */
async function expectNoScripts(context: BrowserContext): Promise<void> {
  if (!scripted()) await Promise.all(context.pages().map(expectScripts));
}
