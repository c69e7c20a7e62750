import { describe, expect, it } from 'vitest'
import { env, instance, mistakes, sandbox } from './parse.js'

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    'a misspelt sandbox',
    'marketo: sandbx\n',
    ['1:10  marketo must be sandbox, not "sandbx". Did you mean "sandbox"?'],
  ],
  [
    'a list as marketo',
    'marketo: []\n',
    [
      '1:1  marketo must be `sandbox`, or a mapping with endpoint, client_id and client_secret.',
    ],
  ],
  [
    'marketo left empty',
    'marketo:\n',
    [
      '1:9  marketo must be `sandbox`, or a mapping with endpoint, client_id and client_secret.',
    ],
  ],
  [
    'a misspelt key of the sandbox',
    'marketo:\n  sandbox: { leeds: 3 }\n',
    ['2:14  marketo.sandbox.leeds is not a key here. Did you mean "leads"?'],
  ],
  [
    'a negative number of leads',
    'marketo:\n  sandbox: { leads: -3 }\n',
    ['2:21  marketo.sandbox.leads must be at least 0.'],
  ],
  [
    'a word as number of leads',
    'marketo:\n  sandbox: { leads: many }\n',
    ['2:21  marketo.sandbox.leads must be a number, not "many".'],
  ],
  [
    'half a lead',
    'marketo:\n  sandbox: { leads: 1.5 }\n',
    ['2:21  marketo.sandbox.leads must be a whole number, not 1.5.'],
  ],
  [
    'generated leads beside a file',
    'marketo:\n  sandbox: { leads: 3, from: a.csv }\n',
    [
      '2:14  marketo.sandbox.leads is for generated leads; leave it out where from names a file.',
    ],
  ],
  [
    'an instance without a secret',
    'marketo:\n  endpoint: https://a.mktorest.com\n  client_id: ${ID}\n',
    [
      '1:1  marketo.client_secret is missing; it must be a reference to an environment variable, such as ${ACME_MARKETO_CLIENT_SECRET}.',
    ],
  ],
  [
    'a misspelt endpoint, said once',
    'marketo:\n  endpont: https://a.mktorest.com\n  client_id: ${ID}\n  client_secret: ${SECRET}\n',
    ['2:3  marketo.endpont is not a key here. Did you mean "endpoint"?'],
  ],
  [
    'plain http to another host',
    instance.replace('https', 'http'),
    [
      '2:13  marketo.endpoint must begin with https, because it carries secrets.',
    ],
  ],
  [
    'an endpoint of another kind',
    instance.replace('https', 'ftp'),
    [
      '2:13  marketo.endpoint is not a web address, such as https://123-ABC-456.mktorest.com.',
    ],
  ],
  [
    'an endpoint that is no address',
    instance.replace('https://', ''),
    [
      '2:13  marketo.endpoint is not a web address, such as https://123-ABC-456.mktorest.com.',
    ],
  ],
  [
    'an endpoint with a path',
    instance.replace('.com', '.com/foo'),
    [
      '2:13  marketo.endpoint must be the host alone, such as https://123-ABC-456.mktorest.com.',
    ],
  ],
  [
    'an endpoint with a password',
    instance.replace('https://', 'https://me:pw@'),
    [
      '2:13  marketo.endpoint must be the host alone, such as https://123-ABC-456.mktorest.com.',
    ],
  ],
  [
    'a time scale for a real host',
    instance + '  time_scale: 10\n',
    [
      '5:15  marketo.time_scale is for a sandbox on this machine; 123-abc-456.mktorest.com runs at its own pace, so leave it out.',
    ],
  ],
  [
    'a clock that stands still',
    'marketo:\n  sandbox: {}\n  time_scale: 0\n',
    ['3:15  marketo.time_scale must be at least 1.'],
  ],
  [
    'every mistake of a budget',
    instance +
      '  budget: { calls_per_dy: 3, concurrency: 20, calls_per_20s: 0 }\n',
    [
      '5:13  marketo.budget.calls_per_dy is not a key here. Did you mean "calls_per_day"?',
      '5:43  marketo.budget.concurrency must be at most 10.',
      '5:62  marketo.budget.calls_per_20s must be at least 1.',
    ],
  ],
  [
    'a pasted secret',
    instance.replace('${SECRET}', 'abcdefgh12345678'),
    [
      '4:18  marketo.client_secret is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a secret of digits',
    instance.replace('${SECRET}', '12345678'),
    [
      '4:18  marketo.client_secret must be a reference to an environment variable, such as ${ACME_MARKETO_CLIENT_SECRET}.',
    ],
  ],
  [
    'a pasted secret beside a reference',
    instance.replace('${SECRET}', 'abcdefgh12345678${SECRET}'),
    [
      '4:18  marketo.client_secret is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a pasted secret behind an alias',
    'owner: &a abcdefgh12345678\n' + instance.replace('${SECRET}', '*a'),
    [
      '1:11  marketo.client_secret is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a pasted client id',
    instance.replace('${ID}', 'abcdefgh12345678'),
    [
      '3:14  marketo.client_id is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a reference in shell style',
    instance.replace('${SECRET}', '$SECRET'),
    [
      '4:18  marketo.client_secret is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a variable that is not set',
    instance.replace('${SECRET}', '${ACME_SECRET}'),
    [
      "4:18  marketo.client_secret needs the environment variable ACME_SECRET, which is not set; set it to the client secret of the instance's API service.",
    ],
  ],
  [
    'each variable that is not set',
    instance.replace('${SECRET}', '${A}').replace('${ID}', '${B}'),
    [
      "3:14  marketo.client_id needs the environment variable B, which is not set; set it to the client id of the instance's API service.",
      "4:18  marketo.client_secret needs the environment variable A, which is not set; set it to the client secret of the instance's API service.",
    ],
  ],
  [
    'a variable that is empty',
    instance.replace('${SECRET}', '${EMPTY}'),
    [
      "4:18  marketo.client_secret needs the environment variable EMPTY, which is empty; set it to the client secret of the instance's API service.",
    ],
  ],
  [
    'a variable that only an object has',
    instance.replace('${SECRET}', '${constructor}'),
    [
      "4:18  marketo.client_secret needs the environment variable constructor, which is not set; set it to the client secret of the instance's API service.",
    ],
  ],
  [
    'an endpoint whose variable is not set',
    instance.replace('https://123-ABC-456.mktorest.com', '${ACME_ENDPOINT}'),
    [
      '2:13  marketo.endpoint needs the environment variable ACME_ENDPOINT, which is not set; set it to the REST endpoint of the instance, such as https://123-ABC-456.mktorest.com.',
    ],
  ],
  [
    'a reference where none can stand',
    sandbox + 'owner: ${OWNER}\n',
    [
      '2:8  owner refers to the environment; only marketo.endpoint, client_id, client_secret, hash keys and alert urls can.',
    ],
  ],
  [
    'a reference as a key',
    sandbox + '${KEY}: 1\n',
    [
      '2:1  "${KEY}" is not a key here. Keys are description, owner, groups, marketo, extract, source, services, load, schedule, alert.',
      '2:1  "${KEY}" refers to the environment; only marketo.endpoint, client_id, client_secret, hash keys and alert urls can.',
    ],
  ],
  [
    'a pasted webhook',
    sandbox +
      'alert: [{ slack: "https://hooks.slack.com/services/T000/B000/XXXX" }]\n',
    [
      '2:18  alert[0].slack is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'an alert event that is none',
    sandbox + 'alert: [{ slack: "${HOOK}", on: [failure] }]\n',
    [
      '2:34  alert[0].on[0] must be one of failed, review, paused, done, recovered, overdue, not "failure".',
    ],
  ],
  [
    'a webhook over plain http',
    sandbox + 'alert: [{ slack: "http://${ID}" }]\n',
    ['2:18  alert[0].slack must be a web address that begins with https.'],
  ],
  [
    'an alert without a channel',
    sandbox + 'alert: [{ on: [failed] }]\n',
    [
      '2:9  alert[0] must have one of slack, email, webhook, github; write another item for another.',
    ],
  ],
  [
    'a mail password that is written out',
    sandbox +
      'alert: [{ email: { smtp: "smtps://me:hunter2@${ID}", to: [a@acme.example], from: b@acme.example } }]\n',
    [
      '2:26  alert[0].email.smtp is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
    ],
  ],
  [
    'a mail address that is none',
    sandbox +
      'alert: [{ email: { smtp: "smtps://me:${SECRET}@mail.example", to: [ops], from: b@acme.example } }]\n',
    [
      '2:68  alert[0].email.to[0] must be one e-mail address, such as ops@acme.example.',
    ],
  ],
]

/** Addresses that lead into the network the pipeline runs in. */
const inside = [
  'https://127.0.0.1/x',
  'https://[::1]/x',
  'https://[::ffff:10.0.0.1]/x',
  'https://[fd00::1]/x',
  'https://10.1.2.3/x',
  'https://172.16.0.1/x',
  'https://192.168.1.1/x',
  'https://169.254.169.254/latest/meta-data',
  'https://100.100.100.200/x',
  'https://0/x',
  'https://0x7f000001/x',
  'https://2130706433/x',
  'https://017700000001/x',
  'https://localhost/x',
  'https://localhost./x',
  'https://metadata.google.internal/x',
  'https://printer.local/x',
  'https://vault/x',
  'https://100.64.0.1/x',
  'https://198.18.0.1/x',
  'https://192.0.2.1/x',
  'https://198.51.100.7/x',
  'https://203.0.113.9/x',
  'https://224.0.0.1/x',
  'https://240.0.0.1/x',
  'https://255.255.255.255/x',
  'https://192.0.0.8/x',
  'https://172.31.255.255/x',
  'https://[::]/x',
  'https://[fe80::1]/x',
  'https://[fec0::1]/x',
  'https://[ff02::1]/x',
  'https://[64:ff9b::a00:1]/x',
  'https://[2002:7f00:1::]/x',
  'https://[2001:db8::1]/x',
  'https://[::127.0.0.1]/x',
  'https://[0:0:0:0:0:ffff:127.0.0.1]/x',
  'https://[::ffff:a9fe:a9fe]/x',
  'https://127.1/x',
  'https://0177.0.0.1/x',
  'https://0x7f.1/x',
  'https://127.0.0.1./x',
  'https://①②⑦.⓪.⓪.①/x',
  'https://LOCALHOST/x',
  'https://foo.localhost/x',
  'https://x.localdomain/x',
  'https://router.lan/x',
  'https://srv.corp/x',
  'https://nas.home.arpa/x',
  'https://api.default.svc.cluster.local/x',
  'https://instance-data/x',
  'https://box.intranet/x',
]
const outside = [
  'http://hooks.example.com/x',
  'ftp://hooks.example.com/x',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://',
  'hooks.example.com/x',
  'gopher://hooks.example.com/x',
  'ws://hooks.example.com/x',
  'data:text/plain,x',
  '//hooks.example.com/x',
  'blob:https://hooks.example.com/x',
]

describe('an alert to an instance', () => {
  const text = `${instance}alert: [{ webhook: "\${HOOK}" }]\n`

  it.each(inside)('is not sent to %s', (HOOK) => {
    expect(mistakes(text, { ...env, HOOK })).toEqual([
      '5:20  alert[0].webhook is an address inside a network; only hosts on the internet are sent to.',
    ])
  })

  it.each(outside)('is not sent to %s, which is no web address', (HOOK) => {
    expect(mistakes(text, { ...env, HOOK })).toEqual([
      '5:20  alert[0].webhook must be a web address that begins with https.',
    ])
  })

  it('is sent to loopback only from a sandbox, and never with a password', () => {
    const here = { ...env, HOOK: 'http://127.0.0.1:9/x' }
    const test = `${sandbox}alert: [{ webhook: "\${HOOK}" }]\n`
    expect(mistakes(test, here)).toEqual([])
    expect(mistakes(text, here)).not.toEqual([])
    const named = { ...env, HOOK: 'https://me:pw@hooks.example.com/x' }
    expect(mistakes(text, named)[0]).toContain('has a user name or password')
  })
})

describe('a connection and what it refers to', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})
