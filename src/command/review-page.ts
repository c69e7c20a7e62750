import { createHash } from 'node:crypto'
import { counted } from '../format.js'
import type { ReviewItem, ReviewRecord } from '../run/review.js'
import { escaped, page } from './markup.js'
import { differs, fieldsOf } from './review-field.js'
import { reviewScript } from './review-script.js'

export interface ReviewPage {
  readonly name: string
  readonly items: readonly ReviewItem[]
  readonly records: ReadonlyMap<string, ReviewRecord>
}

const style = `
section { border-top: 2px solid var(--line); margin-top: 2rem; }
.scroll { overflow-x: auto; } td { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 8rem; max-width: 24rem; }
tr.differs th, tr.differs td { background: var(--mark); } .mark { color: var(--two); }
.alike { color: var(--soft); } .why { color: var(--soft); margin: .2rem 0 .6rem; }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: .8rem 0; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center; }
input[type=text] { width: 18rem; max-width: 100%; } button, input, select { font: inherit; }
:focus-visible { outline: 3px solid var(--one); outline-offset: 2px; }
footer { position: sticky; bottom: 0; background: var(--paper); border-top: 2px solid var(--line); padding: .6rem 0; display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; }
`

/**
 * Records side by side in one page that loads and sends nothing; what is
 * chosen in it is downloaded as a CSV of decisions.
 */
export function reviewPage({ name, items, records }: ReviewPage): string {
  const file = `${name}.decision.csv`
  const sections = items.map((item, index) =>
    itemSection(item, index + 1, records),
  )
  const body = `<div data-file="${escaped(file)}" id="top">
<h1>${escaped(`${counted(items.length, 'decision')} for ${name}`)}</h1>
<p>Fields that differ are marked <span class="mark">≠</span>. Choose, download, then: <code>${escaped(`pipeline review ${name} --import ${file}`)}</code>. This page holds values of people: keep it to yourself.</p>
${sections.join('\n')}
<footer><label>Your name <input type="text" id="author" autocomplete="name"></label>
<button type="button" id="save">Download decisions</button> <span id="done" role="status"></span></footer>
</div>`
  return page({
    title: `Review of ${name}`,
    style,
    body,
    script: reviewScript,
    scriptHash: createHash('sha256').update(reviewScript).digest('base64'),
  })
}

function itemSection(
  item: ReviewItem,
  number: number,
  records: ReadonlyMap<string, ReviewRecord>,
): string {
  const leads = item.leadIds.map((id) => records.get(id) ?? { id, values: {} })
  const hidden = item.leads - leads.length
  const sure =
    item.probability === null
      ? ''
      : ` · probability ${item.probability.toFixed(3)}`
  const more = hidden > 0 ? ` · ${counted(hidden, 'lead')} more not shown` : ''
  return `<section data-item="${escaped(item.item)}" data-leads="${escaped(item.leadIds.join(' '))}" aria-labelledby="item${number}">
<h2 id="item${number}">${number}. ${escaped(item.item)}</h2>
<p class="why">${escaped(`${item.reason}${sure}${more}`)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${escaped(`Records of ${item.item}`)}"><table>
<thead><tr><th scope="col">lead</th>${leads.map(({ id }) => `<th scope="col">${escaped(id)}</th>`).join('')}</tr></thead>
<tbody>
${fieldsOf(leads)
  .map((field) => fieldRow(field, leads))
  .join('\n')}
${leads.length > 2 ? personRow(leads) : ''}</tbody></table></div>
${choices(item, number, leads)}
</section>`
}

function fieldRow(field: string, leads: readonly ReviewRecord[]): string {
  const isDifferent = differs(leads, field)
  const cells = leads
    .map(({ values }) => `<td>${escaped(values[field] ?? '')}</td>`)
    .join('')
  const mark = isDifferent ? ' <span class="mark" title="differs">≠</span>' : ''
  return `<tr class="${isDifferent ? 'differs' : 'alike'}"><th scope="row">${escaped(field)}${mark}</th>${cells}</tr>`
}

/** Of three leads two may be one person: equal numbers are one person. */
function personRow(leads: readonly ReviewRecord[]): string {
  const numbers = leads.map((_, index) => `<option>${index + 1}</option>`)
  const cells = leads.map(
    ({ id }) =>
      `<td><select data-person aria-label="person number of lead ${escaped(id)}">${numbers.join('')}</select></td>`,
  )
  return `<tr><th scope="row">person number</th>${cells.join('')}</tr>\n`
}

function choices(
  item: ReviewItem,
  number: number,
  leads: readonly ReviewRecord[],
): string {
  const radio = (value: string, text: string) =>
    `<label><input type="radio" name="choice${number}" value="${value}"> ${text}</label>`
  const some = leads.length > 2 ? radio('some', 'By person number') : ''
  // Of leads that are not shown nobody can decide.
  const whole =
    item.leads > leads.length
      ? ''
      : `${radio('same', 'The same person')} ${radio('different', 'Different people')} `
  const options = leads.map(({ id }) => `<option>${escaped(id)}</option>`)
  return `<fieldset><legend>${escaped(item.item)} is</legend>
${whole}${some} ${radio('skip', 'Skip')}
<label>Keep <select data-winner><option value="">whom the rules choose</option>${options.join('')}</select></label>
<label>Reason <input type="text" data-reason></label></fieldset>`
}
