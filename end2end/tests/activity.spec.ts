import type { APIRequestContext, Page } from '@playwright/test';

import { expectUrl, visit } from './support/navigation';
import { signInByRequest, newUser, type User, signUp } from './support/users';
import { expect, test } from './support/test';

const PAGE_SIZE = 20;

test('activity is listed, newest first', async ({ page, openDevice, request }) => {
  const ada = await signUp(page);
  await failToSignIn(request, ada);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await post(page.request, 'rename', { name: `${ada.name} II` });
  await post(page.request, 'change_password', {
    current_password: ada.password,
    new_password: newUser().password,
  });
  await post(page.request, 'confirm', { password: 'not this one' });

  await visit(page, '/account/activity');
  await expect(entries(page)).toContainText([
    'Confirmation refused: wrong password',
    'Session on Firefox on Windows ended because the password was changed',
    'Password changed',
    'Name changed',
    'Signed in',
    'Sign-in refused: wrong password',
    'Signed in',
    'Account created',
  ]);
  await expect(entries(page).nth(4)).toContainText('Firefox on Windows, 127.0.0.1, just now');
  await expect(entries(page).nth(7)).toContainText(/Chrome on \w+, 127\.0\.0\.1, just now/);
  await expect(page.getByRole('link', { name: /Older|Newer/ })).toHaveCount(0);
});

test('signing out, step-up and ending sessions are listed', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await post(other.request, 'sign_out', {});
  await signInByRequest(other, ada);
  await post(page.request, 'confirm', { password: ada.password });
  await post(page.request, 'end_other_sessions', {});

  await visit(page, '/account/activity');
  await expect(entries(page)).toContainText([
    'Session on Firefox on Windows ended from another device',
    'Confirmed by password',
    'Signed in',
    'Signed out',
    'Signed in',
    'Signed in',
    'Account created',
  ]);
});

test('the list is paginated', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  for (let added = 0; added < PAGE_SIZE; added += 2) {
    await signInByRequest(other, ada);
    await post(other.request, 'sign_out', {});
  }

  await visit(page, '/account/activity');
  await expect(entries(page)).toHaveCount(PAGE_SIZE);
  await expect(entries(page).first()).toContainText('Signed out');
  await expect(page.getByRole('link', { name: 'Newer' })).toHaveCount(0);

  await page.getByRole('link', { name: 'Older' }).click();
  await expectUrl(page, '/account/activity?page=2');
  await expect(entries(page)).toContainText(['Signed in', 'Account created']);
  await expect(page.getByRole('link', { name: 'Older' })).toHaveCount(0);

  await page.getByRole('link', { name: 'Newer' }).click();
  await expectUrl(page, '/account/activity');
  await expect(entries(page)).toHaveCount(PAGE_SIZE);
});

test('repeats are counted, and sign-ins can be shown alone', async ({ page }) => {
  const ada = await signUp(page);
  for (const number of [1, 2, 3]) {
    await post(page.request, 'rename', { name: `${ada.name} ${number}` });
  }

  await visit(page, '/account/activity');
  await expect(entries(page)).toContainText(['Name changed (3 times)', 'Signed in', 'Account created']);
  await page.getByRole('link', { name: 'Sign-ins only' }).click();
  await expectUrl(page, '/account/activity?show=sign-ins');
  await expect(entries(page)).toContainText(['Signed in']);
  await expect(entries(page)).toHaveCount(1);
  await page.getByRole('link', { name: 'All activity' }).click();
  await expect(entries(page)).toHaveCount(3);
});

test('an invalid page number is not an error', async ({ page }) => {
  await signUp(page);
  for (const number of ['0', '-1', 'abc', '', '1']) {
    await visit(page, `/account/activity?page=${number}`);
    await expect(entries(page)).toContainText(['Signed in', 'Account created']);
    await expect(page.getByRole('link', { name: /Older|Newer/ })).toHaveCount(0);
  }
  await visit(page, '/account/activity?page=999999');
  await expect(page.getByText('Nothing here.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Newer' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Older' })).toHaveCount(0);
});

function entries(page: Page) {
  return page.getByRole('main').getByRole('listitem');
}

async function failToSignIn(request: APIRequestContext, { email }: User): Promise<void> {
  await post(request, 'sign_in', { email, password: 'not this one' });
}

async function post(request: APIRequestContext, name: string, form: Record<string, string>): Promise<void> {
  const response = await request.post(`/api/${name}`, {
    form,
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(303);
}
