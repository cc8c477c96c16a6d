import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, javaScriptEnabled, visit, watchForRedirect } from './support/navigation';
import { createUser, newUser, signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('a new email address counts once it is confirmed, and can be undone from the old one', async ({
  page,
  openDevice,
  mailTo,
}) => {
  const ada = await signUp(page);
  const changed = { ...ada, email: newUser().email };
  await visit(page, '/account');
  await page.getByLabel('New email address').fill(changed.email);
  await page.getByRole('button', { name: 'Change email address' }).click();
  await expect(page.getByRole('status')).toContainText('We have sent an email to the new address.');
  await expect(page.getByText(`Signed in as ${ada.email}.`)).toBeVisible();

  await openLink(page, (await mailTo(changed.email, 'Confirm your new email address')).link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/');
  await expect(page.getByRole('status')).toContainText('Your email address has been changed.');
  await expect(page.getByText(`You are signed in as ${changed.email}.`)).toBeVisible();

  const undo = await mailTo(ada.email, 'Your email address was changed');
  expect(undo.text).toContain(changed.email);
  const phone = await openDevice();
  await visit(phone, '/login');
  await submitSignIn(phone, ada);
  await expect(phone.getByRole('alert')).toContainText('Incorrect email or password.');
  await openLink(phone, undo.link);
  await expect(phone.getByText(ada.email)).toBeVisible();
  const expectRedirect = watchForRedirect(page, '/login?next=%2F');
  await phone.getByRole('button', { name: 'Undo the change' }).click();
  await expectUrl(phone, '/reset-password');
  await expect(phone.getByText('Your old email address is restored, and everyone has been signed out.')).toBeVisible();
  await expectRedirect();

  const recovered = { ...ada, password: newUser().password };
  await phone.getByLabel('New password', { exact: true }).fill(recovered.password);
  await phone.getByRole('button', { name: 'Change password' }).click();
  await expectUrl(phone, '/login');
  await submitSignIn(phone, recovered);
  await expectUrl(phone, '/');
  await openLink(phone, undo.link);
  await expectInvalidLink(phone);
});

test('an address that cannot be the new one is rejected', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/account');
  const field = page.getByLabel('New email address');
  for (const [typed, message] of [
    ['', 'Enter your email address.'],
    [ada.email, 'This is your current email address.'],
    ['ada@example.org\u2028Bcc: eve@example.org', /^(Remove|Enter)/],
  ] as const) {
    await field.fill(typed);
    await page.getByRole('button', { name: 'Change email address' }).click();
    await expect(field).toHaveAccessibleDescription(message);
    if (javaScriptEnabled()) await expect(field).toBeFocused();
    await expectUrl(page, '/account');
  }
});

test('the address of another account gets the same answer, and no mail that changes anything', async ({
  page,
  request,
  mailTo,
}) => {
  await signUp(page);
  const grace = await createUser(request);
  await visit(page, '/account');
  await page.getByLabel('New email address').fill(grace.email);
  await page.getByRole('button', { name: 'Change email address' }).click();
  await expect(page.getByRole('status')).toContainText('We have sent an email to the new address.');
  const { link } = await mailTo(grace.email, 'Your email address was entered elsewhere');
  expect(new URL(link).pathname).toBe('/login');
});
