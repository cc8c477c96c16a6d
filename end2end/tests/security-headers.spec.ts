import { visit } from './support/navigation';
import { signUp } from './support/users';
import { expect, test } from './support/test';

for (const path of ['/', '/login', '/register', '/nowhere', '/healthz', '/robots.txt']) {
  test(`security headers are sent for ${path}`, async ({ request }) => {
    const response = await request.get(path, { maxRedirects: 0, headers: { Accept: 'text/html' } });
    expect(response.headers()).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(response.headers()).not.toHaveProperty('strict-transport-security');
    expect(response.headers()).not.toHaveProperty('server');
  });
}

test('the content security policy allows only scripts from this origin', async ({ request }) => {
  const response = await request.get('/login');
  const policy = response.headers()['content-security-policy'];
  expect(policy).toMatch(/^default-src 'none'; /);
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).toContain("form-action 'self'");
  for (const unsafe of ['unsafe-inline', "'unsafe-eval'", 'nonce']) expect(policy).not.toContain(unsafe);
});

test('no page contains an inline script, an inline style or a nonce', async ({ page, context, request }) => {
  await signUp(page);
  const paths = ['/', '/account', '/account/security', '/account/sessions', '/account/activity', '/confirm'];
  const pages = [...paths.map((path) => context.request.get(path)), request.get('/login'), request.get('/register')];
  for (const response of await Promise.all(pages)) {
    const html = await response.text();
    const scripts = html.match(/<script[^>]*>[^<]*/g);
    expect(scripts, response.url()).toEqual([expect.stringMatching(/^<script type="module" src="\/start\.js\?[\w-]+">$/)]);
    expect(html).not.toMatch(/<style|\sstyle=|\snonce|\son\w+=|javascript:/i);
  }
});

test('an injected script does not run', async ({ page, browserErrors }) => {
  browserErrors.expect(/content security policy: script-src-elem inline/);
  browserErrors.expect(/console error: .*Content Security Policy/);
  await visit(page, '/login');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.head.append(script);
  });
  await expect(page).toHaveTitle('Sign in · Vestibule');
});

test('pages must not be stored by caches or transformed by proxies', async ({ page, request }) => {
  await signUp(page);
  const home = await page.goto('/');
  expect(home?.headers()['cache-control']).toBe('no-store, no-transform');
  const login = await request.get('/login');
  expect(login.headers()['cache-control']).toBe('no-store, no-transform');
});

test('GET requests do not start a session', async ({ request }) => {
  for (const path of ['/', '/login', '/register', '/nowhere']) {
    const response = await request.get(path, { maxRedirects: 0 });
    expect(response.headers()).not.toHaveProperty('set-cookie');
  }
});
