import { type APIRequestContext, type BrowserContext, devices, type Page, test as base } from '@playwright/test';

import { mailsOf } from '../../mails.mjs';
import { BrowserErrors } from './browser-errors';
import { expectHydration, javaScriptEnabled } from './navigation';

export { expect } from '@playwright/test';

interface Fixtures {
  browserErrors: BrowserErrors;
  /** Opens a page in a separate browser context with the user agent of Firefox on Windows. */
  openDevice: () => Promise<Page>;
  /** Waits for the next mail to an address with this subject. */
  mailTo: ReturnType<typeof mailsOf>;
}

/** Playwright's `test`, which also fails on unexpected browser errors. */
export const test = base.extend<Fixtures>({
  request: async ({ request, baseURL }, use) => use(sendOrigin(request, baseURL)),
  context: async ({ context, baseURL }, use) => {
    sendOrigin(context.request, baseURL);
    await use(context);
  },
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
  mailTo: async ({ baseURL }, use) => use(mailsOf(baseURL!)),
  openDevice: async ({ browser, browserErrors, baseURL }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ userAgent: devices['Desktop Firefox'].userAgent });
      sendOrigin(context.request, baseURL);
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

/**
 * Requests of tests say where they come from, as those of pages do: otherwise the server refuses them. A test may
 * set another `Origin`.
 */
export function sendOrigin(request: APIRequestContext, baseURL: string | undefined): APIRequestContext {
  const fetch = request.fetch.bind(request);
  const headers = { Origin: new URL(baseURL!).origin };
  request.fetch = (url, options) => fetch(url, { ...options, headers: { ...headers, ...options?.headers } });
  return request;
}

/** In the project without JavaScript: checked at the end of a test, when any script would have run. */
async function expectNoScripts(context: BrowserContext): Promise<void> {
  if (!javaScriptEnabled()) await Promise.all(context.pages().map(expectHydration));
}
