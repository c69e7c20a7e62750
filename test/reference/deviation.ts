/** Where documents or recordings contradict Marketo's definitions. */
export interface Deviation {
  /** The issues that it explains. */
  readonly issue: RegExp
  readonly why: string
  readonly source: string
}

export const deviations: readonly Deviation[] = [
  {
    issue: /(?:answer|refusal) (?:errors|warnings): is missing$/,
    why: 'Answers of the lead database have errors only when they fail, and warnings only when there are some.',
    source: 'Adobe docs, "Leads" and "Error Codes", every example',
  },
  {
    issue: / refusal result: is missing$/,
    why: 'A call that was refused as a whole has errors and no result.',
    source: 'Adobe docs, "Error Codes", response-level errors',
  },
  {
    issue:
      /\/(?:leads|lead\/\{leadId\})\.json (?:answer result|request body\.input)\[\]\.(?!reasons?:)\w+: is not declared$/,
    why: 'A lead has whatever fields the instance has; only four are declared.',
    source: 'the definitions themselves, description of Lead',
  },
  {
    issue: /\/members\.json answer result\[\]\.statusName: is not declared$/,
    why: 'A program member has the fields that were asked for; six are declared.',
    source:
      'the definitions themselves, description of ProgramMember, and Adobe docs, "Program Members", where statusName is a searchable field',
  },
  {
    issue: /answer result\[\]\.reasons: is not declared$/,
    why: 'A record that was skipped says why in the array reasons, not in one object reason.',
    source: 'Adobe docs, "Error Codes", record-level errors',
  },
  {
    issue: /\/stats\/\S+ answer result\[\]\.date: is no date-time$/,
    why: 'The statistics name a day.',
    source: 'Adobe docs, "Usage", examples',
  },
  {
    issue:
      /\/rest\/asset\/\S+ answer result\[\]\.(?:created|updated)At: is no date-time$/,
    why: 'Times of assets end in Z+0000.',
    source: 'Adobe docs, "Static Lists" and "Folders", examples',
  },
  {
    issue:
      /\/activities(?:\/leadchanges)?\.json answer result\[\]\.attributes\[\]\.value: is no object$/,
    why: 'Values of attributes are texts, numbers and booleans.',
    source: 'Adobe docs, "Activities", examples',
  },
  {
    issue: /\/file\.json answer is text\/csv$/,
    why: 'The file is the file, not JSON.',
    source: 'Adobe docs, "Bulk Extract", retrieving your data',
  },
  {
    issue: /\/(?:failures|warnings)\.json answer is text\/csv$/,
    why: 'Failed rows come as they were uploaded, not as JSON.',
    source: 'Adobe docs, "Bulk Lead Import", failures and warnings',
  },
  {
    issue:
      /^POST \/bulk\/v1\/leads\.json answer result\[\]\.numOfLeadsProcessed: is missing$/,
    why: 'An import that was just queued has a batch id and a status.',
    source: 'Adobe docs, "Bulk Lead Import", example of the submit call',
  },
  {
    issue:
      /^POST \/rest\/asset\/v1\/staticLists?(?:\/\{id\})?\.json request (?:body: is missing|(?:name|folder): is not declared)$/,
    why: 'Assets are written by forms, which the definitions consume and then declare as a body.',
    source: 'Adobe docs, "Static Lists", create and update',
  },
  {
    issue: /^POST \/identity\/oauth\/token request \w+: is in a form$/,
    why: 'The credentials of a POST belong into its body, where no log of addresses keeps them.',
    source:
      'RFC 6749, section 2.3.1; not shown by Adobe, who has them in the query',
  },
]
