import { expectUrl, visit } from './support/navigation';
import { createUser, newUser, signUp } from './support/users';
import { expect, test } from './support/test';

test('registering with a double click signs in', async ({ page }) => {
  const ada = newUser();
  await visit(page, '/register');
  await page.getByLabel('Name').fill(ada.name);
  await page.getByLabel('Email').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Create account' }).dblclick();
  await expectUrl(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
});

test('signing in with a double click signs in', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/login?next=%2Faccount');
  await page.getByLabel('Email').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Sign in' }).dblclick();
  await expectUrl(page, '/account');
});

test('confirming with a double click leads on', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/confirm?next=%2Faccount%2Factivity');
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Confirm' }).dblclick();
  await expectUrl(page, '/account/activity');
});

test('changing the name with a double click says so', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  await page.getByLabel('Name').fill('Grace');
  await page.getByRole('button', { name: 'Change name' }).dblclick();
  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
});
