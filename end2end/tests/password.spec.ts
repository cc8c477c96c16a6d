import type { Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit, watchForRedirect } from './support/navigation';
import { signInByRequest, newUser, signUp, sessionCookie, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('changing the password ends all other sessions, and only the new password works', async ({
  page,
  openDevice,
  request,
}) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await visit(other, '/account');
  await visit(page, '/account/security');
  const before = await sessionCookie(page);
  const changed = { ...ada, password: newUser().password };

  const expectRedirect = watchForRedirect(other, '/login?next=%2Faccount');
  await submitChange(page, ada.password, changed.password);
  await expectRedirect();
  await expect(other.getByRole('status')).toHaveText(
    'You were signed out because your password was changed on another device.',
  );

  const flashMessage = page.getByRole('status').filter({ hasText: 'password' });
  await expect(flashMessage).toHaveText('Your password has been changed, and 1 other session has ended.');
  await expectUrl(page, '/account/security');
  expect(await sessionCookie(page)).not.toBe(before);
  const response = await request.get('/', { headers: { Cookie: before }, maxRedirects: 0 });
  expect(response.headers()).toMatchObject({ location: '/login?next=%2F' });

  await submitSignIn(other, ada);
  await expect(other.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(other, changed);
  await expectUrl(other, '/account');
});

test('errors are shown at each of the two fields', async ({ page, request }) => {
  const ada = await signUp(page);
  await visit(page, '/account/security');
  const current = page.getByLabel('Current password', { exact: true });
  const newPassword = page.getByLabel('New password', { exact: true });
  for (const { typed, messages } of [
    { typed: ['', ''], messages: [/^Enter your current password\./, /^Enter a new password\./] },
    { typed: ['not this one', 'seven77'], messages: [/^Incorrect password\./, /^Use at least 8 characters\./] },
    { typed: [ada.password, 'seven77'], messages: ['', /^Use at least 8 characters\./] },
    { typed: [ada.password, 'Password123'], messages: ['', /^This password is on lists of common and stolen ones/] },
    { typed: [ada.password, ada.password], messages: ['', /^This is your current password\./] },
  ]) {
    await submitChange(page, typed[0], typed[1]);
    await expect(current).toHaveAccessibleDescription(messages[0]);
    await expect(newPassword).toHaveAccessibleDescription(messages[1]);
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(messages[0] ? 2 : 1);
    if (javaScriptEnabled()) await expect(messages[0] ? current : newPassword).toBeFocused();
    else for (const field of [current, newPassword]) await expect(field).toHaveValue('');
    await expectUrl(page, '/account/security');
  }
  const { email, password } = ada;
  const response = await request.post('/api/sign_in', {
    form: { email, password },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()).toMatchObject({ location: '/' });
});

async function submitChange(page: Page, current: string, newPassword: string): Promise<void> {
  await page.getByLabel('Current password', { exact: true }).fill(current);
  await page.getByLabel('New password', { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: 'Change password' }).click();
}
