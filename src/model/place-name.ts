/**
 * Names of countries and of the states that people write in two ways, for
 * one code each. Country names come from the runtime's own CLDR data.
 */
import { getCountries } from 'libphonenumber-js'

/** Languages in which forms and imports name countries. */
const languages = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'sv',
  'da',
  'nb',
  'fi',
  'pl',
  'cs',
  'hu',
  'ro',
  'tr',
  'el',
  'ru',
  'uk',
  'ja',
  'ko',
  'zh',
  'ar',
  'he',
]

/** Other names and three-letter codes that CLDR does not give. */
const countryAliases = `
US: usa, united states of america, the united states, america, the us
GB: uk, gbr, great britain, britain, england, scotland, wales, northern ireland
DE: deu, ger, brd, federal republic of germany
FR: fra, france metropolitaine, republique francaise
ES: esp | IT: ita | PT: prt, por | NL: nld, ned, holland, the netherlands
BE: bel | CH: che, sui, schweiz, suisse, svizzera, cch | AT: aut | IE: irl, republic of ireland, eire
DK: dnk | SE: swe | NO: nor | FI: fin | IS: isl | PL: pol | CZ: cze, czech republic
SK: svk, slovak republic | HU: hun | RO: rou | BG: bgr | GR: grc, hellas | TR: tur, turkiye, turkey
RU: rus, russian federation | UA: ukr | CA: can | AU: aus | NZ: nzl | JP: jpn
CN: chn, prc, peoples republic of china, mainland china | KR: kor, korea, republic of korea, rok
TW: twn, taiwan roc | HK: hkg, hong kong sar | SG: sgp | IN: ind, bharat | BR: bra, brasil
MX: mex, mejico | AR: arg | CL: chl | CO: col | PE: per | ZA: zaf, rsa | IL: isr
AE: are, uae, emirates | SA: sau, ksa, saudi | EG: egy | NG: nga | KE: ken
VN: vnm, viet nam | TH: tha | ID: idn | MY: mys | PH: phl, the philippines | LU: lux | HR: hrv
SI: svn | RS: srb | LT: ltu | LV: lva | EE: est | CY: cyp | MT: mlt | MA: mar | KH: khm
CI: ivory coast | CV: cape verde | MM: burma | MK: macedonia | SZ: swaziland
`

/** Countries whose states and provinces people abbreviate. */
const stateNames = `
al alabama, ak alaska, az arizona, ar arkansas, ca california, co colorado,
ct connecticut, de delaware, fl florida, ga georgia, hi hawaii, id idaho,
il illinois, in indiana, ia iowa, ks kansas, ky kentucky, la louisiana,
me maine, md maryland, ma massachusetts, mi michigan, mn minnesota,
ms mississippi, mo missouri, mt montana, ne nebraska, nv nevada,
nh new hampshire, nj new jersey, nm new mexico, ny new york,
nc north carolina, nd north dakota, oh ohio, ok oklahoma, or oregon,
pa pennsylvania, ri rhode island, sc south carolina, sd south dakota,
tn tennessee, tx texas, ut utah, vt vermont, va virginia, wa washington,
wv west virginia, wi wisconsin, wy wyoming, dc district of columbia,
dc washington dc, pr puerto rico, ca calif, ma mass, fl fla, pa penn,
on ontario, qc quebec, bc british columbia, ab alberta, mb manitoba,
sk saskatchewan, ns nova scotia, nb new brunswick, nl newfoundland,
nl newfoundland and labrador, pe prince edward island, pe pei, yt yukon,
nt northwest territories, nu nunavut,
nsw new south wales, vic victoria, qld queensland, sa south australia,
wa western australia, tas tasmania, act australian capital territory,
nt northern territory`

type Named = readonly (readonly [name: string, code: string])[]

/** Names as written and their ISO 3166 codes; later ones repeat earlier. */
export function countryNames(): Named {
  const codes = getCountries().toSorted()
  const named = languages.flatMap((language) => {
    const names = new Intl.DisplayNames([language], { type: 'region' })
    return codes.map((code) => [names.of(code) ?? code, code] as const)
  })
  const aliases = countryAliases
    .split(/[\n|]/)
    .filter((line) => line.includes(':'))
    .flatMap((line) => {
      const [code = '', names = ''] = line.split(':')
      return names.split(',').map((name) => [name.trim(), code.trim()] as const)
    })
  return [...codes.map((code) => [code, code] as const), ...aliases, ...named]
}

/** Names and codes of states, each with its code. */
export function stateCodes(): Named {
  return stateNames.split(',').flatMap((entry) => {
    const [, code = '', name = ''] = /^(\w+) (.+)$/.exec(entry.trim()) ?? []
    return code === '' ? [] : [[name, code] as const, [code, code] as const]
  })
}
