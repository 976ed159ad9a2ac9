import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumAvailable, CHROMIUM_MISSING, openBrowser, picture } from './chromium.js';
import { expectInOrder, violations } from './in-order.js';
import { finding, raise, seedMorning, startSeeded, type SeededConsole } from '../harness/seeded-console.js';

if (!chromiumAvailable) console.warn(`browser tests skipped: ${CHROMIUM_MISSING}`);
(chromiumAvailable ? describe : describe.skip)('the console in a real browser', () => {
  let seeded: SeededConsole;
  let browser: { context: BrowserContext; close(): Promise<void> };
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    seeded = await startSeeded(seedMorning);
    browser = await openBrowser();
    page = await browser.context.newPage();
    page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
    page.on('pageerror', (error) => faults.push(String(error)));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await seeded.stop();
  });

  test('a stranger signs in, with clear errors on the way', async () => {
    await page.goto(`${seeded.url}/homes/h1`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await expectInOrder(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.title()).toMatch(/^Error: Sign in/);
    expect(await page.getByRole('alert').innerText()).toContain('Enter your username');
    await expectInOrder(page, 'sign-in-errors');
    await page.getByLabel('Username').fill(seeded.username);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('Username or password is wrong');
    await page.getByLabel('Password', { exact: true }).fill(seeded.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(new URL(page.url()).pathname).toBe('/homes/h1');
    faults.length = 0; // The browser reports the refused sign-ins as errors.
  });

  test('every page is in order', async () => {
    for (const [path, name] of [['/alerts', 'alerts'], ['/alerts?status=resolved', 'alerts-empty'], ['/homes', 'homes'], ['/homes/h1', 'home'], ['/equipment', 'equipment']] as const) {
      await page.goto(seeded.url + path);
      if (name === 'home') await page.waitForTimeout(50);
      await expectInOrder(page, name);
    }
    expect(faults).toEqual([]);
  }, 120_000);

  test('a new emergency appears by itself, at the top, and is announced', async () => {
    await page.goto(`${seeded.url}/alerts`);
    await page.getByText('Live: new alerts appear by themselves').waitFor();
    const nowMs = Date.now();
    await raise(seeded.db, [finding('h3', 'sos', nowMs, {
      severity: 'emergency', reason: 'SOS button pressed <b>twice</b>', evidence: [{ device: 'pendant', kind: 'sos', value: true, atMs: nowMs }],
    })], nowMs);
    await page.locator('[data-severity=emergency]').waitFor({ timeout: 5_000 });
    expect(await page.locator('.hw-alert').first().getAttribute('data-severity')).toBe('emergency');
    expect(await page.locator('#announce').innerText()).toContain('New emergency: SOS button pressed <b>twice</b>');
    expect(await page.title()).toMatch(/^\(4\) Open alerts/);
    await expectInOrder(page, 'alerts-emergency');
    expect(faults).toEqual([]);
  }, 60_000);

  test('somebody acknowledges, goes, comments and resolves, by keyboard alone where it counts', async () => {
    await page.goto(`${seeded.url}/alerts`);
    await page.locator('[data-severity=emergency] a').click();
    await expectInOrder(page, 'alert');
    await page.getByRole('button', { name: 'Acknowledge: I have seen it' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Acknowledged.').waitFor();
    await page.getByRole('button', { name: 'I’m going there' }).click();
    await page.getByText('Noted that you are going.').waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge: I have seen it' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Add comment' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('Write a comment');
    await page.getByLabel('Add a comment').fill('On the way\nthere in 10 minutes');
    await page.getByRole('button', { name: 'Add comment' }).click();
    await page.getByText('there in 10 minutes').waitFor();
    await page.getByText('Resolve: it has been dealt with').click();
    await page.getByRole('button', { name: 'Resolve this alert' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('Choose what it was');
    await expectInOrder(page, 'alert-error');
    await page.getByLabel('A true alarm').check();
    await page.getByRole('button', { name: 'Resolve this alert' }).click();
    await page.getByText('Resolved.', { exact: true }).waitFor();
    await expectInOrder(page, 'alert-resolved');
    faults.length = 0; // The browser reports the refused forms (400) as errors.
    await page.goto(`${seeded.url}/alerts`);
    expect(await page.locator('[data-severity=emergency]').count()).toBe(0);
  }, 120_000);

  test('an alert\'s page says when somebody else has changed it', async () => {
    await page.goto(`${seeded.url}/alerts`);
    const other = await browser.context.newPage();
    await page.locator('[data-severity=urgent] a').first().click();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'I’m going there' }).click();
    await page.getByText('This alert has changed since you opened it').waitFor({ timeout: 5_000 });
    await page.getByRole('link', { name: 'Show it as it is now' }).click();
    await page.getByText(`${seeded.username} is going`).first().waitFor();
    await other.close();
  }, 60_000);

  test('a home\'s picture renews itself when readings arrive', async () => {
    await page.goto(`${seeded.url}/homes/h2`);
    const before = await page.locator('#pictures').innerText();
    await page.waitForTimeout(1_500);
    const atMs = Date.now();
    await seeded.series.append([{ home: 'h2', device: 'pir-lounge', kind: 'motion', value: true, atMs, receivedMs: atMs, clock: 'device', test: false }]);
    await page.waitForFunction((old) => (globalThis as unknown as { document: { getElementById(id: string): { innerText: string } } }).document.getElementById('pictures').innerText !== old, before, { timeout: 25_000 });
    expect(await page.locator('#pictures').innerText()).toContain('just now');
    expect(await violations(page)).toEqual([]);
  }, 60_000);

  test('an address that leads nowhere says what to do', async () => {
    await page.goto(`${seeded.url}/no-such-page`);
    await expectInOrder(page, 'not-found');
    await page.goto(`${seeded.url}/homes/nobody`);
    expect(await page.locator('main').innerText()).toContain('There is no home nobody');
    faults.length = 0;
  });

  test('the documentation of the interface loads from here alone', async () => {
    const elsewhere: string[] = [];
    page.on('request', (request) => { if (!request.url().startsWith(seeded.url) && !request.url().startsWith('data:')) elsewhere.push(request.url()); });
    await page.goto(`${seeded.url}/api/docs`);
    await page.getByText('Registers a home; the same again').waitFor();
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('without scripts the list still works and says that it does not renew itself', async () => {
    const plain = await openBrowser({ javaScriptEnabled: false });
    try {
      await plain.context.addCookies(await browser.context.cookies());
      const still = await plain.context.newPage();
      await still.goto(`${seeded.url}/alerts`);
      const text = await still.locator('main').innerText();
      expect(text).toContain('This page does not renew itself');
      expect(text).toContain('Systolic 176 mmHg');
    } finally {
      await plain.close();
    }
  }, 60_000);

  test('a lost connection is said, and found again', async () => {
    await page.goto(`${seeded.url}/alerts`);
    await page.getByText('Live: new alerts appear by themselves').waitFor();
    await browser.context.setOffline(true);
    await page.evaluate("globalThis.dispatchEvent(new Event('offline'))");
    await page.getByText('Connection lost').waitFor({ timeout: 20_000 });
    await picture(page, 'alerts-lost');
    await browser.context.setOffline(false);
    await page.getByText('Live: new alerts appear by themselves').waitFor({ timeout: 20_000 });
    faults.length = 0;
  }, 60_000);

  test('signing out ends the session in the service', async () => {
    const before = await browser.context.cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    await browser.context.addCookies(before);
    await page.goto(`${seeded.url}/alerts`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });
});
