import type { Page } from '@playwright/test';

import { limited } from './support/limited';
import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { createUser, newUser, submitSignIn, type User } from './support/users';
import { expect, test } from './support/test';

test.use(limited);

const SENTENCE = /Please wait [1-4] seconds?, then try again\./;

test('after too many wrong passwords one is told how long to wait, and then signs in', async ({
  page,
  request,
  browserErrors,
}) => {
  const ada = await createUser(request);
  await visit(page, '/login?next=%2Faccount');
  await enterWrongPasswords(page, ada);
  browserErrors.expect(/console error: .*status of 429/);
  await submitSignIn(page, ada);

  if (javaScriptEnabled()) {
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(/^Too many attempts\. Please wait [34] seconds, then try again\.$/);
    await expect(alert.locator('[tabindex]')).toBeFocused();
    await expect(page.getByRole('button', { name: 'Try again in 2 seconds' })).toBeDisabled();
    await expect(page.getByRole('button', { name: 'Try again in 1 second' })).toBeDisabled();
    await expect(alert).toContainText('You can try again now.');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
  } else {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Too many attempts');
    await expect(page.getByText(SENTENCE)).toBeVisible();
    await page.waitForTimeout(4_000);
    await expect(page.getByText(SENTENCE), 'the sentence stands').toBeVisible();
    await page.getByRole('link', { name: 'Back to the form' }).click();
    await expectUrl(page, '/login?next=%2Faccount');
    await expect(page.getByLabel('Email')).toHaveValue(ada.email);
  }
  await submitSignIn(page, ada);
  await expectUrl(page, '/account');
});

test('the page that says how long to wait counts down', async ({ page, request, browserErrors }) => {
  test.skip(!javaScriptEnabled(), 'counting down needs JavaScript');
  const ada = await createUser(request);
  await visit(page, '/login');
  await enterWrongPasswords(page, ada);
  browserErrors.expect(/console error: .*status of 429/);
  await page.getByLabel('Email').fill(ada.email);
  // As before the island of the form is hydrated.
  await page.locator('form').evaluate((form: HTMLFormElement) => form.submit());

  await expect(page).toHaveTitle('Too many attempts · Vestibule');
  for (const time of ['3 seconds', '2 seconds', '1 second']) {
    await expect(page.getByText(`Please wait ${time}, then try again.`)).toBeVisible();
  }
  await expect(page.getByRole('status')).toHaveText('You can try again now.');
  await expect(page.getByText('Please wait')).toBeHidden();
  await page.getByRole('link', { name: 'Back to the form' }).click();
  await expectUrl(page, '/login');
});

test('after too many mails to an address one is told how long to wait', async ({ page, browserErrors }) => {
  const { email } = newUser();
  for (let asked = 0; asked < 2; asked++) {
    if (asked > 0) browserErrors.expect(/console error: .*status of 429/);
    await visit(page, '/forgot-password');
    await page.getByLabel('Email').fill(email);
    await page.getByRole('button', { name: 'Send link' }).click();
    if (asked === 0) await expectUrl(page, '/forgot-password?sent=1');
  }
  const shown = javaScriptEnabled() ? page.getByRole('alert') : page.getByRole('main');
  await expect(shown).toContainText(/Please wait (1:00 minutes|\d+ seconds), then try again\./);
  if (!javaScriptEnabled()) {
    await page.getByRole('link', { name: 'Back to the form' }).click();
    await expectUrl(page, '/forgot-password');
  }
  await expect(page.getByLabel('Email')).toHaveValue(email);
});

test('strangers who try passwords do not keep a known browser out', async ({ page, request }) => {
  const ada = await createUser(page.request);
  await page.request.post('/api/sign_out', { headers: { Accept: 'text/html' } });
  for (const status of [200, 200, 429]) {
    const guess = await request.post('/api/sign_in', {
      form: { email: ada.email, password: 'not this one' },
      headers: { Accept: 'application/json' },
    });
    expect(guess.status()).toBe(status);
  }
  await visit(page, '/login');
  await submitSignIn(page, ada);
  await expectUrl(page, '/');
});

async function enterWrongPasswords(page: Page, user: User): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const answered = page.waitForResponse('**/api/sign_in');
    await submitSignIn(page, { ...user, password: 'not this one' });
    await answered;
    await expect(page.getByRole('alert')).toContainText('Incorrect email or password.');
  }
}
