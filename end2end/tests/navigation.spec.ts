import type { Page } from '@playwright/test';

import { arrive, visit } from './support/arrival';
import { newcomer, register, sessionCookie } from './support/people';
import { expect, test } from './support/test';

test('moving between pages loads no new document', async ({ page }) => {
  await visit(page, '/login');
  const sameDocument = await markDocument(page);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await arrive(page, '/register');
  await expect(page).toHaveTitle('Create an account · Vestibule');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await arrive(page, '/login');
  expect(await sameDocument()).toBe(true);
});

test('a link to a protected page leads a stranger to sign-in', async ({ page }) => {
  await visit(page, '/login');
  const sameDocument = await markDocument(page);
  await page.getByRole('link', { name: 'Vestibule' }).click();
  await arrive(page, '/login?next=%2F');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  expect(await sameDocument()).toBe(true);
});

test('the home page draws itself in the browser as well', async ({ page }) => {
  const ada = newcomer();
  await register(page, ada);
  const sameDocument = await markDocument(page);
  const asked = page.waitForResponse('/api/home');
  await follow(page, '/register');
  await arrive(page, '/');
  expect((await asked).status()).toBe(200);
  await expect(page.getByRole('region', { name: 'This session' })).toContainText('just now');
  expect(await sameDocument()).toBe(true);
});

test('whose session was ended elsewhere is led to sign-in', async ({ page, request, baseURL, faults }) => {
  const ada = newcomer();
  await register(page, ada);
  const elsewhere = { Cookie: await sessionCookie(page), Origin: baseURL!, Accept: 'text/html' };
  const ended = await request.post('/api/sign_out', { headers: elsewhere, maxRedirects: 0 });
  expect(ended.headers()['location']).toBe('/login');

  faults.expect(/console error: .*status of 401 .*\/api\/home/);
  await follow(page, '/register');
  await arrive(page, '/login?next=%2F');
  await expect(page.getByText(ada.name)).toBeHidden();
});

/**
 * Follows a link within the app. Home has none to another page yet, so one is lent to it; the
 * doors send whoever is signed in back home.
 */
async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate((href) => {
    const link = Object.assign(document.createElement('a'), { href, textContent: 'Lent link' });
    document.body.prepend(link);
  }, path);
  await page.getByRole('link', { name: 'Lent link' }).click();
}

/** Leaves a mark that goes with the document; the answer tells whether it is still there. */
async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => (document.documentElement.dataset.mark = 'here'));
  return () => page.evaluate(() => document.documentElement.dataset.mark === 'here');
}
