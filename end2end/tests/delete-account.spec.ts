import { expectUrl, visit, watchForRedirect } from './support/navigation';
import { signInByRequest, signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('an account is deleted after a typed confirmation, and restored by signing in', async ({
  page,
  openDevice,
  mailTo,
}) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await visit(other, '/account/security');
  await visit(page, '/account');
  const confirmation = page.getByLabel('Your email address');
  for (const typed of ['', 'yes', `x${ada.email}`]) {
    await confirmation.fill(typed);
    await page.getByRole('button', { name: 'Delete account' }).click();
    await expect(confirmation).toHaveAccessibleDescription('Type your email address exactly as it is shown above.');
    await expectUrl(page, '/account');
  }
  const expectRedirect = watchForRedirect(other, '/login?next=%2Faccount%2Fsecurity');
  await confirmation.fill(ada.email);
  await page.getByRole('button', { name: 'Delete account' }).click();
  await expectUrl(page, '/login');
  await expect(page.getByRole('status')).toHaveText(
    'Your account will be deleted in a day. Sign in before then to keep it.',
  );
  await expectRedirect();
  const mail = await mailTo(ada.email, 'Your account will be deleted');
  expect(new URL(mail.link).pathname).toBe('/login');

  await submitSignIn(page, ada);
  await expectUrl(page, '/');
  await expect(page.getByRole('status')).toHaveText('Welcome back. Your account will not be deleted.');
  await visit(page, '/account/activity');
  await expect(page.getByRole('main')).toContainText('Deletion of the account cancelled by signing in');
});
