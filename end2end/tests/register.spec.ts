import type { Locator } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { createUser, newUser, register, submitRegistration } from './support/users';
import { expect, test } from './support/test';

test('registering redirects home and shows the new session', async ({ page }) => {
  const ada = newUser();
  await register(page, ada);

  await expect(page).toHaveTitle('Home · Vestibule');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await expect(page.getByText(`You are signed in as ${ada.email}.`)).toBeVisible();
  const session = page.getByRole('region', { name: 'This session' });
  await expect(session).toMatchAriaSnapshot(`
    - region "This session":
      - heading "This session" [level=2]
      - term: Device
      - definition: /Chrome on \\w+/
      - term: Started
      - definition:
        - time: just now
      - term: Last active
      - definition:
        - time: just now
      - term: Ends
      - definition:
        - time: in 12 hours
        - text: without activity
      - paragraph: Ends when you close the browser.
  `);
  for (const time of await session.getByRole('time').all()) {
    await expect(time).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    await expect(time).toHaveAttribute('title', / UTC$/);
  }
});

test('each empty field shows an error', async ({ page }) => {
  await visit(page, '/register');
  await page.getByRole('button', { name: 'Create account' }).click();

  await expectFieldError(page.getByLabel('Name'), 'Enter your name.');
  await expectFieldError(page.getByLabel('Email'), 'Enter your email address.');
  await expectFieldError(page.getByLabel('Password', { exact: true }), /^Enter a password\./);
});

test('the focus moves to the first field with an error', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'moving the focus needs JavaScript');
  const ada = newUser();
  await visit(page, '/register');
  await submitRegistration(page, { ...ada, email: 'no address' });

  await expectFieldError(page.getByLabel('Email'), 'Enter an email address like name@example.org.');
  await expect(page.getByLabel('Email')).toBeFocused();
});

test('the strength of a password is shown while typing', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the strength meter needs JavaScript');
  await visit(page, '/register');
  const password = page.getByLabel('Password', { exact: true });
  const strength = page.getByRole('status');
  await password.fill('password1');
  await expect(strength).toHaveText('Very easy to guess');
  await password.fill('correct horse battery staple');
  await expect(strength).toHaveText('Strong');
  await password.fill('');
  await expect(strength).toBeEmpty();
});

test('a short password is rejected, and the other fields keep their values', async ({ page }) => {
  const ada = newUser();
  await visit(page, '/register');
  await submitRegistration(page, { ...ada, password: 'seven77' });

  await expectFieldError(page.getByLabel('Password', { exact: true }), /^Use at least 8 characters\./);
  await expect(page.getByLabel('Name')).toHaveValue(ada.name);
  await expect(page.getByLabel('Email')).toHaveValue(ada.email);
  await expect(page.getByLabel('Name')).not.toHaveAttribute('aria-invalid');

  await submitRegistration(page, ada);
  await expectUrl(page, '/');
});

test('passwords that are tried first are rejected, with the reason', async ({ page }) => {
  const ada = newUser();
  await visit(page, '/register');
  for (const [password, reason] of [
    ['password1', /^This password is on lists of common and stolen ones/],
    ['Summer2025!', /^This password is easy to guess\./],
    [`${ada.name} 1`, /^Choose a password that is more than your name or email address\./],
    ['Vestibule1!', /^Choose a password that is more than the name of this site\./],
  ] as const) {
    await submitRegistration(page, { ...ada, password });
    await expectFieldError(page.getByLabel('Password', { exact: true }), reason);
  }
});

test('a rejected form does not contain the password', async ({ page }) => {
  test.skip(javaScriptEnabled(), 'with JavaScript the form is not rendered again');
  await visit(page, '/register');
  await submitRegistration(page, { ...newUser(), password: 'seven77' });

  const password = page.getByLabel('Password', { exact: true });
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveValue('');
  expect(await page.content()).not.toContain('seven77');
});

test('an email address can be registered only once', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/register');
  await submitRegistration(page, { ...newUser(), email: ada.email.toUpperCase() });

  await expectFieldError(page.getByLabel('Email'), 'There is already an account with this email address.');
});

test('a rejected form is shown once', async ({ page }) => {
  await visit(page, '/register');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Enter your name.')).toBeVisible();

  await page.reload();
  await expectUrl(page, '/register');
  await expect(page.getByText('Enter your name.')).toBeHidden();
  await expect(page.getByLabel('Name')).not.toHaveAttribute('aria-invalid');
});

for (const name of [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
]) {
  test(`markup in a name is escaped: ${name}`, async ({ page }) => {
    const mallory = { ...newUser(), name };
    await visit(page, '/register');
    await submitRegistration(page, { ...mallory, password: 'seven77' });
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel('Name')).toHaveValue(name);

    await register(page, mallory);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${name}`);
    await expect(page.getByRole('banner')).toContainText(name);
  });
}

/** Expects an error at the field, also for assistive technology. */
async function expectFieldError(field: Locator, message: string | RegExp): Promise<void> {
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(message);
}
