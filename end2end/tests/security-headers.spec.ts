import type { APIRequestContext } from '@playwright/test';

import { visit } from './support/arrival';
import { resident } from './support/people';
import { expect, test } from './support/test';

for (const path of ['/', '/login', '/register', '/nowhere', '/healthz', '/robots.txt']) {
  test(`browsers are told what not to do at ${path}`, async ({ request }) => {
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

test('only the script with the nonce of this very response may run', async ({ request }) => {
  const first = await login(request);
  expect(first.policy).not.toContain('unsafe-inline');
  expect(first.policy).not.toContain("'unsafe-eval'");
  expect(first.policy).toMatch(/^default-src 'none'; /);
  expect(first.policy).toContain("base-uri 'none'");
  expect(first.policy).toContain("form-action 'self'");
  expect(first.nonce).toMatch(/^[\w+/=-]{16,}$/);
  expect(first.body).toContain(`nonce="${first.nonce}"`);

  const second = await login(request);
  expect(second.nonce).not.toBe(first.nonce);
  expect(second.body).not.toContain(first.nonce);
});

test('a script that somebody smuggled in does not run', async ({ page, faults }) => {
  faults.expect(/content security policy: script-src-elem inline/);
  faults.expect(/console error: .*Content Security Policy/);
  await visit(page, '/login');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.head.append(script);
  });
  await expect(page).toHaveTitle('Sign in · Vestibule');
});

test('nobody keeps a copy of what was drawn for one person', async ({ page, request }) => {
  await resident(page);
  const home = await page.goto('/');
  expect(home?.headers()['cache-control']).toBe('no-store');
  const door = await request.get('/login');
  expect(door.headers()['cache-control']).toBe('no-store');
});

test('reading pages begins no session', async ({ request }) => {
  for (const path of ['/', '/login', '/register', '/nowhere']) {
    const response = await request.get(path, { maxRedirects: 0 });
    expect(response.headers()).not.toHaveProperty('set-cookie');
  }
});

async function login(request: APIRequestContext): Promise<{ policy: string; nonce: string; body: string }> {
  const response = await request.get('/login');
  const policy = response.headers()['content-security-policy'];
  const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
  return { policy, nonce, body: await response.text() };
}
