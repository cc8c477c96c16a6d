import type { Page } from '@playwright/test';

import { expectUrl, blockSessionEvents, visit } from './support/navigation';
import { signUp, signOutOutsideBrowser } from './support/users';
import { expect, test } from './support/test';

/** The pages of the table in `src/pages/mod.rs`, with the islands of each. */
const SIGNED_OUT = [
  { path: '/login', islands: ['EnhancedForm', 'RevealButton', 'SessionEventListener'] },
  { path: '/register', islands: ['EnhancedForm', 'StrengthMeter', 'RevealButton', 'SessionEventListener'] },
  { path: '/forgot-password', islands: ['EnhancedForm', 'SessionEventListener'] },
];
const SIGNED_IN = [
  { path: '/', islands: ['SessionCard', 'SessionEventListener'] },
  { path: '/account', islands: ['EnhancedForm', 'EnhancedForm', 'EnhancedForm', 'SessionEventListener'] },
  {
    path: '/account/security',
    islands: ['EnhancedForm', 'RevealButton', 'StrengthMeter', 'RevealButton', 'SessionEventListener'],
  },
  { path: '/account/sessions', islands: ['SessionEventListener'] },
  { path: '/account/activity', islands: ['SessionEventListener'] },
  { path: '/confirm', islands: ['EnhancedForm', 'RevealButton', 'SessionEventListener'] },
];

for (const { path, islands } of [...SIGNED_OUT, ...SIGNED_IN]) {
  test(`every island of ${path} is hydrated`, async ({ page }) => {
    if (!SIGNED_OUT.some((other) => other.path === path)) await signUp(page);
    await visit(page, path);
    expect(await hydratedIslands(page)).toEqual(islands);
  });
}

test('sign-in and register link to each other', async ({ page }) => {
  await visit(page, '/login');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectUrl(page, '/register');
  await expect(page).toHaveTitle('Create an account · Vestibule');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expectUrl(page, '/login');
  await expect(page).toHaveTitle('Sign in · Vestibule');
});

test('a link to a protected page redirects to sign-in', async ({ page }) => {
  await visit(page, '/login');
  await page.getByRole('link', { name: 'Vestibule' }).click();
  await expectUrl(page, '/login?next=%2F');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('links, back and forward work between all pages, with one event stream per document', async ({ page }) => {
  const ada = await signUp(page);
  const streams = streamsOpenedBy(page);
  const pages = [
    { name: 'Home', path: '/', heading: `Hello, ${ada.name}`, text: 'This session' },
    { name: 'Account', path: '/account', heading: 'Account', text: 'Change name' },
    { name: 'Security', path: '/account/security', heading: 'Security', text: 'Change your password' },
    { name: 'Sessions', path: '/account/sessions', heading: 'Sessions', text: 'This device' },
    { name: 'Activity', path: '/account/activity', heading: 'Activity', text: 'Account created' },
  ];
  const expectPage = async ({ name, path, heading, text }: (typeof pages)[number]) => {
    await expectUrl(page, path);
    await expect(page).toHaveTitle(`${name} · Vestibule`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByRole('main')).toContainText(text);
    await expect(page.locator('[aria-current]')).toHaveText([name]);
    await expect(page.locator('[aria-current]')).toHaveAttribute('aria-current', 'page');
    await expect.poll(streams, 'event streams opened by this document').toBe(1);
  };
  await visit(page, '/');
  await expectPage(pages[0]);
  for (const target of pages.slice(1)) {
    await follow(page, target.name);
    await expectPage(target);
  }
  for (const target of pages.slice(0, -1).reverse()) {
    await page.goBack();
    await expectPage(target);
  }
  for (const target of pages.slice(1)) {
    await page.goForward();
    await expectPage(target);
  }
  await follow(page, 'Home');
  await expectPage(pages[0]);
});

test('after the session ended elsewhere a link redirects to sign-in, even without session events', async ({
  page,
  request,
}) => {
  const ada = await signUp(page);
  await blockSessionEvents(page);
  await visit(page, '/account');
  await signOutOutsideBrowser(page, request);

  await follow(page, 'Home');
  await expectUrl(page, '/login?next=%2F');
  await expect(page.getByText(ada.name)).toBeHidden();
});

async function follow(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name }).click();
}

/** Names of the hydrated islands, in document order. */
function hydratedIslands(page: Page): Promise<string[]> {
  // Leptos appends a hash to the name of the component.
  return page
    .locator('leptos-island[data-hydrated]')
    .evaluateAll((islands: HTMLElement[]) => islands.map(({ dataset }) => dataset.component!.replace(/_\d+$/, '')));
}

/** Returns a counter of the event streams that the current document has opened. */
function streamsOpenedBy(page: Page): () => number {
  let opened = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest()) opened = 0;
    if (request.url().endsWith('/session/events')) opened++;
  });
  return () => opened;
}
