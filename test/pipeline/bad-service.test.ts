import { describe, expect, it } from 'vitest'
import { mistakes, sandbox, services } from './parse.js'

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    'a service name that climbs folders',
    services('"../x": { type: domain, write: { a: host } }'),
    [
      '3:3  services."../x" is not a name that works everywhere; use lower-case letters, digits, _ and -, at most 63.',
    ],
  ],
  [
    'a service without content',
    services('hash:'),
    ['3:8  services.hash must be a mapping, not empty.'],
  ],
  [
    'a service without a type',
    services('hash: { write: {} }'),
    [
      '3:3  services.hash.type is missing; it must be one of dedupe, hash, domain, enrich.',
    ],
  ],
  [
    'a misspelt type',
    services('h: { type: hsah, write: {} }'),
    [
      '3:14  services.h.type must be one of dedupe, hash, domain, enrich, not "hsah". Did you mean "hash"?',
    ],
  ],
  [
    'services as a list',
    sandbox + 'services: []\n',
    ['2:1  services must be a mapping, not a list.'],
  ],
  [
    'a misspelt algorithm',
    services('h: { type: hash, write: { a: { algorithm: sha255 } } }'),
    [
      '3:45  services.h.write.a.algorithm must be one of sha256, hmac-sha256, sha1, md5, not "sha255". Did you mean "sha256"?',
    ],
  ],
  [
    'a hash rule that is a word',
    services('h: { type: hash, write: { a: sha256 } }'),
    ['3:32  services.h.write.a must be a mapping, not "sha256".'],
  ],
  [
    'an algorithm that the platform does not match',
    services(
      'h: { type: hash, write: { a: { algorithm: md5, profile: google } } }',
    ),
    [
      '3:45  services.h.write.a.algorithm must be sha256; google matches nothing else.',
    ],
  ],
  [
    'an encoding that the platform does not match',
    services(
      'h: { type: hash, write: { a: { profile: uid2, encoding: hex } } }',
    ),
    [
      '3:59  services.h.write.a.encoding must be base64; uid2 matches nothing else.',
    ],
  ],
  [
    'a hash over the address itself',
    services('h: { type: hash, write: { email: {} } }'),
    [
      '3:29  services.h.write.email is the address itself; write to a field of your own.',
    ],
  ],
  [
    'a misspelt domain value',
    services('d: { type: domain, write: { a: hots } }'),
    [
      '3:34  services.d.write.a must be one of host, domain, unicode, type, suggestion, problem, company, not "hots". Did you mean "host"?',
    ],
  ],
  [
    'two services that write one field',
    services(
      'h: { type: hash, write: { a: {} } }',
      'd: { type: domain, write: { a: host } }',
    ),
    [
      '4:31  services.d.write.a is written by services.h.write already; a field can have one writer.',
    ],
  ],
  [
    'a hash over a surviving field',
    services(
      'p: { type: dedupe, match: [{ same: [email] }], survive: { a: max } }',
      'h: { type: hash, write: { a: {} } }',
    ),
    [
      '4:29  services.h.write.a is written by services.p.survive already; a field can have one writer.',
    ],
  ],
  [
    'a model outside the folder',
    services('e: { type: enrich, model: ../../x, write: { a: b } }'),
    [
      '3:29  services.e.model "../../x" is not a model; write its path under models/ without .sql, such as enrich/first_category.',
    ],
  ],
  [
    'a model with its ending',
    services('e: { type: enrich, model: enrich/x.sql, write: { a: b } }'),
    [
      '3:29  services.e.model "enrich/x.sql" is not a model; write its path under models/ without .sql, such as enrich/first_category.',
    ],
  ],
  [
    'an absolute model',
    services('e: { type: enrich, model: /etc/passwd, write: { a: b } }'),
    [
      '3:29  services.e.model "/etc/passwd" is not a model; write its path under models/ without .sql, such as enrich/first_category.',
    ],
  ],
  [
    'a column with a space',
    services('e: { type: enrich, model: enrich/x, write: { a: "b c" } }'),
    [
      '3:51  services.e.write.a "b c" is not a column name; use lower-case letters, digits and _.',
    ],
  ],
  [
    'enrich without a model',
    services('e: { type: enrich, write: { a: b } }'),
    ['3:3  services.e.model is missing; it must be text.'],
  ],
]

describe('a service that writes fields', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})
