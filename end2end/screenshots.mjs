// Takes screenshots of the pages.
//
//   npm run screenshots              the two in the README, into screenshots/
//   npm run screenshots -- FOLDER    every page: phone and desk, light and dark, with and without JavaScript

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { freePort, originOf, post, startServer, waitUntilReady } from './server.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'violet anchor seldom' };

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** How to open each page, in the state to be shown. */
const PAGES = {
  login: (page) => page.goto('/login'),
  'login-refused': async (page) => {
    await page.goto('/login');
    await waitForHydration(page);
    await page.getByLabel('Email').fill(ADA.email);
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Incorrect email or password.').waitFor();
  },
  register: (page) => page.goto('/register'),
  'register-with-errors': async (page) => {
    await page.goto('/register');
    await waitForHydration(page);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Enter your name.').waitFor();
  },
  'login-after-an-end': async (page) => {
    await signInAndVisit(page, '/');
    const otherDevice = await browser.newContext({ baseURL: origin });
    await post(otherDevice.request, '/api/sign_in', { email: ADA.email, password: ADA.password });
    await post(otherDevice.request, '/api/end_other_sessions', {});
    await otherDevice.close();
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  },
  home: (page) => signInAndVisit(page, '/'),
  account: (page) => signInAndVisit(page, '/account'),
  security: (page) => signInAndVisit(page, '/account/security'),
  sessions: (page) => signInAndVisit(page, '/account/sessions'),
  activity: (page) => signInAndVisit(page, '/account/activity'),
  confirm: (page) => signInAndVisit(page, '/confirm?next=%2Faccount%2Fsessions'),
  'too-many-attempts': async (page) => {
    const form = { email: 'eve@example.org', password: 'not this one' };
    const guess = () => page.request.post('/api/sign_in', { form, headers: { Accept: 'application/json' } });
    while ((await guess()).status() !== 429);
    await page.goto('/login');
    await waitForHydration(page);
    await page.getByLabel('Email').fill(form.email);
    await page.getByLabel('Password', { exact: true }).fill(form.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Too many attempts').waitFor();
  },
  'not-found': (page) => page.goto('/nowhere'),
};

const origin = originOf(await freePort());
// More attempts than `login-refused` makes.
const server = startServer(Number(new URL(origin).port), { VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS: '20' });
const browser = await chromium.launch(launchOptions);
try {
  await waitUntilReady(origin, server);
  const context = await browser.newContext({ baseURL: origin });
  await post(context.request, '/api/register', ADA);
  const folder = process.argv[2];
  if (folder) await takeAll(resolve(process.env.INIT_CWD ?? '.', folder));
  else await takeForReadme(fileURLToPath(new URL('screenshots', import.meta.url)));
} finally {
  await browser.close();
  server.kill('SIGTERM');
}

async function takeForReadme(folder) {
  await takeScreenshot('login', `${folder}/login.png`, { viewport: DESK, colorScheme: 'light' });
  await takeScreenshot('home', `${folder}/home.png`, { viewport: DESK, colorScheme: 'dark' });
}

async function takeAll(folder) {
  for (const name of Object.keys(PAGES))
    for (const [screen, viewport] of Object.entries({ phone: PHONE, desk: DESK }))
      for (const colorScheme of ['light', 'dark'])
        for (const [scripts, javaScriptEnabled] of Object.entries({ script: true, 'no-script': false })) {
          const file = `${folder}/${name}-${screen}-${colorScheme}-${scripts}.png`;
          await takeScreenshot(name, file, { viewport, colorScheme, javaScriptEnabled }, { fullPage: true });
        }
}

async function takeScreenshot(name, path, contextOptions, screenshotOptions = {}) {
  const settings = { baseURL: origin, locale: 'en-GB', reducedMotion: 'reduce', ...contextOptions };
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  await PAGES[name](page);
  if (contextOptions.javaScriptEnabled !== false) await waitForHydration(page);
  await page.screenshot({ path, ...screenshotOptions });
  await context.close();
  console.log(path);
}

/** Waits until all islands are hydrated, if there are any. */
async function waitForHydration(page) {
  if (await page.evaluate(() => matchMedia('(scripting: enabled)').matches)) {
    await page.locator('html:not(:has(leptos-island:not([data-hydrated])))').waitFor({ state: 'attached' });
  }
}

async function signInAndVisit(page, path) {
  await post(page.request, '/api/sign_in', { email: ADA.email, password: ADA.password });
  await page.goto(path);
}
