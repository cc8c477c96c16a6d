import { readFile } from 'node:fs/promises';

import { expectUrl, visit } from './support/navigation';
import { shortLived } from './support/short-lived';
import { signInByRequest, signUp } from './support/users';
import { expect, test } from './support/test';

test.use(shortLived);

test('people download their data, after a step-up', async ({ page }) => {
  const ada = await signUp(page);
  await signInByRequest(page, ada, { remember: true });
  await visit(page, '/account');
  const hint = page.getByText('You will be asked for your password first, since you signed in a while ago.').first();
  await expect(hint).toBeHidden();
  await expect(async () => {
    await page.reload();
    await expect(hint).toBeVisible({ timeout: 100 });
  }).toPass({ intervals: [1000] });

  await page.getByRole('link', { name: 'Download my data' }).click();
  await expectUrl(page, '/confirm?next=%2Faccount');
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expectUrl(page, '/account');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download my data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('vestibule-data.json');
  const data = await readFile(await download.path(), 'utf8');
  expect(JSON.parse(data)).toMatchObject({ profile: { name: ada.name, email: ada.email } });
  expect(data).not.toContain(ada.password);
});
