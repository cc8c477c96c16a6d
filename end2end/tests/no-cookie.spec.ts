import { expectHydration, javaScriptEnabled } from './support/navigation';
import { type Proxy, startBehindProxy } from './support/proxy';
import { newUser, submitRegistration, submitSignIn } from './support/users';
import { expect, test } from './support/test';

const NO_COOKIE = 'Your browser did not keep the cookie that this site needs to sign you in.';

test.describe('in a browser that keeps no cookies', () => {
  let site: Proxy;
  test.beforeAll(async () => {
    site = await startBehindProxy((headers) => delete headers['set-cookie']);
  });
  test.afterAll(() => site.stop());

  test('people are told why they are not signed in', async ({ page }) => {
    const ada = newUser();
    await page.goto(`${site.origin}/register?next=%2Faccount`);
    await expectHydration(page);
    await submitRegistration(page, ada);
    await expect(page.getByRole('status')).toContainText(NO_COOKIE);
    await expect(page.getByRole('status')).toContainText(`Allow cookies for ${site.origin}`);

    await expectHydration(page);
    await submitSignIn(page, { ...ada, password: 'not this one' });
    await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
    await expectHydration(page);
    await submitSignIn(page, ada);
    await expect(page.getByRole('status')).toContainText(NO_COOKIE);
    await expect(page.locator('input[name=next]')).toHaveValue('/account');
  });

  test('people are told what is wrong with a form', async ({ page }) => {
    await page.goto(`${site.origin}/register`);
    await expectHydration(page);
    await submitRegistration(page, { ...newUser(), password: 'seven77' });
    await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/^Use at least 8 characters\./);
    if (!javaScriptEnabled()) await expect(page.getByRole('status').first()).toContainText(NO_COOKIE);
  });
});

test.describe('at another address than the public URL', () => {
  let site: Proxy;
  test.beforeAll(async () => {
    site = await startBehindProxy(() => {}, { settings: { VESTIBULE_PUBLIC_URL: 'https://app.example' } });
  });
  test.afterAll(() => site.stop());

  test('people are told which address to use', async ({ page, browserErrors }) => {
    browserErrors.expect(/console error: .*status of 403/);
    await page.goto(`${site.origin}/login`);
    await expectHydration(page);
    await submitSignIn(page, newUser());
    await expect(page.getByRole('main')).toContainText('The request did not come from a page of https://app.example itself.');
    await expect(page.getByRole('link', { name: 'Go to the start page' })).toHaveAttribute('href', 'https://app.example');
    expect(await page.context().cookies()).toEqual([]);
  });
});
