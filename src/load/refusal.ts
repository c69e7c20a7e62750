/**
 * Why Marketo refused a record for good and what a person can do, by its code
 * (Adobe docs, "Error codes"; merge codes since 2026-03). Marketo's own text is
 * not kept, because it may quote a lead's value.
 */
const refusals: Readonly<Record<string, string>> = {
  '712':
    'Salesforce person accounts cannot be merged from Marketo; merge them in Salesforce',
  '714':
    'Salesforce has no default record type for the sync user; set one and plan again',
  '1001': 'a value has the wrong type for its field; correct the rule',
  '1003': 'Marketo calls the data invalid; check the values of this row',
  '1004': 'the lead does not exist any more',
  '1005': 'another lead has this email by now; look at it and plan again',
  '1006': 'a field does not exist any more; correct the pipeline file',
  '1007': 'several leads match; look at them in Marketo',
  '1008': 'the API user may not see the partition of this lead; grant access',
  '1010': 'the lead lives in another partition; grant access to it',
  '1011': 'a field cannot be used here; correct the rule',
  '1018': 'the CRM integration blocks this change; make it in the CRM',
  '1021': 'company fields cannot be written on a lead; leave them out',
  '1025': 'the program has no such status any more',
  '1037': 'the lead is there already, or further',
  '1076': 'a duplicate rule of Salesforce refused the merge; review the rule',
  '1077': 'a value is too long for its Salesforce field; shorten it there',
  '1078': 'the Salesforce record is deleted or neither lead nor contact',
  '1079':
    'several leads have the same personalised URL; merge them in Marketo itself',
  '1080': 'too many leads in one merge call',
}

export function refusalReason(code: string | null): string {
  const words = code === null ? undefined : refusals[code]
  const name = code ?? 'no code'
  return words === undefined
    ? `Marketo refused it (${name})`
    : `Marketo refused it (${name}): ${words}`
}
