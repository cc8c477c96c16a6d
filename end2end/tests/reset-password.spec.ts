import type { Page } from '@playwright/test';

import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, visit, watchForRedirect } from './support/navigation';
import { createUser, newUser, signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

const RESET = 'Choose a new password for Vestibule';
const SENT = 'If there is an account with this address, we have sent a link to it.';

test('a forgotten password is replaced, and everyone is signed out', async ({ page, openDevice, mailTo }) => {
  const other = await openDevice();
  const ada = await signUp(other);
  await visit(other, '/account');

  await visit(page, '/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expectUrl(page, '/forgot-password');
  await askForLink(page, ada.email);
  const { link } = await mailTo(ada.email, RESET);
  await openLink(page, link);
  await expect(page.getByText(`For ${ada.email}.`)).toBeVisible();

  const token = link.split('/').pop()!;
  expect(await page.evaluate(() => [location.href, document.referrer].join())).not.toContain(token);
  await page.reload();
  await expectUrl(page, '/reset-password');
  const changed = { ...ada, password: newUser().password };
  // From the answer on: two passwords are hashed before.
  const answered = page.waitForResponse('**/api/reset_password');
  await submitNewPassword(page, changed.password);
  await answered;
  await watchForRedirect(other, '/login?next=%2Faccount')();
  await expectUrl(page, '/login');
  await expect(page.getByRole('status')).toHaveText('Your password has been changed. Sign in with the new one.');

  await submitSignIn(page, ada);
  await expect(page.getByRole('alert')).toContainText('Incorrect email or password.');
  await submitSignIn(page, changed);
  await expectUrl(page, '/');
  await mailTo(ada.email, 'Your password was changed');
});

test('a link works once, also with the back button', async ({ page, request, openDevice, mailTo }) => {
  const ada = await createUser(request);
  await visit(page, '/forgot-password');
  await askForLink(page, ada.email);
  const { link } = await mailTo(ada.email, RESET);
  const late = await openDevice();
  await openLink(late, link);
  await openLink(page, link);
  await submitNewPassword(page, newUser().password);
  await expectUrl(page, '/login');

  await page.goBack();
  await page.reload();
  await expectUrl(page, '/reset-password');
  await expectInvalidLink(page);
  await openLink(page, link);
  await expectInvalidLink(page);
  await submitNewPassword(late, newUser().password);
  await expect(late.getByText(/^This link cannot be used/)).toBeVisible();
});

test('a newer link takes the place of an older one', async ({ page, request, mailTo }) => {
  const ada = await createUser(request);
  const links = [];
  for (let asked = 0; asked < 2; asked++) {
    await visit(page, '/forgot-password');
    await askForLink(page, ada.email);
    links.push((await mailTo(ada.email, RESET)).link);
  }
  await openLink(page, links[0]);
  await expectInvalidLink(page);
  await openLink(page, links[1]);
  await submitNewPassword(page, newUser().password);
  await expectUrl(page, '/login');
});

test('a refused password costs neither the form nor the link', async ({ page, request, mailTo }) => {
  const ada = await createUser(request);
  await visit(page, '/forgot-password');
  await askForLink(page, ada.email);
  await openLink(page, (await mailTo(ada.email, RESET)).link);
  const password = page.getByLabel('New password', { exact: true });
  for (const [typed, message] of [
    ['', /^Enter a (new )?password\./],
    ['seven77', /^Use at least 8 characters\./],
    ['password1', /^This password is on lists of common and stolen ones/],
    [ada.email, /^Choose a password that is more than your name or email address\./],
  ] as const) {
    await submitNewPassword(page, typed);
    await expect(password).toHaveAccessibleDescription(message);
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await expectUrl(page, '/reset-password');
  }
  await submitNewPassword(page, newUser().password);
  await expectUrl(page, '/login');
});

test('the answer is the same for an address without an account', async ({ page }) => {
  await visit(page, '/forgot-password');
  await askForLink(page, newUser().email);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expectUrl(page, '/login');
});

test('a mistyped address is rejected', async ({ page }) => {
  await visit(page, '/forgot-password');
  for (const [typed, message] of [
    ['', 'Enter your email address.'],
    ['ada', 'Enter an email address like name@example.org.'],
  ]) {
    await page.getByLabel('Email').fill(typed);
    await page.getByRole('button', { name: 'Send link' }).click();
    await expect(page.getByLabel('Email')).toHaveAccessibleDescription(message);
    await expectUrl(page, '/forgot-password');
  }
});

test('someone who is signed in can use a link as well', async ({ page, mailTo }) => {
  const ada = await signUp(page);
  await visit(page, '/forgot-password');
  await askForLink(page, ada.email);
  await openLink(page, (await mailTo(ada.email, RESET)).link);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await submitNewPassword(page, newUser().password);
  await expectUrl(page, '/login');
  await expect(page.getByRole('status')).toHaveText('Your password has been changed. Sign in with the new one.');
});

for (const path of ['/reset-password', '/verify-email', '/undo-email-change', '/report-sign-in']) {
  test(`a link to ${path} that was truncated or guessed leads to one calm page`, async ({ page }) => {
    for (const token of ['x', 'A'.repeat(43), '%00', '..%2F..%2Flogin', 'A'.repeat(2000)]) {
      await page.goto(`${path}/${token}`);
      await expectUrl(page, path);
      await expectInvalidLink(page);
    }
    await page.getByRole('link', { name: 'Ask for a link to choose a new password' }).click();
    await expectUrl(page, '/forgot-password');
  });
}

test('a link for something else is not a link to choose a password', async ({ page, mailTo }) => {
  const ada = await signUp(page);
  const { link } = await mailTo(ada.email, 'Confirm your email address');
  await openLink(page, link.replace('/verify-email/', '/reset-password/'));
  await expectInvalidLink(page);
  await openLink(page, link);
  await expect(page.getByRole('button', { name: 'Confirm' })).toBeVisible();
});

async function askForLink(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expectUrl(page, '/forgot-password?sent=1');
  await expect(page.getByText(SENT)).toBeVisible();
}

async function submitNewPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
}
