/** A browser that visits a console, and what accessibility says of a page. */
import chromium from '@sparticuz/chromium'
import axe from 'axe-core'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Browser,
  chromium as playwright,
  type Page,
} from 'playwright-core'
import type { Role } from '../../src/console/page.js'
import { type Stage, tokenOf } from './stage.js'

export async function openBrowser(): Promise<Browser> {
  return await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox'],
  })
}

export interface Visiting {
  readonly role?: Role
  readonly width?: number
  readonly scripts?: boolean
}

/** A page of somebody who is logged in. */
export async function visit(
  browser: Browser,
  stage: Stage,
  { role = 'operator', width = 1280, scripts = true }: Visiting = {},
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: stage.console.url,
    viewport: { width, height: 900 },
    javaScriptEnabled: scripts,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto('/login')
  await page.getByLabel(/token/i).fill(tokenOf(stage.console, role))
  const who = page.getByLabel(/name/i)
  if ((await who.count()) > 0) await who.fill('Mia Marketer')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  return page
}

/** Serious and critical findings, a line each. */
export async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    async () =>
      await (
        globalThis as unknown as { axe: { run(): Promise<axe.AxeResults> } }
      ).axe.run(),
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Whether a page is wider than the screen it is on. */
export async function overflowOf(page: Page): Promise<number> {
  return await page.evaluate<number>(
    'document.documentElement.scrollWidth - window.innerWidth',
  )
}

/** Keeps a picture where SHOTS names a folder; else nothing. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const { width = 0 } = page.viewportSize() ?? {}
  const path = join(folder, `${name}-${width}.png`)
  await page.screenshot({ path, fullPage: true })
}
