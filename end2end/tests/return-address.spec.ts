import type { Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { endSessionFromOtherDevice, createUser, newUser, signUp, submitRegistration, submitSignIn } from './support/users';
import { expect, test } from './support/test';

/** Each part of it would be lost if it were decoded once too often or too seldom. */
const ADDRESS = '/account/activity?q=a%20b&c=%252F+d%26';

test('the return address comes through sign-in byte for byte', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, ADDRESS);
  await expectExactUrl(page, carried('/login', ADDRESS));
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await expectExactUrl(page, carried('/login', ADDRESS));
  await submitSignIn(page, ada);
  await expectExactUrl(page, ADDRESS);
});

test('the return address comes through registering byte for byte', async ({ page }) => {
  const ada = newUser();
  await visit(page, ADDRESS);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectExactUrl(page, carried('/register', ADDRESS));
  await submitRegistration(page, { ...ada, password: 'seven77' });
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectExactUrl(page, carried('/register', ADDRESS));
  await submitRegistration(page, ada);
  await expectExactUrl(page, ADDRESS);
});

test('the return address comes through confirming byte for byte', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, carried('/confirm', ADDRESS));
  await confirm(page, 'not this one');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectExactUrl(page, carried('/confirm', ADDRESS));
  await confirm(page, ada.password);
  await expectExactUrl(page, ADDRESS);
});

test('a fragment comes through sign-in', async ({ page, request }) => {
  test.skip(!javaScriptEnabled(), 'the server never sees a fragment');
  const ada = await createUser(request);
  await visit(page, '/account/activity?page=1#x');
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(page, ada);
  await expectExactUrl(page, '/account/activity?page=1#x');
});

test('a fragment comes through registering', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the server never sees a fragment');
  await visit(page, '/account/activity?page=1#x');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectExactUrl(page, carried('/register', '/account/activity?page=1#x'));
  await submitRegistration(page, newUser());
  await expectExactUrl(page, '/account/activity?page=1#x');
});

test('a fragment comes through the end of the session', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the server never sees a fragment');
  const ada = await signUp(page);
  await visit(page, '/account?from=mail#x');
  await endSessionFromOtherDevice(page, ada);
  await expectExactUrl(page, carried('/login', '/account?from=mail#x'));
  await submitSignIn(page, ada);
  await expectExactUrl(page, '/account?from=mail#x');
});

for (const next of ['/session/events', '/api/sign_out', '/pkg/vestibule.css', '/healthz', '/nowhere']) {
  test(`only pages are return addresses, not ${next}`, async ({ page, request }) => {
    const { name, email, password } = await createUser(request);
    await visit(page, carried('/login', next));
    await submitSignIn(page, { name, email, password });
    await expectExactUrl(page, '/');
    await visit(page, carried('/login', next));
    await expectExactUrl(page, '/');
    const forged = await request.post('/api/sign_in', {
      form: { email, password, next },
      headers: { Accept: 'text/html' },
      maxRedirects: 0,
    });
    expect([forged.status(), forged.headers()['location']]).toEqual([303, '/']);
  });
}

test('a slash at the end of the address of a page is taken off', async ({ request, baseURL }) => {
  const asked = async (path: string) => {
    const response = await request.get(baseURL + path, { maxRedirects: 0 });
    return [response.status(), response.headers()['location']];
  };
  expect(await asked('/login/?next=%2Faccount')).toEqual([308, '/login?next=%2Faccount']);
  expect(await asked('/account/activity/')).toEqual([308, '/account/activity']);
  for (const path of ['//evil.example/', '/login//', '//login/', '/nowhere/']) {
    expect(await asked(path), path).toEqual([404, undefined]);
  }
});

test('the address that a form was posted to leads back to the form', async ({ page }) => {
  await visit(page, '/api/sign_in');
  await expectExactUrl(page, '/login');
  await signUp(page);
  await visit(page, '/api/rename');
  await expectExactUrl(page, '/account');
});

function carried(page: string, next: string): string {
  return `${page}?next=${encodeURIComponent(next)}`;
}

/** As `expectUrl`, without the leniency of comparing addresses as a browser understands them. */
async function expectExactUrl(page: Page, address: string): Promise<void> {
  await expect.poll(() => page.url().slice(new URL(page.url()).origin.length)).toBe(address);
  await expectUrl(page, address);
}

async function confirm(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
