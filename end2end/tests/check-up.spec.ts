import { openLink } from './support/links';
import { expectUrl, visit } from './support/navigation';
import { signInByRequest, signUp } from './support/users';
import { expect, test } from './support/test';

const VERIFY = 'Confirm your email address';
const CLEAN = 'Nothing to do. Your account is in good order.';

test('an address is confirmed with the link, which is sent again on request', async ({ page, mailTo }) => {
  const ada = await signUp(page);
  const first = await mailTo(ada.email, VERIFY);
  await visit(page, '/');
  const checkUp = page.getByRole('region', { name: 'Security check-up' });
  await expect(checkUp).toContainText('Your email address is not confirmed.');
  await checkUp.getByRole('button', { name: 'Send the link again' }).click();
  await expect(page.getByRole('status')).toHaveText('We have sent you an email. Open the link in it.');

  const { link } = await mailTo(ada.email, VERIFY);
  expect(link).not.toBe(first.link);
  await openLink(page, link);
  await expect(page.getByText(ada.email)).toBeVisible();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/');
  await expect(page.getByRole('status')).toHaveText('Your email address is confirmed.');
  await expect(checkUp).toContainText(CLEAN);
});

test('signed out, an address is confirmed as well', async ({ page, openDevice, mailTo }) => {
  const ada = await signUp(page);
  const phone = await openDevice();
  await openLink(phone, (await mailTo(ada.email, VERIFY)).link);
  await phone.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(phone, '/login');
  await expect(phone.getByRole('status')).toHaveText('Your email address is confirmed.');
});

test('a sign-in on a new device is listed until its owner has looked at it', async ({ page, openDevice, mailTo }) => {
  const ada = await signUp(page);
  await openLink(page, (await mailTo(ada.email, VERIFY)).link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/');
  await signInByRequest(await openDevice(), ada);
  await page.reload();

  const checkUp = page.getByRole('region', { name: 'Security check-up' });
  await expect(checkUp).toContainText('Was this you? There was an unusual event in your account this week.');
  await checkUp.getByRole('link', { name: 'See activity' }).click();
  await expectUrl(page, '/account/activity');
  await visit(page, '/');
  await checkUp.getByRole('button', { name: 'It was all me' }).click();
  await expect(checkUp).toContainText(CLEAN);
  await page.reload();
  await expect(checkUp).toContainText(CLEAN);
});
