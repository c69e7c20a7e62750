/**
 * A GitHub Actions workflow that runs pipelines by their schedules. What is
 * kept between runs is one encrypted file in the cache; a run that finds none
 * is slower and as safe.
 */
import type { Pipeline } from '../pipeline/pipeline.js'
import { utcCron } from './utc-cron.js'

export interface Exported {
  readonly pipeline: Pick<Pipeline, 'name' | 'schedule' | 'description'>
  /** Environment variables that the pipeline file refers to. */
  readonly variables: readonly string[]
}

/** Full commits, because a tag can be moved to other code. */
const action = {
  checkout:
    'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2',
  node: 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0',
  restore:
    'actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0',
  save: 'actions/cache/save@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0',
  upload:
    'actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2',
} as const

/** GitHub ends a job after 360 minutes, wherever it is. */
const longest = { run: '5h', job: 345 }

export function githubWorkflow(
  exported: readonly Exported[],
  now: Date,
): string {
  const times = exported.map((one) => ({ ...one, ...timesOf(one, now) }))
  const names = exported.map(({ pipeline }) => pipeline.name)
  const crons = [...new Set(times.flatMap(({ cron }) => cron ?? []))]
  const caveats = times.flatMap(({ pipeline, caveat }) =>
    caveat === '' ? [] : [`# ${pipeline.name}: ${caveat}`],
  )
  const trigger = [
    ...(crons.length === 0 ? [] : ['  schedule:']),
    ...crons.map((cron) => `    - cron: '${cron}'`),
  ]
  return [
    `# Made by: pipeline schedule ${names.join(' ')} --export github-actions`,
    '# Make it anew after a change of a schedule, and commit it.',
    '#',
    '# Settings > Secrets > Actions has to hold PIPELINE_STATE_KEY (made with:',
    '# openssl rand -base64 32) and what the pipeline files refer to:',
    ...[...new Set(exported.flatMap(({ variables }) => variables))]
      .toSorted()
      .map((name) => `#   ${name}`),
    '#',
    '# The cache only saves work: it is encrypted, checked before it is taken,',
    '# and a run without it exports again and asks Marketo how things are.',
    '# What a runner that dies has not kept is lost: its journal since the last',
    '# save, and the records that `pipeline restore` needs. Where merges have to',
    '# be restorable whatever happens, run on a machine with a disk of its own.',
    ...(caveats.length === 0 ? [] : ['#', ...caveats]),
    '',
    `name: ${names.length === 1 ? `pipeline ${names[0] ?? ''}` : 'pipelines'}`,
    '',
    'on:',
    ...trigger,
    '  workflow_dispatch:',
    '',
    'permissions: {}',
    '',
    'jobs:',
    times.map((one) => job(one, names.length > 1)).join('\n'),
  ].join('\n')
}

function timesOf({ pipeline }: Exported, now: Date) {
  const { schedule } = pipeline
  if (schedule === null) {
    return { cron: null, caveat: 'has no schedule; start it by hand.' }
  }
  if (schedule.paused) {
    return { cron: null, caveat: 'is paused, so no time is in this file.' }
  }
  return utcCron(schedule, now)
}

type Timed = Exported & { readonly cron: string | null }

function job({ pipeline, variables, cron }: Timed, isOneOfMany: boolean) {
  const { name } = pipeline
  const when = isOneOfMany
    ? [
        `    if: github.event_name != 'schedule' || github.event.schedule == '${cron ?? 'never'}'`,
      ]
    : []
  return [
    `  ${jobId(name)}:`,
    `    name: ${name}`,
    ...when,
    '    runs-on: ubuntu-latest',
    `    timeout-minutes: ${longest.job}`,
    '    permissions:',
    '      contents: read',
    '    concurrency:',
    `      group: pipeline-${name}`,
    '      cancel-in-progress: false',
    '    defaults:',
    '      run:',
    '        shell: bash',
    '    steps:',
    ...prepare(name),
    ...run(name, variables),
    ...afterwards(name),
    '',
  ].join('\n')
}

/** Of a job only letters, digits, - and _; it begins with a letter. */
function jobId(name: string): string {
  return `run-${name}`
}

function prepare(name: string): string[] {
  return [
    `      - uses: ${action.checkout}`,
    '        with:',
    '          persist-credentials: false',
    `      - uses: ${action.node}`,
    '        with:',
    "          node-version: '22'",
    '      - name: Install',
    '        run: |',
    '          npm ci --ignore-scripts',
    '          npm run --if-present build',
    '      - name: Fetch what was kept',
    `        uses: ${action.restore}`,
    '        with:',
    `          path: ${stateFile(name)}`,
    `          key: pipeline-${name}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
    `          restore-keys: pipeline-${name}-`,
    '      - name: Take what was kept',
    '        env:',
    '          PIPELINE_STATE_KEY: ${{ secrets.PIPELINE_STATE_KEY }}',
    '        run: |',
    `          if [ -f ${stateFile(name)} ]; then`,
    `            npx --no-install pipeline state ${name} --restore ${stateFile(name)} ||`,
    `              echo "::warning title=${name} starts without its state::It exports again; nothing is sent twice."`,
    '          fi',
  ]
}

function run(name: string, variables: readonly string[]): string[] {
  return [
    '      - name: Run',
    '        id: run',
    '        env:',
    "          SCHEDULED: ${{ github.event_name == 'schedule' && '1' || '' }}",
    ...variables.map(
      (variable) => `          ${variable}: \${{ secrets.${variable} }}`,
    ),
    '        run: |',
    '          code=0',
    `          npx --no-install pipeline run ${name} \${SCHEDULED:+--scheduled} --max-duration ${longest.run} || code=$?`,
    '          echo "code=$code" >> "$GITHUB_OUTPUT"',
    '          case "$code" in',
    '            0) ;;',
    `            4) echo "::notice title=${name} is paused::The next run continues; nothing is half-done." ;;`,
    `            11) echo "::warning title=Rows of ${name} need a person::pipeline log ${name} --level warn" ;;`,
    '            *) exit "$code" ;;',
    '          esac',
  ]
}

function afterwards(name: string): string[] {
  return [
    '      - name: Report',
    "        if: always() && steps.run.outcome != 'skipped'",
    '        run: |',
    '          {',
    `            echo '\`\`\`'`,
    `            npx --no-install pipeline status ${name} || true`,
    `            echo '\`\`\`'`,
    '          } >> "$GITHUB_STEP_SUMMARY"',
    '          mkdir -p pipeline-report',
    `          npx --no-install pipeline report ${name} --html pipeline-report/${name}.html --json > pipeline-report/${name}.json || true`,
    '      - name: Keep the state',
    "        if: always() && steps.run.outcome != 'skipped'",
    '        env:',
    '          PIPELINE_STATE_KEY: ${{ secrets.PIPELINE_STATE_KEY }}',
    '        run: |',
    `          rm -f ${stateFile(name)}`,
    `          if [ -d warehouse/${name}/log ]; then`,
    `            npx --no-install pipeline state ${name} --save ${stateFile(name)}`,
    '          fi',
    '      - name: Keep the state for the next run',
    `        if: always() && hashFiles('${stateFile(name)}') != ''`,
    `        uses: ${action.save}`,
    '        with:',
    `          path: ${stateFile(name)}`,
    `          key: pipeline-${name}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
    '      - name: Show plan and result',
    '        if: always()',
    `        uses: ${action.upload}`,
    '        with:',
    `          name: pipeline-${name}`,
    '          path: pipeline-report/',
    '          retention-days: 7',
    '          if-no-files-found: ignore',
  ]
}

function stateFile(name: string): string {
  return `pipeline-${name}.state`
}
