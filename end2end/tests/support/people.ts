import { randomUUID } from 'node:crypto';

import { type APIRequestContext, expect, type Page } from '@playwright/test';

import { arrive, visit } from './arrival';

export interface Person {
  name: string;
  email: string;
  password: string;
}

/** A person without an account. */
export function newcomer(): Person {
  const id = randomUUID().slice(0, 8);
  return { name: `Ada ${id}`, email: `ada.${id}@example.org`, password: `violet anchor ${id}` };
}

/** A person with an account, not signed in. */
export async function member(request: APIRequestContext, person = newcomer()): Promise<Person> {
  const response = await request.post('/api/register', {
    form: { ...person },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()).toMatchObject({ location: '/' });
  return person;
}

/** A person with a new account, signed in; the forms on the way have tests of their own. */
export async function resident(page: Page): Promise<Person> {
  return member(page.request);
}

/** Signs in without the form. */
export async function enter(page: Page, person: Person, { remember = false } = {}): Promise<void> {
  const { email, password } = person;
  const response = await page.request.post('/api/sign_in', {
    form: { email, password, ...(remember && { remember: 'on' }) },
    headers: { Accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()).toMatchObject({ location: '/' });
}

export async function register(page: Page, person: Person): Promise<void> {
  await visit(page, '/register');
  await submitRegistration(page, person);
  await arrive(page, '/');
}

export async function submitRegistration(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

export async function signIn(page: Page, person: Person, { remember = false } = {}): Promise<void> {
  await visit(page, '/login');
  await submitSignIn(page, person, { remember });
  await arrive(page, '/');
}

export async function submitSignIn(page: Page, person: Person, { remember = false } = {}): Promise<void> {
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByLabel('Keep me signed in').setChecked(remember);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await arrive(page, '/login');
}

/** Ends the session of the browser from somewhere else. */
export async function endBehind(page: Page, { email, password }: Person): Promise<void> {
  const { origin } = new URL(page.url());
  const elsewhere = await page.context().browser()!.newContext({ baseURL: origin });
  const post = (path: string, form: Record<string, string>) =>
    elsewhere.request.post(path, { form, headers: { Accept: 'text/html' }, maxRedirects: 0 });
  await post('/api/sign_in', { email, password });
  const response = await post('/api/end_other_sessions', {});
  expect(response.headers()).toMatchObject({ location: '/account/sessions' });
  await elsewhere.close();
}

/** Ends the session of the browser at once, by its cookie, without the browser's knowledge. */
export async function signOutElsewhere(page: Page, request: APIRequestContext): Promise<void> {
  const { origin } = new URL(page.url());
  const headers = { Cookie: await sessionCookie(page), Origin: origin, Accept: 'text/html' };
  const response = await request.post(`${origin}/api/sign_out`, { headers, maxRedirects: 0 });
  expect(response.headers()).toMatchObject({ location: '/login' });
}

/** The session cookie as the browser sends it. */
export async function sessionCookie(page: Page): Promise<string> {
  const cookies = await page.context().cookies();
  expect(cookies.map((cookie) => cookie.name)).toEqual(['id']);
  return `id=${cookies[0].value}`;
}
