import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { signUp } from './support/users';
import { expect, test } from './support/test';

test('the name can be changed', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/account');
  await expect(page.getByText(`Signed in as ${ada.email}.`)).toBeVisible();
  const name = page.getByLabel('Name');
  await expect(name).toHaveValue(ada.name);
  await name.fill('  Grace <b>Hopper</b> ');
  await page.getByRole('button', { name: 'Change name' }).click();

  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
  await expectUrl(page, '/account');
  await expect(page.getByRole('banner')).toContainText('Grace <b>Hopper</b>');
  await expect(name).toHaveValue('Grace <b>Hopper</b>');

  await visit(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Grace <b>Hopper</b>');
  await expect(page.getByRole('status')).toBeHidden();
});

test('an invalid name is rejected', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/account');
  const name = page.getByLabel('Name');
  for (const [typed, message] of [
    ['A\u200bda', 'Remove the invisible character after “A”.'],
    ['a'.repeat(101), 'Use at most 100 characters.'],
    ['', 'Enter your name.'],
  ]) {
    await name.fill(typed);
    await page.getByRole('button', { name: 'Change name' }).click();
    await expect(name).toHaveAccessibleDescription(message);
    await expect(name).toHaveAttribute('aria-invalid', 'true');
    if (javaScriptEnabled()) await expect(name).toBeFocused();
    await expectUrl(page, '/account');
    await expect(name).toHaveValue(typed);
  }
  await expect(page.getByRole('banner')).toContainText(ada.name);

  await page.reload();
  await expectUrl(page, '/account');
  await expect(name).not.toHaveAttribute('aria-invalid');
  await expect(name).toHaveValue(ada.name);
});
