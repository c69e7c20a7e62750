import { describe, expect, it } from 'vitest'
import { dedupe, mistakes } from './parse.js'

const same = 'match: [{ same: [email] }]\n'

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    'a misspelt key',
    dedupe(same + 'winer: [crm_contact]'),
    ['6:5  services.person.winer is not a key here. Did you mean "winner"?'],
  ],
  [
    'a service without match',
    dedupe('winner: [crm_contact]'),
    [
      '3:3  services.person.match is missing; it must be `auto`, or a list of rules such as - same: [email].',
    ],
  ],
  [
    'a match that is another word',
    dedupe('match: automatic'),
    [
      '5:12  services.person.match must be `auto`, or a list of rules such as - same: [email].',
    ],
  ],
  [
    'a rule of nothing',
    dedupe('match: [{ where: { city: Oslo } }]'),
    ['5:13  services.person.match[0] must have same, similar or both.'],
  ],
  [
    'similarity without a block',
    dedupe('match: [{ similar: { first_name: 0.9 } }]'),
    [
      '5:13  services.person.match[0] compares every lead with every other; name keys that have to be equal, such as block: [last_name_sound, email_domain].',
    ],
  ],
  [
    'a block without similarity',
    dedupe('match: [{ same: [email], block: [city] }]'),
    [
      '5:13  services.person.match[0] has block without similar; write its keys under same.',
    ],
  ],
  [
    'a threshold that is a percentage',
    dedupe('match: [{ similar: { first_name: 90 }, block: [city] }]'),
    [
      '5:38  services.person.match[0].similar.first_name must be at most 1, which is equal.',
    ],
  ],
  [
    'a threshold of nothing',
    dedupe('match: [{ similar: { first_name: 0 }, block: [city] }]'),
    [
      '5:38  services.person.match[0].similar.first_name must be above 0; 0.9 is a good beginning.',
    ],
  ],
  [
    'a misspelt similar key',
    dedupe('match: [{ similar: { frist_name: 0.9 }, block: [city] }]'),
    [
      '5:26  services.person.match[0].similar.frist_name is not a match key. Did you mean "first_name"?',
    ],
  ],
  [
    'a misspelt block key',
    dedupe('match: [{ similar: { first_name: 0.9 }, block: [last_nam] }]'),
    [
      '5:53  services.person.match[0].block[0] "last_nam" is not a match key. Did you mean "last_name"?',
    ],
  ],
  [
    'an address as own domain',
    dedupe(same + 'never: [{ employees: ["@acme.com"] }]'),
    [
      '6:27  services.person.never[0].employees[0] must be a domain of email addresses without the @, such as acme.com.',
    ],
  ],
  [
    'a misspelt ready-made never rule',
    dedupe(same + 'never: [houshold]'),
    [
      '6:13  services.person.never[0] must be one of partition, household, not "houshold". Did you mean "household"?',
    ],
  ],
  [
    'an empty match list',
    dedupe('match: []'),
    ['5:5  services.person.match must have at least 1 item.'],
  ],
  [
    'a rule of no keys',
    dedupe('match: [{ same: [] }]'),
    ['5:15  services.person.match[0].same must have at least 1 item.'],
  ],
  [
    'letters in the wrong order',
    dedupe('match: [{ same: [emial] }]'),
    [
      '5:22  services.person.match[0].same[0] "emial" is not a match key. Did you mean "email"?',
    ],
  ],
  [
    'a misspelt match key',
    dedupe('match: [{ same: [email, last_nam] }]'),
    [
      '5:29  services.person.match[0].same[1] "last_nam" is not a match key. Did you mean "last_name"?',
    ],
  ],
  [
    'a match key in capitals',
    dedupe('match: [{ same: [Email] }]'),
    [
      '5:22  services.person.match[0].same[0] "Email" is not a match key. Did you mean "email"?',
    ],
  ],
  [
    'a match key that is none',
    dedupe('match: [{ same: [foo_bar] }]'),
    [
      '5:22  services.person.match[0].same[0] "foo_bar" is not a match key; use email, email_local, email_domain, phone, mobile_phone, first_name, first_name_root, first_initial, last_name, last_name_sound, name_suffix, full_name, company, website, address, street, house_number, city, state, postal_code, country, birth_date, date_of_birth, or a Marketo field such as leadScore.',
    ],
  ],
  [
    'one key that is no list',
    dedupe('match: [{ same: email }]'),
    ['5:21  services.person.match[0].same must be a list, not "email".'],
  ],
  [
    'two never rules in one',
    dedupe(same + 'never: [{ differ: a, where: { b: c } }]'),
    [
      '6:13  services.person.never[0] must have one of differ, where, employees, intentional and extra_key.',
    ],
  ],
  [
    'a never rule of nothing',
    dedupe(same + 'never: [{}]'),
    [
      '6:13  services.person.never[0] must have one of differ, where, employees, intentional and extra_key.',
    ],
  ],
  [
    'a misspelt never rule, said once',
    dedupe(same + 'never: [{ difer: a }]'),
    [
      '6:15  services.person.never[0].difer is not a key here. Did you mean "differ"?',
    ],
  ],
  [
    'a word as never rule',
    dedupe(same + 'never: [sfdcAccountId]'),
    [
      '6:13  services.person.never[0] must be partition, household, or a mapping with one of differ, where, employees, intentional and extra_key.',
    ],
  ],
  [
    'where without a field',
    dedupe(same + 'never: [{ where: {} }]'),
    ['6:15  services.person.never[0].where names no field.'],
  ],
  [
    'a condition that is a mapping',
    dedupe(same + 'never: [{ where: { email: { is: x } } }]'),
    [
      '6:24  services.person.never[0].where.email.not is missing; it must be null.',
      '6:33  services.person.never[0].where.email.is is not a key here. The only key is "not".',
    ],
  ],
  [
    'not with a value',
    dedupe(same + 'never: [{ where: { email: { not: x } } }]'),
    ['6:38  services.person.never[0].where.email.not must be null, not "x".'],
  ],
  [
    'a pattern in a list',
    dedupe(same + 'never: [{ where: { email: ["*@a.example", b] } }]'),
    [
      '6:32  services.person.never[0].where.email[0] is a pattern in a list of values; write one condition for each pattern.',
    ],
  ],
  [
    'an empty list of values',
    dedupe(same + 'never: [{ where: { email: [] } }]'),
    ['6:24  services.person.never[0].where.email must have at least 1 item.'],
  ],
  [
    'a condition on a bad field name',
    dedupe(same + 'never: [{ where: { "e mail": x } }]'),
    [
      '6:24  services.person.never[0].where."e mail" is not a Marketo field name; API names are letters, digits and _, such as leadScore.',
    ],
  ],
  [
    'a misspelt winner rule',
    dedupe(same + 'winner: [crm_contcat]'),
    [
      '6:14  services.person.winner[0] must be one of crm_contact, crm_lead, crm_synced, has_account, has_opportunity, most_recent, most_complete, not "crm_contcat". Did you mean "crm_contact"?',
    ],
  ],
  [
    'two orders in one rule',
    dedupe(same + 'winner: [{ highest: a, lowest: b }]'),
    [
      '6:14  services.person.winner[0] must have one of highest, lowest, newest, oldest, most_complete, where, list and score.',
    ],
  ],
  [
    'a misspelt order, said once',
    dedupe(same + 'winner: [{ newst: updatedAt }]'),
    [
      '6:16  services.person.winner[0].newst is not a key here. Did you mean "newest"?',
    ],
  ],
  [
    'a number as winner rule',
    dedupe(same + 'winner: [3]'),
    [
      '6:14  services.person.winner[0] must be crm_contact, crm_lead, crm_synced, has_account, has_opportunity, most_recent, most_complete, or a mapping such as { newest: updatedAt }.',
    ],
  ],
  [
    'one winner rule that is no list',
    dedupe(same + 'winner: crm_contact'),
    [
      '6:13  services.person.winner must be a list of rules, or a mapping such as { by: first_alone, rules: [crm_contact] }.',
    ],
  ],
  [
    'a number as a field',
    dedupe(same + 'winner: [{ highest: 3 }]'),
    [
      '6:25  services.person.winner[0].highest "3" is not a Marketo field name; API names are letters, digits and _, such as leadScore.',
    ],
  ],
  [
    'a misspelt survive rule',
    dedupe(same + 'survive: { phone: most_recnt }'),
    [
      '6:23  services.person.survive.phone must be one of winner, most_recent, oldest, max, min, sum, union, longest, earliest, latest, most_complete, most_frequent, not "most_recnt". Did you mean "most_recent"?',
    ],
  ],
  [
    'writing what Marketo keeps',
    dedupe(same + 'survive: { id: min, phone: max, createdAt: oldest }'),
    [
      '6:16  services.person.survive.id is kept by Marketo or the CRM; nobody can write it.',
      '6:37  services.person.survive.createdAt is kept by Marketo or the CRM; nobody can write it.',
    ],
  ],
  [
    'a match key in survive',
    dedupe(same + 'survive: { last_name: longest }'),
    [
      '6:16  services.person.survive.last_name is a match key, not a field. Did you mean "lastName"?',
    ],
  ],
  [
    'a survive rule for an opt-out',
    dedupe(same + 'survive: { unsubscribed: winner }'),
    [
      '6:16  services.person.survive.unsubscribed stops mail, so a true of any record is kept; leave it out here.',
    ],
  ],
  [
    'a rule that could lose an opt-out',
    dedupe(same + 'consent: { unsubscribed: all_true }'),
    [
      '6:30  services.person.consent.unsubscribed must be any_true, because an opt-out is never lost.',
    ],
  ],
  [
    'a misspelt consent rule',
    dedupe(same + 'consent: { optInDate: last }'),
    [
      '6:27  services.person.consent.optInDate must be one of any_true, all_true, earliest, latest, not "last". Did you mean "latest"?',
    ],
  ],
  [
    'a misspelt stamp',
    dedupe(same + 'stamp: { duplicateCount: cuont }'),
    [
      '6:30  services.person.stamp.duplicateCount must be one of count, ids, date, cluster, service, rule, not "cuont". Did you mean "count"?',
    ],
  ],
  [
    'two rules for one field',
    dedupe(same + 'survive: { phone: max }\nstamp: { phone: count }'),
    [
      '7:14  services.person.stamp.phone is written by services.person.survive already; a field can have one writer.',
    ],
  ],
  [
    'yes in place of true',
    dedupe(same + 'crm: { merge: yes }'),
    ['6:19  services.person.crm.merge must be true or false, not "yes".'],
  ],
  [
    'crm without merge',
    dedupe(same + 'crm: true'),
    ['6:10  services.person.crm must be a mapping, not true.'],
  ],
  [
    'a list scope that is a word',
    dedupe(same + 'list: Newsletter'),
    ['6:11  services.person.list must be a mapping, not "Newsletter".'],
  ],
  [
    'two lists in one scope',
    dedupe(same + 'list: { static: a, smart: 3 }'),
    [
      '6:5  services.person.list must have one of static and smart (a name or an id).',
    ],
  ],
  [
    'a folder without a list',
    dedupe(same + 'list: { folder: EMEA }'),
    [
      '6:5  services.person.list must have one of static and smart (a name or an id).',
    ],
  ],
  [
    'a misspelt kind of list',
    dedupe(same + 'list: { statc: Hot }'),
    [
      '6:13  services.person.list.statc is not a key here. Did you mean "static"?',
    ],
  ],
  [
    'a list without a name',
    dedupe(same + 'list: { static: }'),
    [
      '6:21  services.person.list.static must be the name or the id of a static list.',
    ],
  ],
]

describe('a dedupe service', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})
