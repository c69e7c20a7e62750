/**
 * Pictures of every page of the console, at desktop and phone width, light and
 * dark, over a demo that has run: `npm run screenshots`. They are written into
 * a temporary folder, whose name is printed.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { axeFindings, logIn, startBrowser, visit } from '../console/browser.js'

const cli = resolve('dist/cli.js')
const given = process.argv.slice(2).find((word) => !word.startsWith('--'))

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A project with one pipeline that ran twice, and one that waits. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'console-demo-'))
  mkdirSync(join(folder, 'pipelines'))
  cpSync('models', join(folder, 'models'), { recursive: true })
  const demo = readFileSync('pipelines/demo.yml', 'utf8')
  const small = demo.replace(
    /^marketo: sandbox/m,
    'marketo: { sandbox: { leads: 400 } }',
  )
  const acme = small
    .replace(/^description: .*/m, 'description: Acme, production instance')
    .replace(/^owner: .*/m, 'owner: marketing-ops')
    .replace(/^groups: .*/m, 'groups: [client:acme, emea]')
    .replace(/apply: auto/, 'apply: review')
    .concat('schedule: { cron: "0 5 * * *", timezone: Europe/Paris }\n')
  writeFileSync(join(folder, 'pipelines', 'demo.yml'), small)
  writeFileSync(join(folder, 'pipelines', 'acme.yml'), acme)
  writeFileSync(
    join(folder, 'pipelines', 'broken.yml'),
    'description: Has a mistake\nmarketo: sandbox\nservises: {}\n',
  )
  for (const name of ['demo', 'demo', 'acme']) {
    spawnSync(process.execPath, [cli, '--project-dir', folder, 'run', name], {
      stdio: 'inherit',
    })
  }
  return folder
}

function runsOf(folder: string, name: string): string[] {
  return readdirSync(join(folder, 'warehouse', name, 'log'))
    .filter((file) => /^\d.*\.json$/.test(file))
    .map((file) => file.replace('.json', ''))
    .toSorted()
}

function pagesOf(folder: string): Record<string, string> {
  const [first = ''] = runsOf(folder, 'demo')
  const last = runsOf(folder, 'acme').at(-1) ?? ''
  return {
    overview: '/',
    filtered: '/?group=emea',
    pipeline: '/pipeline/demo',
    'pipeline-waits': '/pipeline/acme',
    'pipeline-broken': '/pipeline/broken',
    run: `/pipeline/demo/run/${first}`,
    'run-waits': `/pipeline/acme/run/${last}`,
    log: `/pipeline/demo/run/${first}/log?level=debug&q=export`,
    plan: `/pipeline/demo/run/${first}/plan`,
    review: '/pipeline/demo/review',
    lead: '/pipeline/demo/lead',
    quality: '/pipeline/demo/quality',
    settings: '/pipeline/demo/settings',
    'new-pipeline': '/new',
    missing: '/nowhere',
  }
}

/** What lies further down repeats itself. */
async function heightOf(page: Page): Promise<number> {
  const height = await page.evaluate('document.documentElement.scrollHeight')
  return Math.min(2400, Number(height))
}

async function main(): Promise<void> {
  const folder = given ?? project()
  const out = mkdtempSync(join(tmpdir(), 'console-pictures-'))
  const child = spawn(
    process.execPath,
    [cli, '--project-dir', folder, '--json', 'console', '--port', '0'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const line = await new Promise<string>((done) => {
    child.stdout.once('data', (chunk: Buffer) => done(chunk.toString()))
  })
  const { url, tokens } = JSON.parse(line) as {
    url: string
    tokens: { operator: string }
  }
  const browser = await startBrowser()
  const looks = [
    { name: 'desktop', width: 1280, height: 800 },
    { name: 'phone', width: 390, height: 844 },
    { name: 'dark', width: 1280, height: 800, dark: true },
  ]
  for (const look of looks) {
    const visitor = await visit(browser, url, look)
    const { page, trouble } = visitor
    await page.goto('/')
    await page.screenshot({ path: join(out, `login-${look.name}.png`) })
    await logIn(page, readFileSync(tokens.operator, 'utf8').trim())
    for (const [name, path] of Object.entries(pagesOf(folder))) {
      await page.goto(path)
      const file = join(out, `${name}-${look.name}.png`)
      await page.screenshot({
        path: file,
        fullPage: true,
        clip: { x: 0, y: 0, width: look.width, height: await heightOf(page) },
      })
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      const found = await axeFindings(page)
      const notes = [
        ...(Number(wide) > 0 ? [`${String(wide)} px too wide`] : []),
        ...found,
        ...trouble.splice(0),
      ]
      say(
        `${look.name} ${name} (${await page.title()}): ${notes.length === 0 ? 'ok' : notes.join('\n    ')}`,
      )
    }
    await visitor.close()
  }
  await browser.close()
  child.kill('SIGTERM')
  say(`Project: ${folder}\nPictures: ${out}`)
}

await main().catch((error: unknown) => {
  say(String(error))
  process.exit(1)
})
