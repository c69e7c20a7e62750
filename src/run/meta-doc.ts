/** What the tables of `meta` and their columns hold, for readers. */

interface Documented {
  readonly name: string
  readonly comment: string
  readonly columns: Readonly<Record<string, string>>
}

const run_id = 'The run.'
const plan_hash = 'SHA-256 of the plan.'

export const metaTables: readonly Documented[] = [
  {
    name: 'run',
    comment: 'Executions of the pipeline. One row per run.',
    columns: {
      run_id: 'Id of the run; sorts by time.',
      pipeline: 'The pipeline.',
      status:
        'done, review, guardrail, paused, failed, needs_person or interrupted.',
      exit_code: 'Exit code of the command.',
      started_at: 'When it began, in UTC.',
      ended_at: 'When it ended, in UTC; empty for a run that was killed.',
      tool_version: 'Version of the program.',
      rules_hash: 'SHA-256 of the rules that shape plans.',
      resumed_from: 'The killed run that this one followed.',
      plan_hash: 'The plan that it made or carried out.',
      leads: 'Live leads when the models were built.',
      review: 'Clusters that waited for a decision.',
      merges: 'Merges planned.',
      merged_leads: 'Leads that went in merges that are done.',
      updates: 'Leads with planned field updates.',
      opt_outs_kept: 'Merges that kept an opt-out of a lead that went.',
      calls_used: "Calls counted toward Marketo's daily quota.",
      calls_budget: 'Calls that the pipeline file allows a day.',
      export_bytes: 'Bytes exported.',
      message: 'What a person should know.',
      error_code: 'Stable word for the failure.',
      error: 'The failure in a sentence.',
    },
  },
  {
    name: 'step',
    comment: 'Steps of runs. One row per run and step.',
    columns: {
      run_id,
      step: 'extract, build, test, plan, apply, verify or publish.',
      status: 'done, skipped, failed, paused or stopped.',
      started_at: 'When it began, in UTC.',
      seconds: 'How long it took.',
      text: 'What it did, in words and counts.',
    },
  },
  {
    name: 'export_job',
    comment: 'Bulk exports that were landed. One row per run and export.',
    columns: {
      run_id,
      export_id: "Marketo's id of the job.",
      filter: 'createdAt, or list.',
      window_start: 'First creation time of the window, in UTC.',
      window_end: 'Last creation time of the window, inclusive, in UTC.',
      status: 'landed.',
      rows: 'Records.',
      bytes: 'Size of the file.',
    },
  },
  {
    name: 'route',
    comment: 'Ways to get the leads that were priced. One row per run and way.',
    columns: {
      run_id,
      route: 'export (bulk export jobs) or read (known leads by id).',
      is_chosen: 'Whether the leads came this way.',
      calls: 'Calls that it would take.',
      bytes: "Bytes of files, which Marketo's daily export volume counts.",
    },
  },
  {
    name: 'model_result',
    comment: 'Models that were built. One row per run and model.',
    columns: {
      run_id,
      model: 'The model.',
      status: 'success, error or skipped.',
      rows: 'Rows of the table; empty for a view.',
      seconds: 'How long it took.',
      message: 'What went wrong.',
    },
  },
  {
    name: 'test_result',
    comment: 'Tests of models. One row per run and test.',
    columns: {
      run_id,
      test: 'The test.',
      model: 'Its model.',
      status: 'pass, warn, fail, error or skipped.',
      failures: 'Rows that should not be.',
      message: 'What went wrong.',
    },
  },
  {
    name: 'plan',
    comment: 'Plans that were made. One row per plan.',
    columns: {
      plan_hash,
      pipeline: 'The pipeline.',
      instance: 'The Marketo instance that it is for.',
      as_of: 'Cut line of the exports that it rests on, in UTC.',
      rules_hash: 'SHA-256 of the rules that shaped it.',
      leads: 'Live leads.',
      merges: 'Merges.',
      losers: 'Leads that go.',
      updates: 'Leads with field updates.',
      calls: 'Calls that it was priced at.',
      minutes: 'Minutes that it was priced at.',
      journal_bytes:
        'Size of its journal when outcomes were read; 0: not applied.',
    },
  },
  {
    name: 'plan_row',
    comment:
      'Merges and updates of applied plans, before and after. One row per plan and plan row.',
    columns: {
      plan_hash,
      row_id: 'The row in its plan: m… merges, u… updates.',
      kind: 'merge or update.',
      lead_id: 'The winner of the merge, or the lead to update.',
      loser_ids: 'JSON list of the leads that go.',
      before_values: 'JSON object of the decided fields before.',
      after_values: 'JSON object of the decided fields as predicted.',
      reason: 'JSON object: service, match rules, winner, sources of values.',
      lead_values:
        'JSON object, by lead: what the leads of a merge held in the fields that decided; empty for updates.',
      kept: 'JSON list of fields in which an opt-out of a lead that goes is kept.',
    },
  },
  {
    name: 'attempt',
    comment:
      'Requests that were about to be sent, and what became of them, without values. One row per plan row and attempt.',
    columns: {
      plan_hash,
      row_id: 'The row in its plan.',
      attempt: 'Name of the attempt: epoch and line of its journal.',
      send: 'prewrite, merge, update, create or join.',
      call: "Which of a merge's calls, from 0; empty for other requests.",
      run_id,
      sent_at: "When it was about to leave, in UTC by Marketo's clock.",
      ended_at: 'When it ended; empty where the process died before.',
      outcome: 'ok, not_sent, rejected, row_failed or ambiguous.',
      code: "Marketo's error code.",
      request_id: "Marketo's id of the request, where it was refused.",
    },
  },
  {
    name: 'approval',
    comment: 'Approvals of plans by people. One row per plan and approval.',
    columns: {
      plan_hash,
      author: 'Who approved it.',
      approved_at: 'When, in UTC.',
    },
  },
  {
    name: 'restored',
    comment:
      'Leads that a restore made anew after a merge took them. One row per lead that went and restore.',
    columns: {
      plan_hash: 'SHA-256 of the plan of the restore.',
      row_id: 'The row in it.',
      run_id: 'The run that did it.',
      lead_id: 'The lead that a merge took.',
      new_id: 'The lead that was made for it.',
      restored_at: "When, in UTC by Marketo's clock.",
    },
  },
  {
    name: 'outcome',
    comment:
      'What became of plan rows. One row per plan and plan row that ended.',
    columns: {
      plan_hash,
      row_id: 'The row in its plan.',
      run_id: 'The run that ended it.',
      status: 'done, no_effect, stale, failed, unresolved or cancelled.',
      reason: 'Why, in words.',
      ended_at: "When, in UTC by Marketo's clock.",
    },
  },
  {
    name: 'api_call',
    comment: 'Calls to Marketo, without values. One row per call.',
    columns: {
      run_id,
      ts: 'When, in UTC.',
      endpoint: 'Template of the endpoint.',
      method: 'HTTP method.',
      http: 'HTTP status; empty where none came.',
      code: "Marketo's error code.",
      request_id: "Marketo's id of the request, which its support asks for.",
      outcome: 'ok, not_sent, rejected, row_failed or ambiguous.',
      milliseconds: 'How long it took.',
    },
  },
  {
    name: 'field_contract',
    comment:
      "The instance's lead fields and their last change. One row per field.",
    columns: {
      field: 'API name.',
      display_name: 'Name in Marketo.',
      data_type: "Marketo's type.",
      length: 'Longest value in characters, for texts.',
      updateable: 'Whether the API may write it.',
      crm_managed: 'Whether the CRM owns it.',
      first_seen: 'The first extract that saw it, in UTC.',
      last_seen: 'The last extract that saw it, in UTC.',
      change:
        'new, removed, returned, renamed, retyped, shortened, lengthened, read_only, writable, crm_managed or hidden; the last one.',
      field_id: "Marketo's id of the field, which stays when it is renamed.",
      is_hidden: 'Whether it is hidden in Marketo, where the API user may ask.',
      is_sensitive: 'Whether Marketo marks it as sensitive, likewise.',
      former_names: 'API names that it had before, oldest first.',
    },
  },
  {
    name: 'field_change',
    comment:
      "Changes of the instance's lead fields. One row per field and change.",
    columns: {
      field: 'API name after the change.',
      change:
        'new, removed, returned, renamed, retyped, shortened, lengthened, read_only, writable, crm_managed or hidden.',
      before: 'Name, type or length before.',
      after: 'Name, type or length after.',
      seen_at: 'The run that saw it first, in UTC.',
    },
  },
  {
    name: 'label',
    comment: 'What people said of two leads. One row per pair.',
    columns: {
      a: 'The smaller id.',
      b: 'The larger id.',
      is_same: 'Whether they are one person.',
      author: 'Who said so.',
      decided_at: 'When, in UTC; empty where only the override file tells.',
      probability: 'What the matcher said then; empty for rules.',
      origin:
        'sample (drawn at random from merges), review (a doubtful pair) or override.',
    },
  },
  {
    name: 'log',
    comment: 'Events of runs, without values. One row per log line.',
    columns: {
      run_id,
      ts: 'When, in UTC.',
      level: 'debug, info, warn or error.',
      event: 'Name of the event, from a closed list.',
      line: 'The whole line as JSON.',
    },
  },
]
