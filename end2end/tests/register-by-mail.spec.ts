import type { Page } from '@playwright/test';

import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, visit } from './support/navigation';
import { smtp } from './support/smtp';
import { newUser, submitRegistration, submitSignIn, type User } from './support/users';
import { expect, test } from './support/test';

test.use(smtp);

const FINISH = 'Finish creating your Vestibule account';
const SENT = 'We have sent an email to the address that you entered. Open the link in it to finish.';

test('an account begins with the link in a mail', async ({ page, openDevice, mailTo }) => {
  const ada = newUser();
  await visit(page, '/register');
  await submitRegistration(page, ada);
  await expectUrl(page, '/register?sent=1');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check your email');
  await expect(page.getByText(SENT)).toBeVisible();
  await visit(page, '/login');
  await submitSignIn(page, ada);
  await expect(page.getByRole('alert'), 'there is no account yet').toContainText('Incorrect email or password.');

  const { link, text } = await mailTo(ada.email, FINISH);
  expect(text, 'nothing that a stranger may have typed').not.toContain(ada.name);
  // Programs that look into mails follow links, more than once.
  for (let scan = 0; scan < 2; scan++) await page.request.get(link);
  const phone = await openDevice();
  await openLink(phone, link);
  await expect(phone.getByText(ada.email)).toBeVisible();
  await phone.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(phone, '/login');
  await expect(phone.getByRole('status')).toHaveText('Your account is ready. Sign in to it.');
  await submitSignIn(phone, ada);
  await expectUrl(phone, '/');
  await expect(phone.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await expect(phone.getByText('Nothing to do. Your account is in good order.')).toBeVisible();

  await openLink(page, link);
  await expectInvalidLink(page);
});

test('whether an address has an account is said only by mail', async ({ page, mailTo }) => {
  const ada = newUser();
  await registerByMail(page, ada);
  await openLink(page, (await mailTo(ada.email, FINISH)).link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/login');

  const answers = [];
  for (const email of [ada.email.toUpperCase(), newUser().email]) {
    await registerByMail(page, { ...newUser(), email });
    answers.push(await page.getByRole('main').innerText());
  }
  expect(answers[0]).toBe(answers[1]);
  const mail = await mailTo(ada.email, 'You already have a Vestibule account');
  expect(new URL(mail.link).pathname).toBe('/login');
  await visit(page, '/login');
  await submitSignIn(page, ada);
  await expectUrl(page, '/');
});

test('of two registrations of an address, the newer one counts', async ({ page, mailTo }) => {
  const ada = newUser();
  const newer = { ...ada, name: 'Grace', password: newUser().password };
  await registerByMail(page, ada);
  const old = await mailTo(ada.email, FINISH);
  await registerByMail(page, newer);
  const { link } = await mailTo(ada.email, FINISH);
  await openLink(page, old.link);
  await expectInvalidLink(page);

  await openLink(page, link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/login');
  await submitSignIn(page, newer);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Grace');
});

test('an address that no mail can be sent to is rejected', async ({ page }) => {
  await visit(page, '/register');
  await submitRegistration(page, { ...newUser(), email: 'ada@-example-.org' });
  await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true');
});

test('a forgotten password is reset by mail', async ({ page, mailTo }) => {
  const ada = newUser();
  await registerByMail(page, ada);
  await openLink(page, (await mailTo(ada.email, FINISH)).link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/login');

  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(ada.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expectUrl(page, '/forgot-password?sent=1');
  await openLink(page, (await mailTo(ada.email, 'Choose a new password for Vestibule')).link);
  const changed = { ...ada, password: newUser().password };
  await page.getByLabel('New password', { exact: true }).fill(changed.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expectUrl(page, '/login');
  await submitSignIn(page, changed);
  await expectUrl(page, '/');
  await mailTo(ada.email, 'Your password was changed');
});

test('there is no link to mails where they are sent', async ({ page, request }) => {
  await visit(page, '/login');
  await expect(page.getByText('Development')).toBeHidden();
  expect((await request.get('/outbox/last')).status()).toBe(404);
});

async function registerByMail(page: Page, user: User): Promise<void> {
  await visit(page, '/register');
  await submitRegistration(page, user);
  await expectUrl(page, '/register?sent=1');
}
