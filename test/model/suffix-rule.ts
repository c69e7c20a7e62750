/**
 * Some rules of the public suffix list (publicsuffix.org), and a reader of
 * them by its published algorithm. It shares nothing with the product.
 */
import { toASCII } from './punycode-reader.js'

/** As the list writes them; every rule that touches a case must be here. */
export const icannRules = `
com net org info uk co.uk org.uk me.uk ac.uk gov.uk nhs.uk *.sch.uk
de fr com.fr gouv.fr asso.fr au com.au net.au edu.au
jp co.jp ac.jp *.kawasaki.jp !city.kawasaki.jp *.kobe.jp !city.kobe.jp
kyoto.jp ide.kyoto.jp *.ck !www.ck *.er *.fk *.np *.mm *.jm
br com.br gov.br sp.gov.br us ca.us k12.ca.us ma.us k12.ma.us pvt.k12.ma.us chtr.k12.ma.us paroch.k12.ma.us
no oslo.no gs.oslo.no it rm.it roma.it edu gov mil io com.io
cn com.cn 公司.cn 网络.cn 中国 рф ελ 한국 香港 公司.香港
in co.in gen.in nz co.nz school.nz māori.nz se ch li at co.at ac.at
museum aero arpa in-addr.arpa ai off.ai il co.il ישראל
`
  .trim()
  .split(/\s+/)

export const privateRules = `
uk.com us.com eu.com de.com za.com uk.net github.io
githubusercontent.com herokuapp.com blogspot.com appspot.com *.r.appspot.com
*.compute.amazonaws.com *.elb.amazonaws.com s3.amazonaws.com
*.user.fm myshopify.com co.com za.net web.app netlify.app
`
  .trim()
  .split(/\s+/)

interface Rule {
  readonly labels: readonly string[]
  readonly isException: boolean
}

function parsed(rule: string): Rule {
  const isException = rule.startsWith('!')
  const name = isException ? rule.slice(1) : rule
  const labels = name
    .split('.')
    .map((each) => (each === '*' ? '*' : toASCII(each)))
  return { labels: labels.toReversed(), isException }
}

function matches({ labels }: Rule, host: readonly string[]): boolean {
  if (labels.length > host.length) return false
  return labels.every((label, index) => label === '*' || label === host[index])
}

/**
 * The registrable domain of a host in ASCII, or the host where it is a suffix.
 * An exception wins over every rule, then the longest rule does; where none
 * matches, the last label is the suffix.
 */
export function registrable(host: string, withPrivate: boolean): string {
  const rules = [...icannRules, ...(withPrivate ? privateRules : [])].map(
    parsed,
  )
  const labels = host.split('.').toReversed()
  const found = rules.filter((rule) => matches(rule, labels))
  const exception = found.find(({ isException }) => isException)
  const length =
    exception === undefined
      ? Math.max(1, ...found.map((rule) => rule.labels.length))
      : exception.labels.length - 1
  if (labels.length <= length) return host
  return labels
    .slice(0, length + 1)
    .toReversed()
    .join('.')
}
