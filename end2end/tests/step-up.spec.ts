import type { Page } from '@playwright/test';

import { expectUrl, visit } from './support/navigation';
import { shortLived } from './support/short-lived';
import { signInByRequest, type User, signUp, sessionCookie } from './support/users';
import { expect, test } from './support/test';

test.use(shortLived);

const CONFIRM = '/confirm?next=%2Faccount%2Fsessions';

test('ending sessions requires a step-up, some time after signing in', async ({
  page,
  openDevice,
  request,
}) => {
  const ada = await signUpAndWaitForStepUp(page, await openDevice());
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expectUrl(page, CONFIRM);
  await visit(page, '/account/sessions');
  await page.getByRole('button', { name: 'End session' }).click();
  await expectUrl(page, CONFIRM);
  await expect(page).toHaveTitle('Confirm that it is you · Vestibule');

  const password = page.getByLabel('Password', { exact: true });
  for (const [typed, message] of [
    ['', 'Enter a password.'],
    ['not this one', 'Incorrect password.'],
  ]) {
    await confirm(page, typed);
    await expect(password).toHaveAccessibleDescription(message);
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await expectUrl(page, CONFIRM);
  }

  const before = await sessionCookie(page);
  await confirm(page, ada.password);
  await expectUrl(page, '/account/sessions');
  await expect(page.getByRole('status')).toHaveText('You have confirmed that it is you. Now press “End session” again.');
  // The step-up alone has ended no session.
  await page.getByRole('button', { name: 'End session' }).click();
  await expect(page.getByRole('status')).toHaveText('The session has ended.');
  await expect(page.getByText('You are not signed in anywhere else.')).toBeVisible();

  const after = await sessionCookie(page);
  expect(after).not.toBe(before);
  const home = (Cookie: string) => request.get('/', { headers: { Cookie }, maxRedirects: 0 });
  const [oldSession, newSession] = [await home(before), await home(after)];
  expect([oldSession.status(), oldSession.headers()['location']]).toEqual([303, '/login?next=%2F']);
  expect(newSession.status()).toBe(200);
});

/** Signs up on both devices and opens the list of sessions once a step-up is required. */
async function signUpAndWaitForStepUp(page: Page, other: Page): Promise<User> {
  const ada = await signUp(page);
  for (const device of [page, other]) await signInByRequest(device, ada, { remember: true });
  const hint = page.getByText('You will be asked for your password first, since you signed in a while ago.');
  await visit(page, '/account/sessions');
  await expect(hint).toBeHidden();
  await expect(async () => {
    await page.reload();
    await expect(hint).toBeVisible({ timeout: 100 });
  }).toPass({ intervals: [1000] });
  await expectUrl(page, '/account/sessions');
  return ada;
}

async function confirm(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
