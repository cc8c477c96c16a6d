import type { APIRequestContext, APIResponse } from '@playwright/test';

import { createUser, newUser } from './support/users';
import { validateHtml, validateMail } from './support/validate-html';
import { expect, test } from './support/test';

const SIGNED_OUT = [
  '/login',
  '/login?next=%2Faccount%3Fq%3D%2522%2526%253C',
  '/login?next=%2F&signed-in=1',
  '/register',
  '/register?next=%2Faccount',
  '/register?sent=1',
  '/register/x',
  '/forgot-password',
  '/forgot-password?sent=1',
  '/reset-password/x',
  '/verify-email/x',
  '/undo-email-change/x',
  '/report-sign-in/x',
  '/outbox/last',
];
const SIGNED_IN = ['/', '/account', '/account/security', '/account/sessions', '/account/activity', '/confirm?next=%2Faccount'];
const HTML = { Accept: 'text/html' };

for (const path of SIGNED_OUT) {
  test(`${path} is valid HTML`, async ({ request }) => {
    await expectValid(await request.get(path, { headers: HTML }), 200);
  });
}

test('the pages of an account are valid HTML', async ({ request, openDevice }) => {
  const ada = { ...newUser(), name: `"Ada" & <b>O'Hara</b>` };
  await createUser(request, ada);
  const { email, password } = ada;
  const other = await openDevice();
  await other.request.post('/api/sign_in', { form: { email, password, remember: 'on' } });
  await other.request.post('/api/sign_in', { form: { email, password: 'not this one' } });
  for (const path of SIGNED_IN) await expectValid(await request.get(path, { headers: HTML }), 200);
  await post(request, '/api/rename', { name: 'Grace' });
  await expectValid(await request.get('/account', { headers: HTML }), 200, 'Your name has been changed.');
  await post(other.request, '/api/end_other_sessions', {});
  await expectValid(await request.get('/account', { headers: HTML }), 200, 'This session was ended from another device.');
});

for (const [form, page, fields, message] of [
  ['/api/sign_in', '/login', { email: '"ada', password: '' }, 'Enter a password.'],
  ['/api/sign_in', '/login', { email: 'ada@example.org', password: 'not this one', remember: 'on' }, 'Incorrect email or password.'],
  ['/api/register', '/register', { name: '', email: '<ada>', password: 'seven77' }, 'Use at least 8 characters.'],
] as const) {
  test(`${page} is valid HTML after: ${message}`, async ({ request }) => {
    await post(request, form, fields);
    await expectValid(await request.get(page, { headers: HTML }), 200, message);
  });
}

test('the pages of an account are valid HTML after rejected forms', async ({ request }) => {
  await createUser(request);
  for (const [form, page, fields, message] of [
    ['/api/rename', '/account', { name: '' }, 'Enter your name.'],
    ['/api/change_email', '/account', { email: 'x' }, 'Enter an email address like'],
    ['/api/delete_account', '/account', { confirmation: 'x' }, 'exactly as it is shown above'],
    ['/api/change_password', '/account/security', { current_password: 'x', new_password: 'violet anchor new' }, 'Incorrect password.'],
    ['/api/confirm', '/confirm', { password: 'x' }, 'Incorrect password.'],
  ] as const) {
    await post(request, form, fields);
    await expectValid(await request.get(page, { headers: HTML }), 200, message);
  }
});

test('mails, and the pages that they lead to, are valid HTML', async ({ request, openDevice, mailTo }) => {
  const ada = { ...newUser(), name: `"Ada" & <b>O'Hara</b>` };
  await createUser(request, ada);
  const thief = await openDevice();
  const visitor = await openDevice();
  const { email, password } = ada;
  await thief.request.post('/api/sign_in', { form: { email, password } });
  await post(visitor.request, '/api/forgot_password', { email });
  const grace = newUser();
  await post(request, '/api/change_email', { email: grace.email });
  for (const [address, subject, page] of [
    [email, 'Confirm your email address', '/verify-email'],
    [email, 'New sign-in to Vestibule', '/report-sign-in'],
    [email, 'Choose a new password for Vestibule', '/reset-password'],
    [grace.email, 'Confirm your new email address', '/verify-email'],
  ]) {
    const { html, link } = await mailTo(address, subject);
    expect.soft(validateMail(html), subject).toEqual([]);
    for (const browser of [request, visitor.request]) {
      const response = await browser.get(link, { headers: HTML });
      expect(new URL(response.url()).pathname).toBe(page);
      await expectValid(response, 200, 'name="token"');
    }
  }
});

test('error pages are valid HTML', async ({ request }) => {
  await expectValid(await request.get('/nowhere', { headers: HTML }), 404);
  await expectValid(await request.get('/api/nowhere', { headers: HTML }), 404);
  await expectValid(await request.put('/login', { headers: HTML }), 405);
  await expectValid(await request.post('/api/sign_in', { headers: HTML }), 400);
  await expectValid(await request.post('/api/sign_in', { headers: { ...HTML, Origin: 'null' } }), 403, 'did not come from');
  await expectValid(await request.post('/api/sign_in', { headers: HTML, data: 'x'.repeat(100_000) }), 413);
});

test('every page has a description', async ({ request }) => {
  for (const path of ['/login', '/register', '/forgot-password']) {
    expect(await (await request.get(path)).text()).toMatch(/<meta name="description" content="[^"]{20,160}">/);
  }
});

test('what is wrong with a page is noticed', () => {
  const html = '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><p id="a"><div id="a"></div></p></body></html>';
  expect(validateHtml(html).map((problem) => problem.split(':')[0])).toContain('no-dup-id');
});

async function post(request: APIRequestContext, path: string, form: Record<string, string>): Promise<void> {
  const response = await request.post(path, { form, headers: HTML, maxRedirects: 0 });
  expect(response.status()).toBe(303);
}

async function expectValid(response: APIResponse, status: number, text = ''): Promise<void> {
  const html = await response.text();
  expect(response.status(), response.url()).toBe(status);
  expect(response.headers()['content-type']).toBe('text/html; charset=utf-8');
  expect(html).toContain(text);
  expect.soft(validateHtml(html), response.url()).toEqual([]);
}
