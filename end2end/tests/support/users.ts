import { randomUUID } from 'node:crypto';

import { type APIRequestContext, type Cookie, expect, type Page, test } from '@playwright/test';

import { expectUrl, visit } from './navigation';

export interface User {
  name: string;
  email: string;
  password: string;
}

/** The data of a user without an account. */
export function newUser(): User {
  const id = randomUUID().slice(0, 8);
  return { name: `Ada ${id}`, email: `ada.${id}@example.org`, password: `violet anchor ${id}` };
}

/** Creates an account without the form; `request` is signed in afterwards. */
export async function createUser(request: APIRequestContext, user = newUser()): Promise<User> {
  const response = await request.post('/api/register', {
    form: { ...user },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()).toMatchObject({ location: '/' });
  return user;
}

/** Creates an account without the form; `page` is signed in afterwards. */
export async function signUp(page: Page): Promise<User> {
  return createUser(page.request);
}

/** Signs in without the form. */
export async function signInByRequest(page: Page, user: User, { remember = false } = {}): Promise<void> {
  const { email, password } = user;
  const response = await page.request.post('/api/sign_in', {
    form: { email, password, ...(remember && { remember: 'on' }) },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()).toMatchObject({ location: '/' });
}

export async function register(page: Page, user: User): Promise<void> {
  await visit(page, '/register');
  await submitRegistration(page, user);
  await expectUrl(page, '/');
}

export async function submitRegistration(page: Page, user: User): Promise<void> {
  await page.getByLabel('Name').fill(user.name);
  await page.getByLabel('Email').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

export async function signIn(page: Page, user: User, { remember = false } = {}): Promise<void> {
  await visit(page, '/login');
  await submitSignIn(page, user, { remember });
  await expectUrl(page, '/');
}

export async function submitSignIn(page: Page, user: User, { remember = false } = {}): Promise<void> {
  await page.getByLabel('Email').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByLabel('Keep me signed in').setChecked(remember);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expectUrl(page, '/login');
}

/** Signs in on another device and ends the session of `page` from there. */
export async function endSessionFromOtherDevice(page: Page, { email, password }: User): Promise<void> {
  const { origin } = new URL(page.url());
  const otherDevice = await page.context().browser()!.newContext({ baseURL: origin });
  const post = (path: string, form: Record<string, string>) =>
    otherDevice.request.post(path, { form, headers: { Accept: 'text/html', Origin: origin }, maxRedirects: 0 });
  await post('/api/sign_in', { email, password });
  const response = await post('/api/end_other_sessions', {});
  expect(response.headers()).toMatchObject({ location: '/account/sessions' });
  await otherDevice.close();
}

/** Signs out with the cookie of the browser, by a request that the browser does not see. */
export async function signOutOutsideBrowser(page: Page, request: APIRequestContext): Promise<void> {
  const { origin } = new URL(page.url());
  const headers = { Cookie: await sessionCookie(page), Origin: origin, Accept: 'text/html' };
  const response = await request.post(`${origin}/api/sign_out`, { headers, maxRedirects: 0 });
  expect(response.headers()).toMatchObject({ location: '/login' });
}

/** The session cookie as the browser sends it. */
export async function sessionCookie(page: Page): Promise<string> {
  const cookies = await cookiesOf(page);
  expect(cookies.map((cookie) => cookie.name)).toEqual([sessionCookieName(page)]);
  return `${cookies[0].name}=${cookies[0].value}`;
}

/** Cookies are for all ports of a host, so their names say the port. */
export function sessionCookieName(page: Page): string {
  const url = page.url() === 'about:blank' ? test.info().project.use.baseURL! : page.url();
  return `id_${new URL(url).port}`;
}

/** The cookies of the browser, but the one that it is known by after a sign-in: that gives no access. */
export async function cookiesOf(page: Page): Promise<Cookie[]> {
  return (await page.context().cookies()).filter((cookie) => !cookie.name.startsWith('device'));
}
