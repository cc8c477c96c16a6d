import type { Page } from '@playwright/test';

/** Changes the HTML of every page on its way to the browser, as a proxy would. */
export async function rewritePages(page: Page, rewrite: (html: string) => string): Promise<void> {
  await page.route('**/*', async (route, request) => {
    if (request.resourceType() !== 'document' || request.method() !== 'GET') return route.fallback();
    const response = await route.fetch({ maxRedirects: 0 });
    if (response.status() !== 200) return route.fulfill({ response });
    return route.fulfill({ response, body: rewrite(await response.text()) });
  });
}

/** Applies `change` to the text between tags that lies in the body. */
export function inTexts(html: string, change: (text: string) => string): string {
  const [head, body] = html.split('<body>');
  const changed = body.replace(/>([^<>]*[^<>\s][^<>]*)</g, (_, text: string) => `>${change(text)}<`);
  return `${head}<body>${changed}`;
}
