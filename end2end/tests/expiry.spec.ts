import type { Locator, Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { shortLived } from './support/short-lived';
import { cookiesOf, signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test.use(shortLived);

const IDLE_TIMEOUT_MESSAGE = 'You were signed out after a while without activity.';
const ABSOLUTE_TIMEOUT_MESSAGE = 'You were signed out because your session reached its maximum length.';
/** Milliseconds; as in `SHORT_LIVED` in server.mjs. */
const IDLE_TIMEOUT = 8_000;
/** Milliseconds from the warning to the end of the session, at most. */
const WARNING = 5_000;

test('"Stay signed in" in one tab closes the dialog in all tabs', async ({ page, context }) => {
  test.skip(!javaScriptEnabled(), 'the dialog needs JavaScript');
  await signUp(page);
  await visit(page, '/account');
  const tab = await context.newPage();
  await visit(tab, '/account/security');
  for (const each of [page, tab]) {
    await expect(warningDialog(each)).toBeVisible();
    await expect(warningDialog(each)).toContainText(/You will be signed out in \d seconds?\./);
  }
  const deadline = Date.now() + WARNING;

  await tab.getByRole('button', { name: 'Stay signed in' }).click();
  for (const each of [tab, page]) await expect(warningDialog(each)).toBeHidden();

  await page.waitForTimeout(deadline - Date.now());
  await expectUrl(page, '/account');
  await expectUrl(tab, '/account/security');
  const response = await page.request.get('/account', { maxRedirects: 0 });
  expect(response.status()).toBe(200);
});

test('the dialog takes the focus, and Escape returns it', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the dialog needs JavaScript');
  await signUp(page);
  await visit(page, '/account');
  const name = page.getByLabel('Name');
  await name.fill('');
  await name.pressSequentially('Ada ');
  await expect(warningDialog(page)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(warningDialog(page).getByRole('button', { name: 'Sign out' })).toBeFocused();

  await page.keyboard.press('Escape');
  await expect(warningDialog(page)).toBeHidden();
  await expect(name).toBeFocused();
  // Slow enough for the countdown to tick while typing.
  await page.keyboard.type('goes on', { delay: 300 });
  await expect(name).toHaveValue('Ada goes on');
  await expect(warningDialog(page)).toBeHidden();
});

test('the dialog has a button to sign out', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the dialog needs JavaScript');
  await signUp(page);
  await visit(page, '/account');
  await warningDialog(page).getByRole('button', { name: 'Sign out' }).click();
  await expectUrl(page, '/login');
  expect(await cookiesOf(page)).toEqual([]);
});

test('an idle page redirects to sign-in and keeps what was typed', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the redirect needs JavaScript');
  const ada = await signUp(page);
  await visit(page, '/account?from=mail');
  await page.getByLabel('Name').fill('Half a na');
  await expect(warningDialog(page)).toBeVisible();

  await expectUrl(page, '/login?next=%2Faccount%3Ffrom%3Dmail');
  await expect(page.getByRole('status')).toHaveText(IDLE_TIMEOUT_MESSAGE);
  await expect(page.getByText(ada.name)).toBeHidden();
  await submitSignIn(page, ada);
  await expectUrl(page, '/account?from=mail');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('the absolute timeout ends the session even if it was extended', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the dialog needs JavaScript');
  const ada = await signUp(page);
  await visit(page, '/account');
  const finalDialog = page.getByRole('dialog', { name: 'Your session is about to end' });
  const stay = page.getByRole('button', { name: 'Stay signed in' });
  while (await stay.or(finalDialog).waitFor().then(() => finalDialog.isHidden())) {
    await stay.click();
    await expect(stay).toBeHidden();
  }
  await expect(finalDialog).toContainText('Sessions have a maximum length, even while they are in use.');
  await finalDialog.getByRole('button', { name: 'Close' }).click();
  await expect(finalDialog).toBeHidden();
  await page.getByLabel('Name').fill('Half a na');

  await expectUrl(page, '/login?next=%2Faccount');
  await expect(page.getByRole('status')).toHaveText(ABSOLUTE_TIMEOUT_MESSAGE);
  await submitSignIn(page, ada);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('a request after the idle timeout redirects to sign-in, which shows the reason', async ({ page }) => {
  test.skip(javaScriptEnabled(), 'with JavaScript the page redirects by itself');
  const ada = await signUp(page);
  await visit(page, '/account');
  // Any request during this time would count as activity.
  await page.waitForTimeout(IDLE_TIMEOUT);
  await page.getByRole('link', { name: 'Security' }).click();
  await expectUrl(page, '/login?next=%2Faccount%2Fsecurity');
  await expect(page.getByRole('status')).toHaveText(IDLE_TIMEOUT_MESSAGE);
  await expect(page.getByText(ada.name)).toBeHidden();

  await submitSignIn(page, ada);
  await expectUrl(page, '/account/security');
});

function warningDialog(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Are you still there?' });
}
