import type { Page } from '@playwright/test';

import { expectUrl, leaving, javaScriptEnabled, visit } from './support/navigation';
import { signInByRequest, newUser, signUp, sessionCookie, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('a new password ends all other sessions, and only the new one signs in', async ({
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

  const left = leaving(other, '/login?next=%2Faccount');
  await submitChange(page, ada.password, changed.password);
  await left();
  await expect(other.getByRole('status')).toHaveText(
    'You were signed out because your password was changed on another device.',
  );

  const notice = page.getByRole('status').filter({ hasText: 'password' });
  await expect(notice).toHaveText('Your password has been changed, and 1 other session has ended.');
  await expectUrl(page, '/account/security');
  expect(await sessionCookie(page)).not.toBe(before);
  const old = await request.get('/', { headers: { Cookie: before }, maxRedirects: 0 });
  expect(old.headers()).toMatchObject({ location: '/login?next=%2F' });

  await submitSignIn(other, ada);
  await expect(other.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(other, changed);
  await expectUrl(other, '/account');
});

test('errors are shown beside each of the two fields', async ({ page, request }) => {
  const ada = await signUp(page);
  await visit(page, '/account/security');
  const current = page.getByLabel('Current password', { exact: true });
  const fresh = page.getByLabel('New password', { exact: true });
  for (const { typed, words } of [
    { typed: ['', ''], words: [/^Enter your current password\./, /^Enter a new password\./] },
    { typed: ['not this one', 'seven77'], words: [/^Incorrect password\./, /^Use at least 8 characters\./] },
    { typed: [ada.password, 'seven77'], words: ['', /^Use at least 8 characters\./] },
  ]) {
    await submitChange(page, typed[0], typed[1]);
    await expect(current).toHaveAccessibleDescription(words[0]);
    await expect(fresh).toHaveAccessibleDescription(words[1]);
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(words[0] ? 2 : 1);
    if (javaScriptEnabled()) await expect(words[0] ? current : fresh).toBeFocused();
    else for (const field of [current, fresh]) await expect(field).toHaveValue('');
    await expectUrl(page, '/account/security');
  }
  const { email, password } = ada;
  const still = await request.post('/api/sign_in', {
    form: { email, password },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(still.headers()).toMatchObject({ location: '/' });
});

async function submitChange(page: Page, current: string, fresh: string): Promise<void> {
  await page.getByLabel('Current password', { exact: true }).fill(current);
  await page.getByLabel('New password', { exact: true }).fill(fresh);
  await page.getByRole('button', { name: 'Change password' }).click();
}
