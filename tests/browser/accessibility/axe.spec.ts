import { AxeBuilder } from '@axe-core/playwright';

import { Api, DESK, LOCALES, PHONE, TENANT, expect, signIn, test } from '../support/test.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** Every kind of page, over the records of the demo. */
async function pages(): Promise<[string, string][]> {
  const api = await Api.as('dealer_rep@demo');
  const first = async (object: string) => (await api.rows<{ id: string }>(`${object}?select=id&limit=1`))[0]?.id ?? '';
  const [outlet, order] = [await first('outlet'), await first('sales_order')];
  return [
    ['home', '/app'],
    ['list', '/app/outlet'],
    ['a view', '/app/sales_order?view=order_held&q=x'],
    ['record', `/app/outlet/${outlet}`],
    ['record with lines', `/app/sales_order/${order}`],
    ['edit', `/app/outlet/${outlet}/edit`],
    ['create with lines', '/app/sales_order/new'],
    ['notifications', '/app/notifications'],
    ['not found', '/app/nothing_of_the_kind'],
  ];
}

for (const [device, options] of [
  ['phone', PHONE],
  ['desktop', DESK],
] as const) {
  for (const locale of LOCALES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`no serious finding: ${device}, ${locale}, ${colorScheme}`, async ({ visit }) => {
        test.setTimeout(300_000);
        const page = await visit({ ...options, locale, colorScheme });
        const found: string[] = [];
        const examine = async (name: string) => {
          const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
          for (const { id, impact, nodes } of violations) {
            if (impact !== 'serious' && impact !== 'critical') continue;
            for (const node of nodes) found.push(`${name}: ${id}: ${node.html.slice(0, 160)}: ${node.failureSummary ?? ''}`);
          }
        };
        await page.goto(`${TENANT}/login`);
        await examine('login');
        await signIn(page, 'dealer_rep@demo');
        for (const [name, path] of await pages()) {
          await page.goto(`${TENANT}${path}`);
          await examine(name);
        }
        await page.goto(`${TENANT}/app/outlet/new`);
        await page.locator('.save-bar button[value=save]').click();
        await page.locator('#problems').waitFor();
        await examine('refused form');
        expect(found).toEqual([]);
      });
    }
  }
}
