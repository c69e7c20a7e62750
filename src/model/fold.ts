/**
 * SQL that brings texts of several alphabets to one plain form, so that the
 * same word typed in two ways is equal. Cyrillic and Greek are written in
 * Latin letters; other scripts stay as they are.
 */
import { literal } from '../warehouse/quote.js'

/** Letters that become several, or that no accent stripping reaches. */
const spelt: readonly (readonly [string, string])[] = [
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['þ', 'th'],
  ['щ', 'shch'],
  ['ш', 'sh'],
  ['ч', 'ch'],
  ['ж', 'zh'],
  ['ц', 'ts'],
  ['ю', 'yu'],
  ['я', 'ya'],
  ['х', 'kh'],
  ['є', 'ye'],
  ['ђ', 'dj'],
  ['љ', 'lj'],
  ['њ', 'nj'],
  ['џ', 'dz'],
  ['ου', 'ou'],
  ['μπ', 'b'],
  ['θ', 'th'],
  ['χ', 'ch'],
  ['ψ', 'ps'],
]

/** One letter for one; what has no partner falls away (hard, soft sign). */
const letters = {
  from: 'øłđðħıŋабвгґдезиіклмнопрстуфыэјћαβγδεζηικλμνξοπρστςυφωъь',
  to: 'olddhinabvggdeziiklmnoprstufyejcavgdeziiklmnxoprstsyfo',
}

/** Letters that accent stripping leaves as no plain Latin ones. */
const special = '[ßæœþøłđðħıŋ\\p{Cyrillic}\\p{Greek}]'

function transliterated(text: string): string {
  const plain = `strip_accents(lower(nfc_normalize(${text})))`
  const whole = spelt.reduce(
    (sql, [from, to]) => `replace(${sql}, ${literal(from)}, ${literal(to)})`,
    plain,
  )
  const latin = `translate(${whole}, ${literal(letters.from)}, ${literal(letters.to)})`
  return `if(regexp_matches(${plain}, ${literal(special)}), ${latin}, ${plain})`
}

/** Lower case, without accents, in Latin letters where the script allows. */
export function folded(text: string): string {
  return byAlphabet(text, `lower(${text})`, transliterated(text))
}

const marks = "'‘’‚‛`´ʼʹʻ′"

/**
 * A rule for plain ASCII and one for everything else, which costs more and is
 * rare in many lists.
 */
function byAlphabet(text: string, ascii: string, other: string): string {
  return `if(strlen(${text}) <> length(${text}), ${other}, ${ascii})`
}

/** Folded words with one space between them; an apostrophe joins. */
export function words(text: string): string {
  const lower = `translate(lower(${text}), ${literal("'`")}, '')`
  const plain = `regexp_replace(${lower}, '[^a-z0-9]+', ' ', 'g')`
  const joined = `translate(${transliterated(text)}, ${literal(marks)}, '')`
  const other = `regexp_replace(${joined}, '[^\\p{L}\\p{N}]+', ' ', 'g')`
  return `nullif(trim(${byAlphabet(text, plain, other)}), '')`
}

/** Folded letters and digits, nothing between them. */
export function squeezed(text: string): string {
  const plain = `regexp_replace(lower(${text}), '[^a-z0-9]+', '', 'g')`
  const other = `regexp_replace(${transliterated(text)}, '[^\\p{L}\\p{N}]+', '', 'g')`
  return `nullif(${byAlphabet(text, plain, other)}, '')`
}

/** What people type where they have nothing to say, without spaces. */
const placeholders =
  `na none null nil nan no nope nothing empty blank missing unknown unkown
  unknow undefined unspecified undisclosed anonymous anon notavailable
  notapplicable notprovided notgiven notspecified notset nodata noname
  nocompany noemail noaddress nophone nolastname nofirstname nonegiven
  firstname lastname fullname yourname name company email phone address
  test tests testing tester testtest testuser testlead dummy fake sample
  deleteme donotuse donotcall asd asdf asdfg asdfgh asdfghjkl asdfasdf sdf
  qwe qwer qwert qwerty qwertz azerty zxc zxcv zxcvb abc abcd abcde xyz foo
  foobar blah blabla tbd tba tbc
  unbekannt keine keiner keineangabe ka inconnu aucun aucune neant nr
  sconosciuto nessuno desconocido ninguno ninguna desconhecido nenhum onbekend
  geen okand ingen inget ukendt ukjent brak nieznany neizvestno net
  1234567 12345678 123456789 1234567890 0123456789`
    .trim()
    .split(/\s+/)

/** Written so, these are people's names and no gaps. */
const names = ['Na', 'Nil', 'No', 'Null', 'Ka', 'Test', 'Brak']

/** The words, and any one character three times or more. */
const gap = [
  ...placeholders,
  ...Array.from('abcdefghijklmnopqrstuvwxyz0123456789', (c) => `${c}{3,}`),
].join('|')

/** True for a folded text without spaces that fills a mandatory field. */
export function isGap(text: string): string {
  return `regexp_full_match(${text}, ${literal(gap)})`
}

/**
 * True where a text only fills a mandatory field: no letter or digit at all,
 * one character over and over, or a word such as `n/a` or `unknown`.
 */
export function isPlaceholder(text: string): string {
  const own = names.map(literal).join(', ')
  return `(${text} not in (${own}) and coalesce(${isGap(squeezed(text))}, true))`
}
