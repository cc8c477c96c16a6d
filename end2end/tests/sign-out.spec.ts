import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { cookiesOf, signUp, sessionCookie, signOut } from './support/users';
import { expect, test } from './support/test';

test('signing out redirects to sign-in and deletes the cookie', async ({ page }) => {
  await signUp(page);
  await visit(page, '/');
  await signOut(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  expect(await cookiesOf(page)).toEqual([]);
});

test('a stolen cookie does not work after sign-out', async ({ page, request }) => {
  await signUp(page);
  await visit(page, '/');
  const stolen = { headers: { Cookie: await sessionCookie(page) }, maxRedirects: 0 };
  expect((await request.get('/', stolen)).status()).toBe(200);

  await signOut(page);
  const response = await request.get('/', stolen);
  expect([response.status(), response.headers()['location']]).toEqual([303, '/login?next=%2F']);
  expect(await response.text()).toBe('');
});

test('the back button shows nothing private after sign-out', async ({ page }) => {
  const ada = await signUp(page);
  await visit(page, '/');
  await signOut(page);

  await page.goBack();
  await expectUrl(page, '/login?next=%2F');
  await expect(page.getByText(ada.name)).toBeHidden();
  await expect(page.getByText(ada.email)).toBeHidden();
});

test('the browser stores nothing that scripts can read', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'only scripts could store anything');
  const empty = { cookie: '', local: 0, session: 0, caches: [], databases: [] };
  const stored = () =>
    page.evaluate(async () => ({
      cookie: document.cookie,
      local: localStorage.length,
      session: sessionStorage.length,
      caches: await caches.keys(),
      databases: await indexedDB.databases(),
    }));

  await signUp(page);
  await visit(page, '/');
  expect(await stored()).toEqual(empty);
  await signOut(page);
  expect(await stored()).toEqual(empty);
});
