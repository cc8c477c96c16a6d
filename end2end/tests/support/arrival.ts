import { expect, type Page, test } from '@playwright/test';

/** True where the stories run with JavaScript. */
export function scripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens `path` and waits until the page is as alive as it gets. */
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
 */
export function leaving(page: Page, destination: string): () => Promise<void> {
  const since = Date.now();
  const left = scripted()
    ? page.waitForURL(destination, { waitUntil: 'commit', timeout: 10_000 }).then(Date.now)
    : Promise.resolve(since);
  left.catch(() => {}); // it is told to whoever waits for it
  return async () => {
    expect((await left) - since, 'milliseconds until the page had left').toBeLessThan(2000);
    if (!scripted()) await page.reload();
    await arrive(page, destination);
  };
}

/**
 * Sees to it that a story with JavaScript meets pages that the WebAssembly has taken over, and
 * one without meets none: each would pass unnoticed in place of the other.
 */
export async function expectScripts(page: Page): Promise<void> {
  const root = page.locator('html');
  if (scripted()) await expect(root, 'hydration').toHaveAttribute('data-hydrated', '');
  else await expect(root, 'no hydration').not.toHaveAttribute('data-hydrated');
}
