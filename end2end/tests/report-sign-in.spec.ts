import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, visit, watchForRedirect } from './support/navigation';
import { newUser, signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('"This wasn\'t me" ends the session of a new device, and leads to a new password', async ({
  page,
  openDevice,
  mailTo,
}) => {
  const ada = await signUp(page);
  const thief = await openDevice();
  await visit(thief, '/login');
  await submitSignIn(thief, ada);
  await expectUrl(thief, '/');
  const { link, text } = await mailTo(ada.email, 'New sign-in to Vestibule');
  expect(text).toContain('Firefox on Windows');
  expect(text).toContain('127.0.0.1');

  await openLink(page, link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText("This wasn't me");
  const expectRedirect = watchForRedirect(thief, '/login?next=%2F');
  await page.getByRole('button', { name: 'Sign everyone out' }).click();
  await expectUrl(page, '/reset-password');
  await expect(page.getByText('Everyone has been signed out. Now choose a new password.')).toBeVisible();
  await expectRedirect();

  const changed = { ...ada, password: newUser().password };
  await page.getByLabel('New password', { exact: true }).fill(changed.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expectUrl(page, '/login');
  await submitSignIn(thief, ada);
  await expect(thief.getByRole('alert')).toContainText('Incorrect email or password.');
  await submitSignIn(page, changed);
  await expectUrl(page, '/');
  await visit(page, '/account/activity');
  await expect(page.getByRole('main')).toContainText('Firefox on Windows');
  await openLink(page, link);
  await expectInvalidLink(page);
});

test('a device that has signed in before is not announced again', async ({ page, mailTo }) => {
  const ada = await signUp(page);
  await visit(page, '/');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expectUrl(page, '/login');
  await submitSignIn(page, ada);
  await expectUrl(page, '/');
  await expect(mailTo(ada.email, 'New sign-in to Vestibule', 1_000)).rejects.toThrow('no mail');
});
