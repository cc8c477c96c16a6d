import type { Page } from '@playwright/test';

import { arrive, visit } from './support/arrival';
import { hasty } from './support/hasty';
import { enter, type Person, resident, sessionCookie } from './support/people';
import { expect, test } from './support/test';

test.use(hasty);

const CONFIRM = '/confirm?next=%2Faccount%2Fsessions';

test('ending a session asks for the password of whoever signed in a while ago', async ({
  page,
  openDevice,
}) => {
  const ada = await staleResident(page, await openDevice());
  await page.getByRole('button', { name: 'End session' }).click();
  await arrive(page, CONFIRM);
  await expect(page).toHaveTitle('Confirm that it is you · Vestibule');

  const password = page.getByLabel('Password', { exact: true });
  for (const [typed, words] of [
    ['', 'Enter a password.'],
    ['not this one', 'That is not your password.'],
  ]) {
    await password.fill(typed);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(password).toHaveAccessibleDescription(words);
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await arrive(page, CONFIRM);
  }

  await confirm(page, ada);
  await arrive(page, '/account/sessions');
  // It was asked for, and not done behind the question.
  await page.getByRole('button', { name: 'End session' }).click();
  await expect(page.getByRole('status')).toHaveText('The session has ended.');
  await expect(page.getByText('You are signed in nowhere else.')).toBeVisible();
});

test('signing out everywhere else asks as well, and its answer changes the session id', async ({
  page,
  openDevice,
  request,
}) => {
  const other = await openDevice();
  const ada = await staleResident(page, other);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await arrive(page, CONFIRM);

  const before = await sessionCookie(page);
  await confirm(page, ada);
  await arrive(page, '/account/sessions');
  const after = await sessionCookie(page);
  expect(after).not.toBe(before);
  const home = (Cookie: string) => request.get('/', { headers: { Cookie }, maxRedirects: 0 });
  const [old, live] = [await home(before), await home(after)];
  expect([old.status(), old.headers()['location']]).toEqual([303, '/login?next=%2F']);
  expect(live.status()).toBe(200);

  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page.getByRole('status')).toHaveText('1 other session has ended.');
  const ended = await other.request.get('/', { maxRedirects: 0 });
  expect(ended.headers()['location']).toBe('/login?next=%2F');
});

/** Somebody at the list of their sessions, this one and that of `other`, who signed in a while ago. */
async function staleResident(page: Page, other: Page): Promise<Person> {
  const ada = await resident(page);
  for (const device of [page, other]) await enter(device, ada, { remember: true });
  const hint = page.getByText('You will be asked for your password first, since you signed in a while ago.');
  await visit(page, '/account/sessions');
  await expect(hint).toBeHidden();
  await expect(async () => {
    await page.reload();
    await expect(hint).toBeVisible({ timeout: 100 });
  }).toPass({ intervals: [1000] });
  await arrive(page, '/account/sessions');
  return ada;
}

async function confirm(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
