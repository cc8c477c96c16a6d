import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { rewritePages } from './support/rewrite-html';
import { signUp, sessionCookie } from './support/users';
import { expect, test } from './support/test';

test('an unknown path shows the 404 page', async ({ page, browserErrors }) => {
  browserErrors.expect(/console error: .*status of 404/);
  const response = await page.goto('/nowhere');
  expect(response?.status()).toBe(404);
  await expect(page).toHaveTitle('Page not found · Vestibule');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');

  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await expectUrl(page, '/login?next=%2F');
});

test('a violation of the content security policy is noticed by these tests', async ({ page, browserErrors }) => {
  browserErrors.expect(/console error: .*Content Security Policy/);
  if (javaScriptEnabled()) browserErrors.expect(/console error: content security policy: style-src-attr inline/);
  await rewritePages(page, (html) => html.replace('<body>', '<body><p style="color: red">Red</p>'));
  await visit(page, '/login');
  await expect(page.getByText('Red')).not.toHaveCSS('color', 'rgb(255, 0, 0)');
});

test('a form posted from another site is rejected', async ({ page, context, baseURL, browserErrors }) => {
  const ada = await signUp(page);
  await visit(page, '/');
  await context.route('http://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${baseURL}/api/sign_out"><button>Win a prize</button></form>`,
    }),
  );
  const otherSite = await context.newPage();
  await otherSite.goto('http://evil.example/');
  browserErrors.expect(/console error: .*status of 403/);
  const response = otherSite.waitForResponse(`${baseURL}/api/sign_out`);
  await otherSite.getByRole('button', { name: 'Win a prize' }).click();
  expect((await response).status()).toBe(403);
  await expect(otherSite.getByRole('heading', { level: 1 })).toHaveText('That was not carried out');

  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
});

for (const [header, value] of [
  ['Origin', 'http://evil.example'],
  ['Origin', 'null'],
  ['Sec-Fetch-Site', 'cross-site'],
]) {
  test(`a request with ${header}: ${value} is rejected`, async ({ page, request }) => {
    await signUp(page);
    const Cookie = await sessionCookie(page);
    const forged = await request.post('/api/sign_out', { headers: { Cookie, [header]: value } });
    expect(forged.status()).toBe(403);
    const home = await request.get('/', { headers: { Cookie }, maxRedirects: 0 });
    expect(home.status()).toBe(200);
  });
}
