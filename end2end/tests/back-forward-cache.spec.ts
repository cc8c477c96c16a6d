import type { Page } from '@playwright/test';

import { launchOptions } from '../browser.mjs';
import { expectUrl, visit } from './support/navigation';
import { signInByRequest, createUser, signUp, signOut } from './support/users';
import { expect, test } from './support/test';

// Playwright turns this cache off, since not all of its functions work with it. `judging.spec.ts` has the rest.
test.use({ launchOptions: { ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

test('a sign-in page comes back from the cache as it was left, once the session has been asked for', async ({ page }) => {
  await visit(page, '/login');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.evaluate(() => (document.documentElement.dataset.mark = 'left'));
  await visit(page, '/register');
  const asked = page.waitForRequest('/api/session_status');
  await goBack(page);
  await asked;
  await expectUrl(page, '/login');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.org');
  await expect(page.locator('html[data-mark]'), 'the document that was left').toHaveCount(1);
});

test('back to a sign-in page leads home after signing in elsewhere', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/login');
  await visit(page, '/register');
  await signInByRequest(page, ada);
  await goBack(page);
  await expectUrl(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
});

test('back to a private page leads to sign-in after signing out elsewhere', async ({ page, context }) => {
  const ada = await signUp(page);
  await visit(page, '/account');
  await page.goto('about:blank');
  const tab = await context.newPage();
  await visit(tab, '/');
  await signOut(tab);
  await goBack(page);
  await expectUrl(page, '/login?next=%2Faccount');
  await expect(page.getByText(ada.email)).toBeHidden();
});

/** As `page.goBack`, which waits for a document to be loaded, and here none is. */
async function goBack(page: Page): Promise<void> {
  await page.evaluate(() => setTimeout(() => history.back()));
}
