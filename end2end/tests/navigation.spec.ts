import type { Page } from '@playwright/test';

import { arrive, visit } from './support/arrival';
import { resident, sessionCookie } from './support/people';
import { expect, test } from './support/test';

test('moving between pages loads no new document', async ({ page }) => {
  await visit(page, '/login');
  const sameDocument = await markDocument(page);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await arrive(page, '/register');
  await expect(page).toHaveTitle('Create an account · Vestibule');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await arrive(page, '/login');
  expect(await sameDocument()).toBe(true);
});

test('a link to a protected page leads a stranger to sign-in', async ({ page }) => {
  await visit(page, '/login');
  const sameDocument = await markDocument(page);
  await page.getByRole('link', { name: 'Vestibule' }).click();
  await arrive(page, '/login?next=%2F');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  expect(await sameDocument()).toBe(true);
});

test('the home page draws itself in the browser as well', async ({ page }) => {
  const ada = await resident(page);
  await visit(page, '/account');
  const sameDocument = await markDocument(page);
  const asked = page.waitForResponse('/api/home');
  await follow(page, 'Home');
  await arrive(page, '/');
  expect((await asked).status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await expect(page.getByRole('region', { name: 'This session' })).toContainText('just now');
  expect(await sameDocument()).toBe(true);
});

test('all pages lead to all others, and back, in one document', async ({ page }) => {
  const ada = await resident(page);
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/session/events')) streams.push(request.url());
  });
  const places = [
    { name: 'Home', path: '/', heading: `Hello, ${ada.name}`, shows: 'This session' },
    { name: 'Account', path: '/account', heading: 'Account', shows: 'Change name' },
    { name: 'Security', path: '/account/security', heading: 'Security', shows: 'Change your password' },
    { name: 'Sessions', path: '/account/sessions', heading: 'Sessions', shows: 'This device' },
    { name: 'Activity', path: '/account/activity', heading: 'Activity', shows: 'Account created' },
  ];
  const expectPlace = async ({ name, path, heading, shows }: (typeof places)[number]) => {
    await arrive(page, path);
    await expect(page).toHaveTitle(`${name} · Vestibule`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByRole('main')).toContainText(shows);
    await expect(page.locator('[aria-current]')).toHaveText([name]);
    await expect(page.locator('[aria-current]')).toHaveAttribute('aria-current', 'page');
  };
  await visit(page, '/');
  const sameDocument = await markDocument(page);
  await expectPlace(places[0]);
  for (const place of places.slice(1)) {
    await follow(page, place.name);
    await expectPlace(place);
  }
  for (const place of places.slice(0, -1).reverse()) {
    await page.goBack();
    await expectPlace(place);
  }
  for (const place of places.slice(1)) {
    await page.goForward();
    await expectPlace(place);
  }
  await follow(page, 'Home');
  await expectPlace(places[0]);
  expect(await sameDocument()).toBe(true);
  expect(streams, 'streams that one document opened').toHaveLength(1);
});

test('whose session was ended elsewhere is led to sign-in, even without the news', async ({
  page,
  request,
  baseURL,
  faults,
}) => {
  const ada = await resident(page);
  // To this answer a browser does not come back.
  await page.route('/session/events', (route) => route.fulfill({ status: 204 }));
  await visit(page, '/account');
  const elsewhere = { Cookie: await sessionCookie(page), Origin: baseURL!, Accept: 'text/html' };
  const ended = await request.post('/api/sign_out', { headers: elsewhere, maxRedirects: 0 });
  expect(ended.headers()['location']).toBe('/login');

  faults.expect(/console error: .*status of 401 .*\/api\/home/);
  await follow(page, 'Home');
  await arrive(page, '/login?next=%2F');
  await expect(page.getByText(ada.name)).toBeHidden();
});

async function follow(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name }).click();
}

/** Leaves a mark that goes with the document; the answer tells whether it is still there. */
async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => (document.documentElement.dataset.mark = 'here'));
  return () => page.evaluate(() => document.documentElement.dataset.mark === 'here');
}
