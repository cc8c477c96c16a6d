import type { BrowserContext, Page, Response } from '@playwright/test';

import { expectUrl, visit } from './support/navigation';
import { signInByRequest, signUp } from './support/users';
import { shortLived } from './support/short-lived';
import { expect, test } from './support/test';

const PREFETCH = { headers: { 'Sec-Purpose': 'prefetch', Accept: 'text/html' } };

test('hovering over a navigation link prefetches its page', async ({ page, context }) => {
  await signUp(page);
  await visit(page, '/');
  const response = await prefetchByHover(page, context, 'Account', '/account');
  expect(response.status()).toBe(200);
  expect(response.headers()['cache-control']).toBe('no-store, no-transform');

  await link(page, 'Account').click();
  await expectUrl(page, '/account');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Account');
  expect(await deliveryType(page)).toBe('navigational-prefetch');
});

test('a page prefetched before a form was accepted is loaded again', async ({ page, context }) => {
  await signUp(page);
  await visit(page, '/account');
  await prefetchByHover(page, context, 'Account', '/account');
  await page.getByLabel('Name').fill('Grace');
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
  await expectUrl(page, '/account');
  await expect(page.getByRole('banner')).toContainText('Grace');
  await expect(page.getByLabel('Name')).toHaveValue('Grace');
});

test('a prefetch does not consume the flash message', async ({ page }) => {
  await signUp(page);
  const renamed = await page.request.post('/api/rename', {
    form: { name: 'Grace' },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(renamed.headers()).toMatchObject({ location: '/account' });
  for (const path of ['/account', '/']) {
    expect(await (await page.request.get(path, PREFETCH)).text()).not.toContain('Your name has been changed.');
  }
  await visit(page, '/account');
  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
  await page.reload();
  await expectUrl(page, '/account');
  await expect(page.getByRole('status')).toBeHidden();
});

test.describe('with a short-lived session', () => {
  test.use(shortLived);

  test('a prefetch does not extend the session, but visiting the prefetched page does', async ({ page, context }) => {
    // A remembered session lasts longer than the test, without the warning dialog.
    await signInByRequest(page, await signUp(page), { remember: true });
    await visit(page, '/');
    const before = await sessionEnd(page);
    await page.waitForTimeout(1500);
    await prefetchByHover(page, context, 'Account', '/account');
    await page.request.get('/account', PREFETCH);
    expect(await sessionEnd(page)).toBe(before);

    const extended = page.waitForResponse('/api/stay');
    await link(page, 'Account').click();
    await expectUrl(page, '/account');
    expect(await deliveryType(page)).toBe('navigational-prefetch');
    expect((await extended).status()).toBe(200);
    expect(await sessionEnd(page)).toBeGreaterThan(before);
  });
});

function link(page: Page, name: string) {
  return page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name });
}

/** Hovers over a link until its page has been prefetched. */
async function prefetchByHover(page: Page, context: BrowserContext, name: string, path: string): Promise<Response> {
  const prefetched = context.waitForEvent('response', async (response) => {
    const purpose = await response.request().headerValue('sec-purpose');
    return new URL(response.url()).pathname === path && purpose === 'prefetch';
  });
  await link(page, name).hover();
  const response = await prefetched;
  await response.finished();
  return response;
}

/** The `deliveryType` of the document, such as `navigational-prefetch`. */
function deliveryType(page: Page): Promise<string> {
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation');
    return (navigation as PerformanceResourceTiming & { deliveryType: string }).deliveryType;
  });
}

/** When the session ends, according to the server. The request does not count as activity. */
async function sessionEnd(page: Page): Promise<number> {
  const response = await page.request.post('/api/session_status', { headers: { Accept: 'application/json' } });
  return (await response.json()).times.ends.at;
}
