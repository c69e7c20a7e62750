import { type ExitCode, exitCode, type Recovery } from '../error.js'

/** What is wrong with a call; the stable `code` of a MarketoError. */
export type Problem =
  | 'credentials'
  | 'token'
  | 'permission'
  | 'certificate'
  | 'unreachable'
  | 'unavailable'
  | 'system_error'
  | 'rate_limit'
  | 'concurrency_limit'
  | 'daily_quota'
  | 'export_quota'
  | 'queue_full'
  | 'already_queued'
  | 'filter_unsupported'
  | 'file_missing'
  | 'no_data'
  | 'not_found'
  | 'refused'
  | 'bad_request'
  | 'too_large'
  | 'unknown_answer'
  | 'budget'
  | 'stopped'

interface Treatment {
  readonly exit: ExitCode
  readonly recovery: Recovery
  /** What happened, after "Marketo INSTANCE". */
  readonly what: string
  readonly next: string
}

const { failed, paused, access, machine } = exitCode
const sameCommand = 'The same command continues where it stopped.'

/** How each problem ends a run and what a person should do about it. */
export const treatment: Readonly<Record<Problem, Treatment>> = {
  credentials: {
    exit: access,
    recovery: 'abort',
    what: 'refused the client id and secret',
    next: 'Check client_id and client_secret of the custom service (Admin, LaunchPoint, View Details) and run again.',
  },
  token: {
    exit: access,
    recovery: 'retry',
    what: 'refused the access token that it had handed out',
    next: 'If this stays so, the secret or the API user was changed: check the custom service under Admin, LaunchPoint, and run again.',
  },
  permission: {
    exit: access,
    recovery: 'abort',
    what: 'denied access',
    next: "Give the API user's role the permission; if the subscription restricts API access by IP address, put the address of this machine on the allow-list (Admin, Web Services, IP Restrictions).",
  },
  certificate: {
    exit: machine,
    recovery: 'abort',
    what: 'could not be trusted, because its TLS certificate or handshake is wrong',
    next: 'Somebody may be reading along: check the endpoint and the proxy of this machine. There is no switch to go on without a valid certificate.',
  },
  unreachable: {
    exit: paused,
    recovery: 'retry',
    what: 'could not be reached',
    next: `Check the endpoint in the pipeline file and the network. ${sameCommand}`,
  },
  unavailable: {
    exit: paused,
    recovery: 'retry',
    what: 'gave no usable answer',
    next: `Marketo may be down for a while. ${sameCommand}`,
  },
  system_error: {
    exit: failed,
    recovery: 'retry',
    what: 'reported a system error, which often means a request that it cannot understand',
    next: 'Run again later; if it comes back, give the request id to Marketo support.',
  },
  rate_limit: {
    exit: paused,
    recovery: 'retry',
    what: 'is over its limit of calls in 20 s, which all integrations share',
    next: `Lower calls_per_20s or run when others are quiet. ${sameCommand}`,
  },
  concurrency_limit: {
    exit: paused,
    recovery: 'retry',
    what: 'is over its limit of calls at one time, which all integrations share',
    next: `Lower concurrency or run when others are quiet. ${sameCommand}`,
  },
  daily_quota: {
    exit: paused,
    recovery: 'wait',
    what: 'has used up the API calls of the whole subscription for today',
    next: sameCommand,
  },
  export_quota: {
    exit: paused,
    recovery: 'wait',
    what: "has used up today's export volume",
    next: sameCommand,
  },
  queue_full: {
    exit: paused,
    recovery: 'wait',
    what: 'has no free place in its queue of jobs, which all integrations share',
    next: `Wait for a place. ${sameCommand}`,
  },
  already_queued: {
    exit: failed,
    recovery: 'skip',
    what: 'has this job in its queue already',
    next: 'Go on polling the job.',
  },
  filter_unsupported: {
    exit: failed,
    recovery: 'skip',
    what: 'does not offer this export filter in this subscription',
    next: 'Export by createdAt instead, or ask Marketo support to enable the filter.',
  },
  file_missing: {
    exit: paused,
    recovery: 'wait',
    what: 'has no file for this export job',
    next: 'The job is not finished, or its file has expired: poll it, or create it again.',
  },
  no_data: {
    exit: failed,
    recovery: 'skip',
    what: 'found nothing',
    next: 'Check what was asked for.',
  },
  not_found: {
    exit: failed,
    recovery: 'skip',
    what: 'does not know what was asked for',
    next: 'Check that it still exists and that the API user may see it.',
  },
  refused: {
    exit: failed,
    recovery: 'skip',
    what: 'refused this operation for good',
    next: 'Correct the cause that it names.',
  },
  bad_request: {
    exit: failed,
    recovery: 'abort',
    what: 'did not accept the request',
    next: 'This subscription lacks the feature, or this program has a defect: report it with the request id.',
  },
  too_large: {
    exit: failed,
    recovery: 'abort',
    what: 'takes no request of this size',
    next: 'Split it.',
  },
  unknown_answer: {
    exit: failed,
    recovery: 'abort',
    what: 'gave an answer that this program does not know',
    next: 'Nothing was concluded from it: look the code up in the Marketo documentation, or report it with the request id.',
  },
  budget: {
    exit: paused,
    recovery: 'wait',
    what: "has received the calls of this pipeline's daily budget",
    next: `Raise calls_per_day if the subscription has room. ${sameCommand}`,
  },
  stopped: {
    exit: paused,
    recovery: 'wait',
    what: 'was not called, because the run was asked to stop',
    next: sameCommand,
  },
}
