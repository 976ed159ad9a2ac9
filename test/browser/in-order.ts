import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { picture } from './chromium.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation { id: string; nodes: { target: string[]; failureSummary?: string }[] }

/** What axe finds against WCAG 2.2 AA and its best practices; empty when all is well. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE); // Not as a script of the page: the page's policy would rightly refuse it.
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<{ violations: Violation[] }> } };
    return (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations;
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`);
}

/** A page is in order: axe finds nothing, it has one heading of the first level, and nothing sticks out at 400 px. */
export async function expectInOrder(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect(await violations(page)).toEqual([]);
  expect(await page.locator('h1').count()).toBe(1);
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 400, height: 900 });
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize(before);
}
