import type { BrowserContext, Page } from '@playwright/test';

import { watchForRedirect, visit } from './support/navigation';
import { signUp, signOutOutsideBrowser } from './support/users';
import { expect, test } from './support/test';

const TABS = 9;
/** Event streams per browser; over HTTP/1.1 it has six connections to a server. */
const MAX_STREAMS = 3;

test('many tabs load, and all redirect when the session ends', async ({ page, context, request }) => {
  test.slow();
  const streams = countOpenStreams(context);
  await signUp(page);
  const tabs = await openTabs(page, context);
  await expect.poll(streams).toBe(MAX_STREAMS);
  await expectAllRedirect(tabs, () => signOutOutsideBrowser(page, request));
  expect(streams()).toBe(0);
});

test('many tabs load, and all redirect without Web Locks, as over plain HTTP', async ({ page, context, request }) => {
  test.slow();
  const streams = countOpenStreams(context);
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  await signUp(page);
  const tabs = await openTabs(page, context);
  expect(streams()).toBeLessThanOrEqual(MAX_STREAMS);
  await expectAllRedirect(tabs, () => signOutOutsideBrowser(page, request));
});

test('a tab whose event stream is refused polls instead, and opens no other stream', async ({ page, context, request, browserErrors }) => {
  const streams = countOpenStreams(context);
  browserErrors.expect(/response: 503 .*\/session\/events/);
  browserErrors.expect(/console error: .*status of 503/);
  await page.route('/session/events', (route) => route.fulfill({ status: 503 }));
  await signUp(page);
  await visit(page, '/account');
  const tab = await context.newPage();
  await visit(tab, '/account');
  await expect.poll(streams).toBe(1);
  await expectAllRedirect([page, tab], () => signOutOutsideBrowser(page, request));
});

test('a visible tab redirects while another tab is frozen', async ({ page, context, request }) => {
  await signUp(page);
  await visit(page, '/account');
  const tab = await context.newPage();
  await visit(tab, '/account/security');
  const frozen = page.evaluate(() => {
    const end = Date.now() + 6000;
    while (Date.now() < end);
  });
  frozen.catch(() => {}); // the page may be redirected meanwhile
  await expectAllRedirect([tab], () => signOutOutsideBrowser(tab, request));
});

test('a visible tab redirects while the browser has frozen all tabs that listen', async ({ page, context, request }) => {
  const streams = countOpenStreams(context);
  await signUp(page);
  const tabs = [page];
  while (tabs.length <= MAX_STREAMS) tabs.push(await context.newPage());
  for (const tab of tabs) await visit(tab, '/account');
  await expect.poll(streams).toBe(MAX_STREAMS);
  const visible = tabs.pop()!;
  const setLifecycle = async (state: 'frozen' | 'active') => {
    for (const tab of tabs) {
      const browser = await context.newCDPSession(tab);
      await browser.send('Page.setWebLifecycleState', { state });
    }
  };
  await setLifecycle('frozen');
  await visible.bringToFront();
  await expectAllRedirect([visible], () => signOutOutsideBrowser(visible, request));
  await setLifecycle('active'); // a frozen tab does not answer when the browser closes it
});

async function openTabs(first: Page, context: BrowserContext): Promise<Page[]> {
  const tabs = [first];
  while (tabs.length < TABS) tabs.push(await context.newPage());
  for (const tab of tabs) await visit(tab, '/account');
  return tabs;
}

async function expectAllRedirect(tabs: Page[], endSession: () => Promise<void>): Promise<void> {
  const [{ pathname }] = tabs.map((tab) => new URL(tab.url()));
  const redirects = tabs.map((tab) => watchForRedirect(tab, `/login?next=${encodeURIComponent(pathname)}`, tabs.length > 2));
  await endSession();
  for (const expectRedirect of redirects) await expectRedirect();
}

/** Returns a counter of the event streams that are open in the browser. */
function countOpenStreams(context: BrowserContext): () => number {
  const open = new Set();
  context.on('request', (request) => request.url().endsWith('/session/events') && open.add(request));
  context.on('requestfinished', (request) => open.delete(request));
  context.on('requestfailed', (request) => open.delete(request));
  return () => open.size;
}
