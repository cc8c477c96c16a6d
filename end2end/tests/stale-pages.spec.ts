import type { Page } from '@playwright/test';

import { expectUrl, blockSessionEvents, visit } from './support/navigation';
import { signInByRequest, createUser, signUp, signOutOutsideBrowser, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('a page restored after signing out elsewhere shows nothing private and redirects to sign-in', async ({
  page,
  request,
}) => {
  const ada = await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account?from=mail');
  await signOutOutsideBrowser(page, request);
  const release = await delayStatus(page);
  await restore(page);
  await expect(page.getByText(`Signed in as ${ada.email}.`)).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toBeHidden();
  await expect(page).toHaveURL('/account?from=mail');

  release();
  await expectUrl(page, '/login?next=%2Faccount%3Ffrom%3Dmail');
  await expect(page.getByRole('status')).toHaveText('You have signed out.');
  await submitSignIn(page, ada);
  await expectUrl(page, '/account?from=mail');
});

test('a page restored after another account signed in does not show the first account', async ({ page, openDevice }) => {
  const grace = await signUp(await openDevice());
  const ada = await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account');
  await signInByRequest(page, grace);
  let revealed = false;
  await page.exposeFunction('reveal', () => (revealed = true));
  await page.evaluate(() => {
    const root = document.documentElement;
    const check = () => root.hasAttribute('data-rechecking') || (window as unknown as { reveal: () => void }).reveal();
    root.setAttribute('data-rechecking', '');
    new MutationObserver(check).observe(root, { attributeFilter: ['data-rechecking'] });
  });
  await restore(page);
  await expect(page.getByRole('banner')).toContainText(grace.name);
  await expect(page.getByText(`Signed in as ${ada.email}.`)).toBeHidden();
  expect(revealed, 'the page of the first account was shown').toBe(false);
});

test('a page restored while signed in is shown again', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  await page.getByLabel('Name').fill('Half a na');
  const release = await delayStatus(page);
  await restore(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeHidden();
  release();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('a page restored while the server is unreachable is reloaded', async ({ page, request, browserErrors }) => {
  await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account');
  await signOutOutsideBrowser(page, request);
  browserErrors.expect(/request failed: net::ERR_FAILED .*\/api\/session_status/);
  browserErrors.expect(/console error: .*net::ERR_FAILED/);
  await page.route('/api/session_status', (route) => route.abort());
  await restore(page);
  await expectUrl(page, '/login?next=%2Faccount');
});

test('a page restored while a form is being submitted is reloaded', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  await page.route('/api/rename', () => {});
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(page.getByRole('button', { name: 'Changing your name…' })).toBeDisabled();
  await restore(page);
  await expect(page.getByRole('button', { name: 'Change name' })).toBeEnabled();
});

test('a sign-in page restored after signing in elsewhere redirects home or to the return address', async ({ page, request }) => {
  const ada = await createUser(request);
  for (const [path, destination] of [
    ['/login', '/'],
    ['/login?next=%2Faccount%3Ffrom%3Dmail', '/account?from=mail'],
  ]) {
    await page.context().clearCookies();
    await visit(page, path);
    await signInByRequest(page, ada);
    await restore(page);
    await expectUrl(page, destination);
  }
});

test('a sign-in page restored while signed out is shown again', async ({ page }) => {
  await visit(page, '/login');
  await page.getByLabel('Email').fill('ada@example.org');
  await restore(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.org');
});

test('a tab that becomes visible after signing out elsewhere redirects to sign-in', async ({ page, request }) => {
  await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account/security');
  await signOutOutsideBrowser(page, request);
  await becomeVisible(page);
  await expectUrl(page, '/login?next=%2Faccount%2Fsecurity');
});

test('a sign-in tab that becomes visible after signing in elsewhere redirects home', async ({ page, request }) => {
  await visit(page, '/login');
  await signInByRequest(page, await createUser(request));
  await becomeVisible(page);
  await expectUrl(page, '/');
});

test('a form submitted after the session ended redirects to sign-in, and keeps what was typed', async ({
  page,
  request,
  browserErrors,
}) => {
  const ada = await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account?from=mail#x');
  await page.getByLabel('Name').fill('Grace');
  await signOutOutsideBrowser(page, request);
  browserErrors.expect(/console error: .*status of 401 .*\/api\/rename/);
  await page.getByRole('button', { name: 'Change name' }).click();
  await expectUrl(page, '/login?next=%2Faccount%3Ffrom%3Dmail%23x');
  await submitSignIn(page, ada);
  await expectUrl(page, '/account?from=mail#x');
  await expect(page.getByLabel('Name')).toHaveValue('Grace');
});

/** Dispatches the event of a page restored from the back/forward cache, which Playwright disables. */
async function restore(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
}

async function becomeVisible(page: Page): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
}

/** Delays the session status until the returned function is called. */
async function delayStatus(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('/api/session_status', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}
