import type { Page } from '@playwright/test';

import { launchOptions } from '../browser.mjs';
import { expectUrl, visit } from './support/navigation';
import { signInByRequest, createUser, signUp, signOut } from './support/users';
import { expect, test } from './support/test';

// Playwright disables this cache by default. `stale-pages.spec.ts` covers the rest with synthetic events.
test.use({ launchOptions: { ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

test('a sign-in page is restored unchanged after the session status was checked', async ({ page }) => {
  await visit(page, '/login');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.evaluate(() => (document.documentElement.dataset.mark = 'same'));
  await visit(page, '/register');
  const statusRequest = page.waitForRequest('/api/session_status');
  await goBack(page);
  await statusRequest;
  await expectUrl(page, '/login');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.org');
  await expect(page.locator('html[data-mark]'), 'the same document').toHaveCount(1);
});

test('going back to a sign-in page redirects home after signing in elsewhere', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/login');
  await visit(page, '/register');
  await signInByRequest(page, ada);
  await goBack(page);
  await expectUrl(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
});

test('going back to a private page redirects to sign-in after signing out elsewhere', async ({ page, context }) => {
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

/** `page.goBack` would wait for a document load, which does not happen here. */
async function goBack(page: Page): Promise<void> {
  await page.evaluate(() => setTimeout(() => history.back()));
}
