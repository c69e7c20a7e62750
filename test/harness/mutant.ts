/** Bugs that somebody could make: each a change to the compiled product. */
export interface Patch {
  /** Under src, compiled. */
  readonly file: string
  /** Must be there exactly once. */
  readonly find: string
  readonly put: string
}

export interface Mutant {
  readonly name: string
  readonly patches: readonly Patch[]
  /** Shows in plans with an import alone; the others are not played. */
  readonly ofImport: boolean
}

function mutant(name: string, ...patches: [string, string, string][]): Mutant {
  return {
    name,
    patches: patches.map(([file, find, put]) => ({ file, find, put })),
    ofImport: /\bimport/.test(name),
  }
}

const send = 'load/send.js'
const quarantine = 'load/quarantine.js'

export const mutants: readonly Mutant[] = [
  mutant('an unclear answer is sent again at once', [
    send,
    `        if (outcome === 'ambiguous')
            return doubtful(job, error);
`,
    '',
  ]),
  mutant('the client gives up after 30 s', [
    'marketo/request.js',
    'patience(endpoint) / timeScale',
    '30_000 / timeScale',
  ]),
  mutant('it reads back at once', [
    quarantine,
    'const rest = last - job.marketo.clock.monotonic();',
    'const rest = 0;',
  ]),
  mutant('no intent is written', [
    send,
    'await intend(job, sending, turn);',
    '',
  ]),
  mutant(
    'the intent is written after the request',
    [send, '    await intend(job, sending, turn);\n', ''],
    [
      send,
      '        if (turn.attempt !== null) {',
      '        if (turn.hasLeft) await intend(job, sending, turn);\n        if (turn.attempt !== null) {',
    ],
  ),
  mutant('the intent is not synced', [
    send,
    `    ], true);
    turn.attempt`,
    `    ], false);
    turn.attempt`,
  ]),
  mutant('the outcome is written before the answer', [
    send,
    '    turn.hasLeft = true;',
    `    turn.hasLeft = true;
    await conclude(job, { attempt: turn.attempt, sending, outcome: 'ok', error: null, told: {} });
    turn.attempt = null;`,
  ]),
  mutant('results are matched by position', [
    'marketo/sync.js',
    'const records = named.get(update.id) ?? positioned;',
    'const records = [result[at] ?? {}];',
  ]),
  mutant(
    '604 is taken as rejected',
    [
      'marketo/classify.js',
      '500, 502, 503, 504, 604, 608,',
      '500, 502, 503, 504, 608,',
    ],
    [
      'marketo/classify.js',
      "[rejected('rate_limit'), 606]",
      "[rejected('rate_limit'), 606, 604]",
    ],
  ),
  mutant('unknown codes are taken as rejected', [
    'marketo/classify.js',
    "const unknown = entry('unknown_answer', 'ambiguous');",
    "const unknown = entry('unavailable', 'rejected');",
  ]),
  mutant('consent is not written before a merge', [
    'load/assess.js',
    'fields.map(',
    "fields.filter((field) => wanted[field] !== 'true').map(",
  ]),
  mutant('calls are counted without those that failed', [
    'marketo/gate.js',
    'if (!isCounted(bad.signal))',
    'if (bad)',
  ]),
  mutant('places of failed calls come free at once', [
    'marketo/gate.js',
    "if (bad.verdict.outcome === 'not_sent')",
    'if (bad)',
  ]),
  mutant(
    'the lease is not looked at again',
    [
      'load/lease.js',
      `        if (this.#age() > leaseTime)
            throw lost('slept');
        await this.#look();`,
      '',
    ],
    [
      'load/lease.js',
      `        await this.#look();
        this.#renewed`,
      '        this.#renewed',
    ],
  ),
  mutant('a merge is thought to fill from every loser', [
    'load/predict.js',
    'const [filler = {}] = rest;',
    `const filler = {};
    for (const one of rest) for (const [name, value] of Object.entries(one)) if (isEmpty(filler[name])) filler[name] = value;`,
  ]),
  mutant('what changed since the plan is merged all the same', [
    'load/assess.js',
    `    if (foreign !== null)
        return stale(foreign);`,
    '',
  ]),
  mutant('an update overwrites what changed since the plan', [
    'load/assess.js',
    `    if (foreign !== undefined)
        return stale(changed(foreign[0], row.id));
`,
    '',
  ]),
  mutant('a blank value clears a field', [
    'load/plan-row.js',
    'after !== null && before !== after',
    'before !== after',
  ]),
  mutant('it does not reconcile what a dead process left', [
    'load/carry-out.js',
    'if (job.journal.state.attempts.size > 0)',
    'if (job === null)',
  ]),
  mutant('one reading is enough', [
    'load/reconcile.js',
    'for (let more = 0; more < 2; more += 1) {',
    'readings.push(...readings);\n    for (let more = 2; more < 2; more += 1) {',
  ]),
  mutant('a reading never grows too old', [
    send,
    'return job.elapsed.milliseconds - readAt <= freshFor;',
    'return true;',
  ]),
  mutant('a lost journal is not waited for', [
    'load/past.js',
    'const rest = since + longest',
    'const rest = -1e12 + since + longest',
  ]),
  mutant('30 losers go into one call', [
    'load/predict.js',
    'losersPerCall = 25',
    'losersPerCall = 30',
  ]),
  mutant('what an answer leaves open of a row is forgotten', [
    'load/journal-state.js',
    'for (const row of entry.unclear ?? [])',
    'for (const row of [])',
  ]),
  mutant('an import whose answer was lost is uploaded again', [
    'load/import.js',
    `            return hold(job, rows, 'import');`,
    '            return await submit(job, drafts, { ...attempt, readAt });',
  ]),
  mutant('a row goes by a second import', [
    'load/lane.js',
    '!by.wasImported(row.row)',
    'row !== null',
  ]),
  mutant('a blank cell of an import clears a field', [
    'load/import.js',
    'first === undefined ? [] : fieldsOf(first)',
    "first === undefined ? [] : [...fieldsOf(first), 'firstName']",
  ]),
  mutant('an import counts as done once it is complete', [
    'load/import-watch.js',
    "if (verdict.kind !== 'no_effect')",
    "if (isTold) return { kind: 'done' };\n    if (verdict.kind !== 'no_effect')",
  ]),
  mutant('the file of failures of an import is ignored', [
    'load/import-watch.js',
    'failures.reasons.get(row.id) ?? warnings.reasons.get(row.id)',
    'warnings.reasons.get(row.id)',
  ]),
  mutant('rows of an import that is under way go by calls', [
    'load/import-watch.js',
    "['queued', 'importing'].includes(found.state)",
    "['importing'].includes(found.state)",
  ]),
  mutant('an import in the queue of a lost journal is not waited for', [
    'load/past.js',
    "mayBeQueued ? 'import' : 'merge'",
    "mayBeQueued ? 'merge' : 'merge'",
  ]),
  mutant('calls of earlier processes are not counted', [
    'marketo/client.js',
    'initialCalls: options.initialCalls ?? 0',
    'initialCalls: 0',
  ]),
  mutant('the window of 20 s begins anew with each process', [
    'marketo/client.js',
    'recentCalls: options.recentCalls,',
    '',
  ]),
  mutant('half a line of a journal is left there', [
    'load/journal.js',
    'if (chain.isTorn) {',
    'if (chain === null) {',
  ]),
]
