import { expect, type Page, test } from '@playwright/test';

/** True where the stories run with JavaScript. */
export function scripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens `path` and waits until its islands are hydrated. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expectScripts(page);
}

/** Waits until the visitor is at exactly `path`, by whatever way. */
export async function arrive(page: Page, path: string): Promise<void> {
  await expect(page).toHaveURL(path);
  await expectScripts(page);
}

/**
 * Call it before the session of `page` ends, and what it returns thereafter: an open page leaves for
 * `destination` by itself, within two seconds; one without JavaScript does when it is asked for again.
 * Where many pages leave at once, the time is taken when each asks for the next page: how long two cores
 * take to load all of them is another matter.
 */
export function leaving(page: Page, destination: string, amongMany = false): () => Promise<void> {
  const since = Date.now();
  const leaves = () =>
    amongMany
      ? page.waitForRequest((request) => request.url().endsWith(destination), { timeout: 10_000 })
      : page.waitForURL(destination, { waitUntil: 'commit', timeout: 10_000 });
  const left = scripted() ? leaves().then(Date.now) : Promise.resolve(since);
  left.catch(() => {}); // reported where it is awaited
  return async () => {
    expect((await left) - since, 'milliseconds until the page had left').toBeLessThan(2000);
    if (!scripted()) await page.reload();
    await arrive(page, destination);
  };
}

/** A document with islands, all of them hydrated. One selector: no navigation can come in between. */
const HYDRATED = 'html:has(leptos-island[data-hydrated]):not(:has(leptos-island:not([data-hydrated])))';

/**
 * Sees to it that a story with JavaScript meets pages whose islands are hydrated, and that one
 * without meets none: each would pass unnoticed in place of the other. Error pages have no islands.
 */
export async function expectScripts(page: Page): Promise<void> {
  if (scripted()) await expect(page.locator(HYDRATED), 'every island is hydrated').toBeAttached();
  else await expect(page.locator('leptos-island[data-hydrated]'), 'no island is hydrated').toHaveCount(0);
}

/**
 * Keeps the page from hearing of its session. It then asks for the status only when its tab comes to
 * the front, or comes back from the back/forward cache.
 */
export async function hearNoSessionEvents(page: Page): Promise<void> {
  // A stream that never begins: a refused one would make the page ask for the status instead.
  await page.route('/session/events', () => {});
}
