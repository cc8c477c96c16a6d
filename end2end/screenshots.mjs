// Takes screenshots of the pages.
//
//   npm run screenshots              the two in the README, into screenshots/
//   npm run screenshots -- FOLDER    every page: phone and desk, light and dark, with and without JavaScript;
//                                    and every mail
//   npm run screenshots -- FOLDER NAME…   only pages and mails whose names begin like this

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { mailsOf } from './mails.mjs';
import { freePort, originOf, post, runCommand, startMailServer, startServer, waitUntilReady } from './server.mjs';

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
  'forgot-password': (page) => page.goto('/forgot-password'),
  'forgot-password-sent': (page) => page.goto('/forgot-password?sent=1'),
  'reset-password': async (page) => page.goto((await resetMail()).link),
  'reset-password-signed-in': (page) => signInAndVisit(page, resetMail().then(linkOf)),
  'invalid-link': (page) => page.goto('/reset-password/truncated'),
  'invalid-link-signed-in': (page) => signInAndVisit(page, '/verify-email/truncated'),
  'verify-email': async (page) => page.goto((await verificationMail()).link),
  'verify-email-signed-in': (page) => signInAndVisit(page, verificationMail().then(linkOf)),
  'verify-new-email': (page) => signInAndVisit(page, emailChangeMail().then(linkOf)),
  'undo-email-change': async (page) => page.goto((await emailChangedMail()).link),
  'report-sign-in': async (page) => page.goto((await reportMail()).link),
  'register-finish': async (page) => page.goto((await registrationMail()).link),
  'register-sent': (page) => page.goto('/register?sent=1'),
  'register-invited': async (page) => page.goto(await runCommand(main.port, ['account', 'invite', newUser().email])),
  'register-by-invitation': (page) => page.goto(`${invitations.origin}/register`),
  'register-closed': (page) => page.goto(`${closed.origin}/register`),
  'login-registration-closed': (page) => page.goto(`${closed.origin}/login`),
  outbox: async (page) => {
    await verificationMail();
    await page.goto('/outbox/last');
  },
  home: async (page) => {
    await signInAndVisit(page, '/account');
    await post(page.request, '/api/review_events', {});
    // The message of that form is gone.
    await page.goto('/account');
    await page.goto('/');
  },
  'home-check-up': async (page) => {
    const grace = newUser();
    await post(page.request, '/api/register', grace);
    await post((await newContext()).request, '/api/sign_in', grace);
    await signInAndVisit(page, '/', grace);
  },
  account: (page) => signInAndVisit(page, '/account'),
  'account-refused': async (page) => {
    await signInAndVisit(page, '/account');
    await waitForHydration(page);
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByText('exactly as it is shown above').waitFor();
  },
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

/** How to have each mail sent; the HTML of it is shown. */
const MAILS = {
  'mail-verify-email': () => verificationMail(),
  'mail-reset-password': () => resetMail(),
  'mail-new-device': () => reportMail(),
  'mail-email-change': () => emailChangeMail(),
  'mail-email-changed': () => emailChangedMail(),
  'mail-registration': () => registrationMail(),
  'mail-account-exists': async () => {
    const user = newUser();
    const { link } = await registrationMail(user);
    const context = await browser.newContext({ baseURL: mailed.origin });
    await followLink(context, link, '/api/verify_email');
    await register(mailed.origin, user);
    return mailed.mailTo(user.email, 'You already have a Vestibule account');
  },
  'mail-invitation': async () => {
    const { email } = newUser();
    await runCommand(main.port, ['account', 'invite', '--mail', email]);
    return main.mailTo(email, 'Your invitation to Vestibule');
  },
  'mail-password-changed': async () => {
    const user = newUser();
    const context = await newContext();
    await post(context.request, '/api/register', user);
    await post(context.request, '/api/change_password', {
      current_password: user.password,
      new_password: 'amber lantern seldom',
    });
    return main.mailTo(user.email, 'Your password was changed');
  },
  'mail-account-deletion': async () => {
    const user = newUser();
    const context = await newContext();
    await post(context.request, '/api/register', user);
    await post(context.request, '/api/delete_account', { confirmation: user.email });
    return main.mailTo(user.email, 'Your account will be deleted');
  },
};

// More attempts than `login-refused` makes.
const main = await start({ VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS: '20' });
const mailed = await start({}, true);
const invitations = await start({ VESTIBULE_REGISTRATION__POLICY: 'invitation' });
const closed = await start({ VESTIBULE_REGISTRATION__POLICY: 'closed' });
const { origin } = main;
const browser = await chromium.launch(launchOptions);
let users = 0;
try {
  for (const { origin, server } of [main, mailed, invitations, closed]) await waitUntilReady(origin, server);
  const context = await newContext();
  await post(context.request, '/api/register', ADA);
  await followLink(context, (await main.mailTo(ADA.email, 'Confirm your email address')).link, '/api/verify_email');
  const [folder, ...names] = process.argv.slice(2);
  if (folder) await takeAll(resolve(process.env.INIT_CWD ?? '.', folder), names);
  else await takeForReadme(fileURLToPath(new URL('screenshots', import.meta.url)));
} finally {
  await browser.close();
  for (const { server } of [main, mailed, invitations, closed]) server.kill('SIGTERM');
  mailed.mailServer.close();
}

async function start(settings, withMailServer = false) {
  const port = await freePort();
  const mailServer = withMailServer ? await startMailServer(port) : undefined;
  const origin = originOf(port);
  const server = startServer(port, { ...settings, ...mailServer?.settings });
  return { port, origin, server, mailServer, mailTo: mailsOf(origin) };
}

function newUser() {
  return { ...ADA, email: `grace.${++users}@example.org` };
}

function newContext() {
  return browser.newContext({ baseURL: origin });
}

async function register(site, user) {
  const context = await browser.newContext({ baseURL: site });
  await post(context.request, '/api/register', user);
  await context.close();
}

/** Opens the link of a mail, and presses the button there. */
async function followLink(context, link, form) {
  const html = await (await context.request.get(link)).text();
  const [, token] = /name="?token"? value="([^"]*)"/.exec(html);
  await post(context.request, form, { token });
}

async function verificationMail() {
  const user = newUser();
  await register(origin, user);
  return main.mailTo(user.email, 'Confirm your email address');
}

async function resetMail() {
  const user = newUser();
  await register(origin, user);
  const context = await newContext();
  await post(context.request, '/api/forgot_password', { email: user.email });
  return main.mailTo(user.email, 'Choose a new password for Vestibule');
}

async function reportMail() {
  const user = newUser();
  await register(origin, user);
  const context = await newContext();
  await post(context.request, '/api/sign_in', { email: user.email, password: user.password });
  return main.mailTo(user.email, 'New sign-in to Vestibule');
}

async function registrationMail(user = newUser()) {
  await register(mailed.origin, user);
  return mailed.mailTo(user.email, 'Finish creating your Vestibule account');
}

async function emailChangeMail(user = newUser(), context = undefined) {
  context ??= await newContext();
  const { email } = newUser();
  await post(context.request, '/api/register', user);
  await post(context.request, '/api/change_email', { email });
  return main.mailTo(email, 'Confirm your new email address');
}

async function emailChangedMail() {
  const [user, context] = [newUser(), await newContext()];
  await followLink(context, (await emailChangeMail(user, context)).link, '/api/verify_email');
  return main.mailTo(user.email, 'Your email address was changed');
}

function linkOf(mail) {
  return mail.link;
}

async function takeForReadme(folder) {
  // Where mails are sent, there is no link to the last one.
  const options = { baseURL: mailed.origin, viewport: DESK, colorScheme: 'light' };
  await takeScreenshot('login', `${folder}/login.png`, options);
  await takeScreenshot('home', `${folder}/home.png`, { viewport: DESK, colorScheme: 'dark' });
}

async function takeAll(folder, names) {
  const isTaken = (name) => names.length === 0 || names.some((start) => name.startsWith(start));
  for (const name of Object.keys(MAILS).filter(isTaken)) {
    const { html } = await MAILS[name]();
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: PHONE, colorScheme });
      const page = await context.newPage();
      await page.setContent(html);
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
      await context.close();
    }
  }
  for (const name of Object.keys(PAGES).filter(isTaken))
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

async function signInAndVisit(page, path, { email, password } = ADA) {
  await post(page.request, '/api/sign_in', { email, password });
  await page.goto(await path);
}
