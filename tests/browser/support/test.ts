import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';

export { expect };
export type { Page };

export type Locale = 'en' | 'zh-CN' | 'zh-TW';

export const LOCALES: readonly Locale[] = ['en', 'zh-CN', 'zh-TW'];

/** What a visitor holds in the hand. */
export const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
  userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
} satisfies BrowserContextOptions;

export const DESK = { viewport: { width: 1440, height: 900 } } satisfies BrowserContextOptions;

export const TENANT = '/t/demo';
const PASSWORD = 'demo-only';

/** Opens a page of its own for a person of the demo. */
export type Visit = (options?: BrowserContextOptions) => Promise<Page>;

/**
 * Every page of every test is watched: a blocked script or style, an uncaught error or an asset that is missing
 * fails the test that opened it.
 */
export const test = base.extend<{ visit: Visit; complaints: string[] }>({
  baseURL: async ({}, use) => use(server()),
  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints).toEqual([]);
  },
  visit: async ({ browser, complaints }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL: server(), ...options });
      contexts.push(context);
      const page = await context.newPage();
      watch(page, complaints);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export function server(): string {
  const url = process.env['TRELLIS_URL'];
  if (!url) throw new Error('the server was not started');
  return url;
}

function watch(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // Refused pages are answers too: the browser reports their status as an error of the document itself.
    const ofDocument = message.location().url === page.url() && message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !ofDocument) complaints.push(`${page.url()}: ${message.text()}`);
  });
}

/** Signs in through the page, as a person does. */
export async function signIn(page: Page, email: string, next = `${TENANT}/app`): Promise<void> {
  await page.goto(`${TENANT}/login?next=${encodeURIComponent(next)}`);
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('form.stack button').click();
  await page.waitForURL((url) => url.pathname === next.replace(/\?.*/, ''));
}

/** The machine's way in, for arranging and for checking what a page must not show. */
export class Api {
  private constructor(private readonly token: string) {}

  static async as(email: string): Promise<Api> {
    const answer = await fetch(`${server()}/auth/v1/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'demo', email, password: PASSWORD }),
    });
    expect(answer.status).toBe(200);
    return new Api(((await answer.json()) as { access_token: string }).access_token);
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${server()}${TENANT}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        prefer: 'return=representation',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async rows<Row>(path: string): Promise<Row[]> {
    const answer = await this.send('GET', `/api/v1/${path}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Row[];
  }
}
