import type { Locator, Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { shortLived } from './support/short-lived';
import { signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test.use(shortLived);

const IDLE_TIMEOUT = 'You were signed out after a while without activity.';
const ABSOLUTE_TIMEOUT = 'You were signed out because a session lasts only so long, even if it is used.';
/** Seconds without activity after which a session ends. */
const IDLE = 8;
/** Seconds from the warning to the end, at most. */
const WARNING = 5;

test('"Stay signed in" in one tab closes the dialog in all', async ({ page, context }) => {
  test.skip(!javaScriptEnabled(), 'asking takes a script');
  await signUp(page);
  await visit(page, '/account');
  const tab = await context.newPage();
  await visit(tab, '/account/security');
  for (const each of [page, tab]) {
    await expect(stillThere(each)).toBeVisible();
    await expect(stillThere(each)).toContainText(/You will be signed out in \d seconds?\./);
  }
  const deadline = Date.now() + WARNING * 1000;

  await tab.getByRole('button', { name: 'Stay signed in' }).click();
  for (const each of [tab, page]) await expect(stillThere(each)).toBeHidden();

  await page.waitForTimeout(deadline - Date.now());
  await expectUrl(page, '/account');
  await expectUrl(tab, '/account/security');
  const response = await page.request.get('/account', { maxRedirects: 0 });
  expect(response.status()).toBe(200);
});

test('the dialog takes the focus, and Escape gives it back', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'asking takes a script');
  await signUp(page);
  await visit(page, '/account');
  const name = page.getByLabel('Name');
  await name.fill('');
  await name.pressSequentially('Ada ');
  await expect(stillThere(page)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(stillThere(page).getByRole('button', { name: 'Sign out' })).toBeFocused();

  await page.keyboard.press('Escape');
  await expect(stillThere(page)).toBeHidden();
  await expect(name).toBeFocused();
  // Slowly enough for the seconds to be counted meanwhile.
  await page.keyboard.type('goes on', { delay: 300 });
  await expect(name).toHaveValue('Ada goes on');
  await expect(stillThere(page)).toBeHidden();
});

test('the dialog has a button to sign out', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'asking takes a script');
  await signUp(page);
  await visit(page, '/account');
  await stillThere(page).getByRole('button', { name: 'Sign out' }).click();
  await expectUrl(page, '/login');
  expect(await page.context().cookies()).toEqual([]);
});

test('an idle page leaves for sign-in, and keeps what was typed', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'leaving takes a script');
  const ada = await signUp(page);
  await visit(page, '/account?from=mail');
  await page.getByLabel('Name').fill('Half a na');
  await expect(stillThere(page)).toBeVisible();

  await expectUrl(page, '/login?next=%2Faccount%3Ffrom%3Dmail');
  await expect(page.getByRole('status')).toHaveText(IDLE_TIMEOUT);
  await expect(page.getByText(ada.name)).toBeHidden();
  await submitSignIn(page, ada);
  await expectUrl(page, '/account?from=mail');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('the absolute timeout ends the session however often it is extended', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'asking takes a script');
  const ada = await signUp(page);
  await visit(page, '/account');
  const last = page.getByRole('dialog', { name: 'Your session is about to end' });
  const stay = page.getByRole('button', { name: 'Stay signed in' });
  while (await stay.or(last).waitFor().then(() => last.isHidden())) {
    await stay.click();
    await expect(stay).toBeHidden();
  }
  await expect(last).toContainText('A session lasts only so long, even if it is used.');
  await last.getByRole('button', { name: 'Close' }).click();
  await expect(last).toBeHidden();
  await page.getByLabel('Name').fill('Half a na');

  await expectUrl(page, '/login?next=%2Faccount');
  await expect(page.getByRole('status')).toHaveText(ABSOLUTE_TIMEOUT);
  await submitSignIn(page, ada);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('a late visitor is told why they were signed out', async ({ page }) => {
  test.skip(javaScriptEnabled(), 'with JavaScript the page has left by itself');
  const ada = await signUp(page);
  await visit(page, '/account');
  // A request meanwhile would count as activity.
  await page.waitForTimeout(IDLE * 1000);
  await page.getByRole('link', { name: 'Security' }).click();
  await expectUrl(page, '/login?next=%2Faccount%2Fsecurity');
  await expect(page.getByRole('status')).toHaveText(IDLE_TIMEOUT);
  await expect(page.getByText(ada.name)).toBeHidden();

  await submitSignIn(page, ada);
  await expectUrl(page, '/account/security');
});

function stillThere(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Are you still there?' });
}
