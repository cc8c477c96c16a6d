import { type BrowserContext, devices, type Page, test as base } from '@playwright/test';

import { BrowserErrors } from './browser-errors';
import { expectHydration, javaScriptEnabled } from './navigation';

export { expect } from '@playwright/test';

interface Fixtures {
  browserErrors: BrowserErrors;
  /** Opens a page in a separate browser context with the user agent of Firefox on Windows. */
  openDevice: () => Promise<Page>;
}

/** Playwright's `test`, which also fails on unexpected browser errors. */
export const test = base.extend<Fixtures>({
  browserErrors: [
    async ({ context }, use) => {
      const browserErrors = new BrowserErrors();
      await browserErrors.watch(context);
      await use(browserErrors);
      await expectNoScripts(context);
      browserErrors.check();
    },
    { auto: true },
  ],
  openDevice: async ({ browser, browserErrors }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ userAgent: devices['Desktop Firefox'].userAgent });
      opened.push(context);
      await browserErrors.watch(context);
      return context.newPage();
    });
    for (const context of opened) {
      await expectNoScripts(context);
      await context.close();
    }
  },
});

/** In the project without JavaScript: checked at the end of a test, when any script would have run. */
async function expectNoScripts(context: BrowserContext): Promise<void> {
  if (!javaScriptEnabled()) await Promise.all(context.pages().map(expectHydration));
}
