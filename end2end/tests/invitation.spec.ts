import { runCommand } from '../server.mjs';
import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, visit } from './support/navigation';
import { testOnServerWith } from './support/own-server';
import { newUser, submitRegistration } from './support/users';
import { expect } from './support/test';

const test = testOnServerWith({ VESTIBULE_REGISTRATION__POLICY: 'invitation' });

test('people register with an invitation', async ({ page, origin, openDevice }) => {
  const ada = newUser();
  const link = await runCommand(new URL(origin).port, ['account', 'invite', ada.email]);
  await openLink(page, link);
  await expect(page.getByLabel('Email')).toHaveValue(ada.email);
  await submitRegistration(page, { ...ada, email: newUser().email });
  await expect(page.getByRole('alert')).toContainText('You need an invitation to create an account');
  await submitRegistration(page, { ...ada, password: 'seven77' });
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/^Use at least 8 characters/);
  await submitRegistration(page, ada);
  await expectUrl(page, '/');

  const other = await openDevice();
  await openLink(other, link);
  await expectInvalidLink(other);
});

test('invitations are mailed as well', async ({ page, origin, mailTo }) => {
  const ada = newUser();
  await runCommand(new URL(origin).port, ['account', 'invite', '--mail', ada.email]);
  await openLink(page, (await mailTo(ada.email, 'Your invitation to Vestibule')).link);
  await submitRegistration(page, ada);
  await expectUrl(page, '/');
});

test('a truncated invitation is a link that cannot be used', async ({ page, origin }) => {
  const link = await runCommand(new URL(origin).port, ['account', 'invite', newUser().email]);
  await openLink(page, link.slice(0, -1));
  await expectInvalidLink(page);
});

test('without an invitation one is told so', async ({ page }) => {
  await visit(page, '/login');
  await expect(page.getByRole('link', { name: 'Create an account' })).toBeHidden();
  await visit(page, '/register');
  await expect(page.getByText('You need an invitation to create an account: open the link in it.')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
});
