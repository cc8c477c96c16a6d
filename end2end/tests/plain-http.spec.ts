import { launchOptions } from '../browser.mjs';
import { expectHydration } from './support/navigation';
import { type Proxy, startBehindProxy } from './support/proxy';
import { newUser, submitRegistration } from './support/users';
import { expect, test } from './support/test';

const HOST = 'vestibule.test';

// A name in a local network: browsers send no Sec-Fetch-Site to it, and have no Web Locks there.
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`] } });

test.describe('over plain HTTP, behind a proxy that hides where requests come from', () => {
  let site: Proxy;
  test.beforeAll(async () => {
    const setPolicy = (headers: Record<string, unknown>) => (headers['referrer-policy'] = 'no-referrer');
    const settings = { VESTIBULE_HTTP__ALLOW_INSECURE_ORIGIN: 'true' };
    site = await startBehindProxy(setPolicy, { host: HOST, settings });
  });
  test.afterAll(() => site.stop());

  test('registering, signing out and many tabs work', async ({ page, context, browserErrors }) => {
    test.slow();
    browserErrors.allow(/Cross-Origin-Opener-Policy header has been ignored/);
    await page.goto(`${site.origin}/register?next=%2Faccount`);
    await expectHydration(page);
    const posted = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/register'));
    await submitRegistration(page, newUser());
    const headers = await (await posted).allHeaders();
    expect([headers['origin'], headers['sec-fetch-site']]).toEqual([site.origin, undefined]);
    await expect(page).toHaveURL(`${site.origin}/account`);
    const tabs = [page];
    while (tabs.length < 8) tabs.push(await context.newPage());
    for (const tab of tabs.slice(1)) {
      await tab.goto(`${site.origin}/account`);
      await expectHydration(tab);
    }
    await page.bringToFront();
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(`${site.origin}/login`);
  });
});
