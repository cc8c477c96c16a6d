import { resident } from './support/people';
import { expect, test } from './support/test';
for (const how of ['as is', 'blocking=render', 'no module script', 'no wasm preload', 'sync script catches'])
test(how, async ({ page, context }) => {
  await resident(page);
  const cdp = await context.newCDPSession(page);
  await page.route('**/*.css', async (route) => { await new Promise((r) => setTimeout(r, 500)); await route.continue(); });
  await page.route('http://localhost:*/', async (route) => { 
    const response = await route.fetch(); let body = await response.text();
    if (how.startsWith('blocking')) body = body.replace('rel="stylesheet"', 'rel="stylesheet" blocking="render"');
    if (how === 'no module script') body = body.replace(/<script.*?<\/script>/, '');
    if (how === 'no wasm preload') body = body.replace(/<link rel="modulepreload"[^>]*>/, '').replace(/<link rel="preload"[^>]*>/, '');
    if (how === 'sync script catches') body = body.replace('<meta charset="utf-8">', '<meta charset="utf-8"><script src="/catch.js"></script>');
    await route.fulfill({ response, body }); });
  await page.route('**/catch.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'addEventListener("pagereveal", (e) => { console.log("reveal", !!e.viewTransition); e.viewTransition?.ready.catch(() => {}); e.viewTransition?.finished.catch(() => {}); });' }));
  page.on('console', (m) => console.log(how, m.text()));
  await page.goto('/account');
  await new Promise((r) => setTimeout(r, 2000));
  await cdp.send('Runtime.evaluate', { expression: "document.querySelector('.places a[href=\"/\"]').click()" });
  await new Promise((r) => setTimeout(r, 3000));
  await expect(page).toHaveURL('/');
});
