import { expectUrl, visit } from './support/navigation';
import { testOnServerWith } from './support/own-server';
import { createUser } from './support/users';
import { expect } from './support/test';

// Of its own, since it is about the last of all mails.
const test = testOnServerWith({});

test('in development the sign-in page leads to the last mail', async ({ page, request, origin, mailTo }) => {
  await visit(page, '/login');
  await expect(page.getByText('Development: mails are files in')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open the last one' })).toBeHidden();
  const ada = await createUser(request);
  const { link } = await mailTo(ada.email, 'Confirm your email address');
  await page.reload();
  await page.getByRole('link', { name: 'Open the last one' }).click();
  await expect(page).toHaveURL('/outbox/last');
  await expect(page.getByText(`To: ${ada.email}`)).toBeVisible();
  const button = page.getByRole('link', { name: 'Confirm email address' });
  await expect(button).toHaveAttribute('href', link);
  await button.click();
  await expectUrl(page, '/verify-email');

  const headers = { Host: 'evil.example' };
  expect((await request.get(`${origin}/outbox/last`, { headers })).status()).toBe(404);
});
