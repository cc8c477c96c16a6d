import type { Page } from '@playwright/test';

import { arrive, scripted, visit } from './support/arrival';
import { endBehind, member, newcomer, resident, submitRegistration, submitSignIn } from './support/people';
import { expect, test } from './support/test';

/** Each part of it would be lost if it were decoded once too often or too seldom. */
const ADDRESS = '/account/activity?q=a%20b&c=%252F+d%26';

test('the return address comes through sign-in byte for byte', async ({ page, request }) => {
  const ada = await member(request);
  await visit(page, ADDRESS);
  await arriveExactly(page, carried('/login', ADDRESS));
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await arriveExactly(page, carried('/login', ADDRESS));
  await submitSignIn(page, ada);
  await arriveExactly(page, ADDRESS);
});

test('the return address comes through registering byte for byte', async ({ page }) => {
  const ada = newcomer();
  await visit(page, ADDRESS);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await arriveExactly(page, carried('/register', ADDRESS));
  await submitRegistration(page, { ...ada, password: 'seven77' });
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await arriveExactly(page, carried('/register', ADDRESS));
  await submitRegistration(page, ada);
  await arriveExactly(page, ADDRESS);
});

test('the return address comes through confirming byte for byte', async ({ page }) => {
  const ada = await resident(page);
  await visit(page, carried('/confirm', ADDRESS));
  await confirm(page, 'not this one');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await arriveExactly(page, carried('/confirm', ADDRESS));
  await confirm(page, ada.password);
  await arriveExactly(page, ADDRESS);
});

test('a fragment comes through sign-in', async ({ page, request }) => {
  test.skip(!scripted(), 'the server never sees a fragment');
  const ada = await member(request);
  await visit(page, '/account/activity?page=1#x');
  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(page, ada);
  await arriveExactly(page, '/account/activity?page=1#x');
});

test('a fragment comes through registering', async ({ page }) => {
  test.skip(!scripted(), 'the server never sees a fragment');
  await visit(page, '/account/activity?page=1#x');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await arriveExactly(page, carried('/register', '/account/activity?page=1#x'));
  await submitRegistration(page, newcomer());
  await arriveExactly(page, '/account/activity?page=1#x');
});

test('a fragment comes through the end of the session', async ({ page }) => {
  test.skip(!scripted(), 'the server never sees a fragment');
  const ada = await resident(page);
  await visit(page, '/account?from=mail#x');
  await endBehind(page, ada);
  await arriveExactly(page, carried('/login', '/account?from=mail#x'));
  await submitSignIn(page, ada);
  await arriveExactly(page, '/account?from=mail#x');
});

for (const next of ['/session/events', '/api/sign_out', '/pkg/vestibule.css', '/healthz', '/nowhere']) {
  test(`only pages are return addresses, not ${next}`, async ({ page, request }) => {
    const { name, email, password } = await member(request);
    await visit(page, carried('/login', next));
    await submitSignIn(page, { name, email, password });
    await arriveExactly(page, '/');
    await visit(page, carried('/login', next));
    await arriveExactly(page, '/');
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
  await arriveExactly(page, '/login');
  await resident(page);
  await visit(page, '/api/rename');
  await arriveExactly(page, '/account');
});

function carried(page: string, next: string): string {
  return `${page}?next=${encodeURIComponent(next)}`;
}

/** As `arrive`, without the leniency of comparing addresses as a browser understands them. */
async function arriveExactly(page: Page, address: string): Promise<void> {
  await expect.poll(() => page.url().slice(new URL(page.url()).origin.length)).toBe(address);
  await arrive(page, address);
}

async function confirm(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
