import { save } from '../support/forms.ts';
import { Api, DESK, TENANT, expect, signIn, test } from '../support/test.ts';

const SHELF_CHECK = {
  kind: 'object',
  name: 'shelf_check',
  label: { en: 'Shelf check', 'zh-CN': '货架检查', 'zh-TW': '貨架檢查' },
  record_name: 'title',
  fields: {
    title: { type: 'text', label: { en: 'Title', 'zh-CN': '标题', 'zh-TW': '標題' }, required: true, max_length: 80 },
    facings: { type: 'integer', label: { en: 'Facings', 'zh-CN': '排面', 'zh-TW': '排面' }, min: 0 },
    ours: { type: 'integer', label: { en: 'Ours', 'zh-CN': '我方', 'zh-TW': '我方' }, min: 0 },
    others: {
      type: 'formula',
      label: { en: 'Others', 'zh-CN': '竞品', 'zh-TW': '競品' },
      expression: 'record.facings - record.ours',
      result: 'integer',
    },
  },
  validation_rules: [
    {
      name: 'ours_within',
      invalid_when: 'record.ours > record.facings',
      field: 'ours',
      message: { en: 'Ours cannot be more than all facings.', 'zh-CN': '我方不能多于总排面。', 'zh-TW': '我方不能多於總排面。' },
    },
  ],
};

test('an object published while the server runs has its pages at once', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  await signIn(page, 'admin@demo');
  await expect(page.locator('.sidebar')).not.toContainText('Shelf check');
  expect((await page.goto(`${TENANT}/app/shelf_check`))?.status()).toBe(404);

  const admin = await Api.as('admin@demo');
  const applied = await admin.send('POST', '/meta/v1/apply', { documents: [SHELF_CHECK], message: 'shelf checks' });
  expect(applied.status, await applied.text()).toBe(200);

  await page.goto(`${TENANT}/app/shelf_check`);
  await expect(page.locator('.empty')).toContainText('No shelf check yet');
  await page.locator('.page-head a.primary').click();
  await page.locator('#f-title').fill('Front shelf');
  await page.locator('#f-facings').fill('12');
  await page.locator('#f-ours').fill('20');
  await save(page);
  await expect(page.locator('#problems a')).toHaveText('Ours cannot be more than all facings.');
  await expect(page.locator('#f-title')).toHaveValue('Front shelf');

  await page.locator('#f-ours').fill('5');
  await save(page);
  await expect(page.locator('h1')).toHaveText('Front shelf');
  await expect(page.locator('.facts div', { hasText: 'Others' })).toContainText('7');

  await page.goto(`${TENANT}/app/shelf_check`);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await expect(page.locator('.sidebar')).toContainText('Shelf check');
});
