// Takes pictures of the pages.
//
//   npm run screenshots              the two in the README, into screenshots/
//   npm run screenshots -- FOLDER    every page: phone and desk, light and dark, with and without JavaScript

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { freePort, originOf, post, ready, startServer } from './server.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'violet anchor seldom' };

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** How to get each page into view. */
const PAGES = {
  login: (page) => page.goto('/login'),
  'login-refused': async (page) => {
    await page.goto('/login');
    await settled(page);
    await page.getByLabel('Email').fill(ADA.email);
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Incorrect email or password.').waitFor();
  },
  register: (page) => page.goto('/register'),
  'register-with-errors': async (page) => {
    await page.goto('/register');
    await settled(page);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Enter your name.').waitFor();
  },
  'login-after-an-end': async (page) => {
    await signedIn(page, '/');
    const other = await browser.newContext({ baseURL: origin });
    await post(other.request, '/api/sign_in', { email: ADA.email, password: ADA.password });
    await post(other.request, '/api/end_other_sessions', {});
    await other.close();
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  },
  home: (page) => signedIn(page, '/'),
  account: (page) => signedIn(page, '/account'),
  security: (page) => signedIn(page, '/account/security'),
  sessions: (page) => signedIn(page, '/account/sessions'),
  activity: (page) => signedIn(page, '/account/activity'),
  confirm: (page) => signedIn(page, '/confirm?next=%2Faccount%2Fsessions'),
  'not-found': (page) => page.goto('/nowhere'),
};

const origin = originOf(await freePort());
const server = startServer(Number(new URL(origin).port));
const browser = await chromium.launch(launchOptions);
try {
  await ready(origin, server);
  const visitor = await browser.newContext({ baseURL: origin });
  await post(visitor.request, '/api/register', ADA);
  const folder = process.argv[2];
  if (folder) await takeAll(resolve(process.env.INIT_CWD ?? '.', folder));
  else await takeForReadme(fileURLToPath(new URL('screenshots', import.meta.url)));
} finally {
  await browser.close();
  server.kill('SIGTERM');
}

async function takeForReadme(folder) {
  await take('login', `${folder}/login.png`, { viewport: DESK, colorScheme: 'light' });
  await take('home', `${folder}/home.png`, { viewport: DESK, colorScheme: 'dark' });
}

async function takeAll(folder) {
  for (const name of Object.keys(PAGES))
    for (const [screen, viewport] of Object.entries({ phone: PHONE, desk: DESK }))
      for (const colorScheme of ['light', 'dark'])
        for (const [scripts, javaScriptEnabled] of Object.entries({ script: true, 'no-script': false })) {
          const file = `${folder}/${name}-${screen}-${colorScheme}-${scripts}.png`;
          await take(name, file, { viewport, colorScheme, javaScriptEnabled }, { fullPage: true });
        }
}

async function take(name, path, look, options = {}) {
  const settings = { baseURL: origin, locale: 'en-GB', reducedMotion: 'reduce', ...look };
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  await PAGES[name](page);
  if (look.javaScriptEnabled !== false) await settled(page);
  await page.screenshot({ path, ...options });
  await context.close();
  console.log(path);
}

/** Waits until all islands are hydrated; error pages have none. */
async function settled(page) {
  if (await page.evaluate(() => matchMedia('(scripting: enabled)').matches)) {
    await page.locator('html:not(:has(leptos-island:not([data-hydrated])))').waitFor({ state: 'attached' });
  }
}

async function signedIn(page, path) {
  await post(page.request, '/api/sign_in', { email: ADA.email, password: ADA.password });
  await page.goto(path);
}
