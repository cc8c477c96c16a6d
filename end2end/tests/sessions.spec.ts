import type { Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit, watchForRedirect } from './support/navigation';
import { endSessionFromOtherDevice, signInByRequest, newUser, type User, signUp, signOut, submitSignIn } from './support/users';
import { expect, test } from './support/test';

const ENDED_ELSEWHERE =
  'This session was ended from another device. If that was not you, sign in and change your password.';

test('the list shows every session, the current one first', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  await signInByRequest(await openDevice(), ada, { remember: true });
  await visit(page, '/account/sessions');

  await expect(page.getByRole('main').getByRole('list')).toMatchAriaSnapshot(`
    - list:
      - listitem:
        - heading /Chrome on \\w+/ [level=2]
        - paragraph: This device
        - term: Address
        - definition: 127.0.0.1
        - term: Signed in
        - definition:
          - time: just now
        - term: Last active
        - definition:
          - time: just now
        - term: Method
        - definition: Password
      - listitem:
        - heading "Firefox on Windows" [level=2]
        - term: Address
        - definition: 127.0.0.1
        - term: Signed in
        - definition:
          - time: just now
        - term: Last active
        - definition:
          - time: just now
        - term: Method
        - definition: Password (kept signed in)
        - button "End session"
  `);
  await expect(page.getByText('This device')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'End session' })).toHaveCount(1);
});

test('without other sessions there are no buttons to end them', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account/sessions');
  await expect(page.getByText('You are not signed in anywhere else.')).toBeVisible();
  await expect(page.getByRole('button', { name: /End session|Sign out everywhere else/ })).toHaveCount(0);
});

test('when a session is ended, its page redirects to sign-in with the reason, and back after signing in', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await visit(other, '/account/activity?page=2');
  await visit(page, '/account/sessions');

  const expectRedirect = watchForRedirect(other, '/login?next=%2Faccount%2Factivity%3Fpage%3D2');
  await page.getByRole('button', { name: 'End session' }).click();
  await expectRedirect();
  await expect(other.getByRole('status')).toHaveText(ENDED_ELSEWHERE);
  await expect(other.getByText(ada.name)).toBeHidden();

  await expect(page.getByRole('status')).toHaveText('The session has ended.');
  await expect(page.getByText('You are not signed in anywhere else.')).toBeVisible();

  await submitSignIn(other, ada);
  await expectUrl(other, '/account/activity?page=2');
  await expect(other.getByRole('status')).toBeHidden();
});

test('a page from which something was downloaded leaves as soon as any other', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await visit(other, '/account');
  await visit(page, '/account/sessions');
  const downloading = other.waitForEvent('download');
  await other.getByRole('link', { name: 'Download my data' }).click();
  await downloading;

  const expectRedirect = watchForRedirect(other, '/login?next=%2Faccount');
  await page.getByRole('button', { name: 'End session' }).click();
  await expectRedirect();
});

test('"Sign out everywhere else" ends all other sessions', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const others = [await openDevice(), await openDevice()];
  for (const other of others) {
    await signInByRequest(other, ada);
    await visit(other, '/account/security');
  }
  await visit(page, '/account/sessions');
  await expect(page.getByRole('button', { name: 'End session' })).toHaveCount(2);

  const redirects = others.map((other) => watchForRedirect(other, '/login?next=%2Faccount%2Fsecurity'));
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  for (const expectRedirect of redirects) await expectRedirect();
  for (const other of others) await expect(other.getByRole('status')).toHaveText(ENDED_ELSEWHERE);
  await expectUrl(page, '/account/sessions');
  await expect(page.getByRole('status')).toHaveText('2 other sessions have ended.');
  await expect(page.getByText('You are not signed in anywhere else.')).toBeVisible();
});

test('ending a session that has already ended shows a message', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await visit(page, '/account/sessions');
  await visit(other, '/');
  await signOut(other);

  await page.getByRole('button', { name: 'End session' }).click();
  await expectUrl(page, '/account/sessions');
  await expect(page.getByRole('status')).toHaveText('That session had ended already.');
  await expect(page.getByText('You are not signed in anywhere else.')).toBeVisible();
});

for (const first of [true, false]) {
  const which = first ? 'the first tab' : 'the second tab';
  test(`when ${which} signs out, the other redirects to sign-in`, async ({ page, context }) => {
    const ada = await signUp(page);
    await visit(page, '/account');
    const tab = await context.newPage();
    await visit(tab, '/account');
    const [signedOut, other] = first ? [page, tab] : [tab, page];

    const expectRedirect = watchForRedirect(other, '/login?next=%2Faccount');
    await signOut(signedOut);
    await expectRedirect();
    await expect(other.getByText(ada.name)).toBeHidden();
  });
}

test('when another account signs in, all tabs switch to it', async ({ page, context, openDevice }) => {
  test.skip(!javaScriptEnabled(), 'an open page changes only with JavaScript');
  const grace = await signUp(await openDevice());
  const tab = await context.newPage();
  await visit(tab, '/login');
  const ada = await signUp(page);
  await visit(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);

  await submitSignIn(tab, grace);
  await expectUrl(tab, '/');
  await tab.evaluate(() => (document.documentElement.dataset.mark = 'before'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${grace.name}`);
  await expectUrl(page, '/');
  await expect(page.getByText(ada.name)).toBeHidden();

  // The new page ignores session events of the old session.
  await tab.waitForTimeout(3000);
  await expect(tab.locator('html[data-mark]')).toHaveCount(1);
});

test('a draft is restored after signing in again', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'drafts need JavaScript');
  const ada = await endSessionWithDraft(page);
  await submitSignIn(page, ada);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);

  // The restored form can be submitted.
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(page.getByRole('banner')).toContainText('Half a na');
});

test('a draft is discarded after signing out', async ({ page, context }) => {
  test.skip(!javaScriptEnabled(), 'drafts need JavaScript');
  const ada = await signUp(page);
  await visit(page, '/account');
  await page.getByLabel('Name').fill('Half a na');
  const tab = await context.newPage();
  await visit(tab, '/');
  await signOut(tab);

  await expectUrl(page, '/login?next=%2Faccount');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await submitSignIn(page, ada);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue(ada.name);
});

test('a draft is kept until its page is opened', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'drafts need JavaScript');
  const ada = await endSessionWithDraft(page);
  await visit(page, '/login');
  await submitSignIn(page, ada);
  await expectUrl(page, '/');
  await page.getByRole('link', { name: 'Account' }).click();
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('a draft is kept when the same account signs in again in the background', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'an open page changes only with JavaScript');
  const ada = await signUp(page);
  await visit(page, '/account');
  await page.getByLabel('Name').fill('Half a na');
  await page.evaluate(() => (document.documentElement.dataset.mark = 'before'));
  await signInByRequest(page, ada);

  await expect(page.locator('html[data-mark]')).toHaveCount(0);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue('Half a na');
});

test('a draft is not shown to another account', async ({ page, openDevice }) => {
  test.skip(!javaScriptEnabled(), 'drafts need JavaScript');
  const grace = await signUp(await openDevice());
  await endSessionWithDraft(page);
  await submitSignIn(page, grace);
  await expectUrl(page, '/account');
  await expect(page.getByLabel('Name')).toHaveValue(grace.name);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('passwords are not kept in drafts', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'drafts need JavaScript');
  const ada = await signUp(page);
  await visit(page, '/account/security');
  await page.getByLabel('Current password', { exact: true }).fill(ada.password);
  // A revealed password is an `input` of type `text`.
  await page.getByRole('button', { name: 'Show password' }).first().click();
  await page.getByLabel('New password', { exact: true }).fill(newUser().password);
  await endSessionFromOtherDevice(page, ada);

  await expectUrl(page, '/login?next=%2Faccount%2Fsecurity');
  expect(await page.evaluate(() => ({ ...sessionStorage, ...localStorage }))).toEqual({});
});

test('back and forward show nothing private after the session ended', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/');
  await page.getByRole('link', { name: 'Account' }).click();
  await expectUrl(page, '/account');
  await visit(page, '/account/security');
  await endSessionFromOtherDevice(page, ada);
  if (!javaScriptEnabled()) await page.getByRole('link', { name: 'Security' }).click();
  await expectUrl(page, '/login?next=%2Faccount%2Fsecurity');

  for (const step of ['goBack', 'goBack', 'goForward', 'goForward'] as const) {
    await page[step]();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
    await expect(page).toHaveURL(/\/login\?next=/);
    for (const secret of [ada.name, ada.email]) expect(await page.content()).not.toContain(secret);
  }
});

/** Signs up, and ends the session while the name is partly typed. */
async function endSessionWithDraft(page: Page): Promise<User> {
  const ada = await signUp(page);
  await visit(page, '/account');
  await page.getByLabel('Name').fill('Half a na');
  await endSessionFromOtherDevice(page, ada);
  await expectUrl(page, '/login?next=%2Faccount');
  return ada;
}
