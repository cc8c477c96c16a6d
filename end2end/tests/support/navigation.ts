import { expect, type Page, test } from '@playwright/test';

/** Whether the test runs in a project with JavaScript. */
export function javaScriptEnabled(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens `path` and waits until its islands are hydrated. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expectHydration(page);
}

/** Waits until the page is at exactly `path`, and its islands are hydrated. */
export async function expectUrl(page: Page, path: string): Promise<void> {
  await expect(page).toHaveURL(path);
  await expectHydration(page);
}

/**
 * Call it before the session of `page` ends, and the returned function afterwards: it expects that the
 * open page has redirected to `destination` within two seconds. Without JavaScript it reloads the page
 * first. With `manyPages`, the time is measured until the request for the next page, since loading many
 * pages at once takes longer.
 */
export function watchForRedirect(page: Page, destination: string, manyPages = false): () => Promise<void> {
  const start = Date.now();
  const redirect = () =>
    manyPages
      ? page.waitForRequest((request) => request.url().endsWith(destination), { timeout: 10_000 })
      : page.waitForURL(destination, { waitUntil: 'commit', timeout: 10_000 });
  const redirected = javaScriptEnabled() ? redirect().then(Date.now) : Promise.resolve(start);
  redirected.catch(() => {}); // reported where it is awaited
  return async () => {
    expect((await redirected) - start, 'milliseconds until the redirect').toBeLessThan(2000);
    if (!javaScriptEnabled()) await page.reload();
    await expectUrl(page, destination);
  };
}

/** A document with islands, all hydrated. A single selector, so that no navigation can come in between. */
const HYDRATED = 'html:has(leptos-island[data-hydrated]):not(:has(leptos-island:not([data-hydrated])))';

/**
 * Expects that all islands of the page are hydrated with JavaScript, and none without: otherwise a test
 * of one project could pass in the conditions of the other. Not for error pages, which have no islands.
 */
export async function expectHydration(page: Page): Promise<void> {
  if (javaScriptEnabled()) await expect(page.locator(HYDRATED), 'every island is hydrated').toBeAttached();
  else await expect(page.locator('leptos-island[data-hydrated]'), 'no island is hydrated').toHaveCount(0);
}

/**
 * Blocks session events from the server. The page then requests the session status only when its tab
 * becomes visible or is restored from the back/forward cache.
 */
export async function blockSessionEvents(page: Page): Promise<void> {
  // The request stays pending: if the stream were refused, the page would poll the status instead.
  await page.route('/session/events', () => {});
}
