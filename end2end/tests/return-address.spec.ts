import type { Page } from '@playwright/test';

import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { endSessionFromOtherDevice, createUser, newUser, signUp, submitRegistration, submitSignIn } from './support/users';
import { expect, test } from './support/test';

/** Decoding it too often or not often enough would change it. */
const RETURN_ADDRESS = '/account/activity?q=a%20b&c=%252F+d%26';

test('sign-in preserves the return address exactly', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, RETURN_ADDRESS);
  await expectExactUrl(page, withReturnAddress('/login', RETURN_ADDRESS));
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await expectExactUrl(page, withReturnAddress('/login', RETURN_ADDRESS));
  await submitSignIn(page, ada);
  await expectExactUrl(page, RETURN_ADDRESS);
});

test('registering preserves the return address exactly', async ({ page }) => {
  const ada = newUser();
  await visit(page, RETURN_ADDRESS);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectExactUrl(page, withReturnAddress('/register', RETURN_ADDRESS));
  await submitRegistration(page, { ...ada, password: 'seven77' });
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectExactUrl(page, withReturnAddress('/register', RETURN_ADDRESS));
  await submitRegistration(page, ada);
  await expectExactUrl(page, RETURN_ADDRESS);
});

test('step-up preserves the return address exactly', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, withReturnAddress('/confirm', RETURN_ADDRESS));
  await confirm(page, 'not this one');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectExactUrl(page, withReturnAddress('/confirm', RETURN_ADDRESS));
  await confirm(page, ada.password);
  await expectExactUrl(page, RETURN_ADDRESS);
});

test('sign-in preserves the fragment', async ({ page, request }) => {
  test.skip(!javaScriptEnabled(), 'browsers do not send the fragment to the server');
  const ada = await createUser(request);
  await visit(page, '/account/activity?page=1#x');
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(page, ada);
  await expectExactUrl(page, '/account/activity?page=1#x');
});

test('registering preserves the fragment', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'browsers do not send the fragment to the server');
  await visit(page, '/account/activity?page=1#x');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectExactUrl(page, withReturnAddress('/register', '/account/activity?page=1#x'));
  await submitRegistration(page, newUser());
  await expectExactUrl(page, '/account/activity?page=1#x');
});

test('the redirect at the end of the session preserves the fragment', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'browsers do not send the fragment to the server');
  const ada = await signUp(page);
  await visit(page, '/account?from=mail#x');
  await endSessionFromOtherDevice(page, ada);
  await expectExactUrl(page, withReturnAddress('/login', '/account?from=mail#x'));
  await submitSignIn(page, ada);
  await expectExactUrl(page, '/account?from=mail#x');
});

for (const next of ['/session/events', '/api/sign_out', '/pkg/vestibule.css', '/healthz', '/nowhere']) {
  test(`${next} is not accepted as a return address, since it is not a page`, async ({ page, request }) => {
    const { name, email, password } = await createUser(request);
    await visit(page, withReturnAddress('/login', next));
    await submitSignIn(page, { name, email, password });
    await expectExactUrl(page, '/');
    await visit(page, withReturnAddress('/login', next));
    await expectExactUrl(page, '/');
    const forged = await request.post('/api/sign_in', {
      form: { email, password, next },
      headers: { Accept: 'text/html' },
      maxRedirects: 0,
    });
    expect([forged.status(), forged.headers()['location']]).toEqual([303, '/']);
  });
}

test('a trailing slash is removed by a redirect', async ({ request, baseURL }) => {
  const get = async (path: string) => {
    const response = await request.get(baseURL + path, { maxRedirects: 0 });
    return [response.status(), response.headers()['location']];
  };
  expect(await get('/login/?next=%2Faccount')).toEqual([308, '/login?next=%2Faccount']);
  expect(await get('/account/activity/')).toEqual([308, '/account/activity']);
  for (const path of ['//evil.example/', '/login//', '//login/', '/nowhere/']) {
    expect(await get(path), path).toEqual([404, undefined]);
  }
});

test('GET at the address of a server function redirects to the page of its form', async ({ page }) => {
  await visit(page, '/api/sign_in');
  await expectExactUrl(page, '/login');
  await signUp(page);
  await visit(page, '/api/rename');
  await expectExactUrl(page, '/account');
});

function withReturnAddress(page: string, next: string): string {
  return `${page}?next=${encodeURIComponent(next)}`;
}

/** Like `expectUrl`, but compares the URL as a string, without normalization. */
async function expectExactUrl(page: Page, address: string): Promise<void> {
  await expect.poll(() => page.url().slice(new URL(page.url()).origin.length)).toBe(address);
  await expectUrl(page, address);
}

async function confirm(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
