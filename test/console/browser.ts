/** A real browser for the console: comes from a package, needs nothing else. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver, type Page } from 'playwright-core'

export async function startBrowser(): Promise<Browser> {
  return await driver.launch({
    executablePath: await chromium.executablePath(),
    // The package's own arguments crash with several pages.
    args: ['--no-sandbox'],
    headless: true,
  })
}

export interface Visitor {
  readonly page: Page
  /** What must never happen: dialogs, errors, requests elsewhere, CSP. */
  readonly trouble: string[]
  close(): Promise<void>
}

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

/** A person of their own, with an eye on everything that must not happen. */
export async function visit(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, dark = false }: Look = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    baseURL: url,
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const trouble: string[] = []
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    // A refused or missing page is what some tests ask for.
    const isStatus = text.startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) trouble.push(text)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) trouble.push(request.url())
  })
  return { page, trouble, close: () => context.close() }
}

export async function logIn(page: Page, token: string): Promise<void> {
  await page.goto('/')
  await fillLogin(page, token)
}

/** On the login that a page turned into. */
export async function fillLogin(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByLabel('Your name').fill('Zoë Ångström')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string | null
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

const axe = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

/** Serious and critical findings of axe-core, in a line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  // Evaluated by the driver, which the page's policy does not bind.
  await page.evaluate(axe)
  const result = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as AxeResult
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
    )
}
