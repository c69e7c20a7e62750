/** A person's own lists of domains, which change those that are shipped. */
import { domainToASCII } from 'node:url'
import { readCsv } from './csv.js'
import { type Problem, quoted } from './problem.js'

export const domainListNames = [
  'free',
  'disposable',
  'relay',
  'role',
  'popular',
] as const

export type DomainListName = (typeof domainListNames)[number]

export const listChanges = ['add', 'remove', 'replace'] as const

export type ListChange = (typeof listChanges)[number]

/** Where a pipeline file names a list of its own. */
export interface DomainListFile {
  readonly list: DomainListName
  readonly change: ListChange
  /** As written: from the folder of the pipeline file. */
  readonly file: string
}

/** The same with what is in it. */
export interface DomainList extends DomainListFile {
  /** Day on which the file was changed last, such as 2026-11-21. */
  readonly dated: string
  /** Lower case, hosts in ASCII, each once, sorted. */
  readonly values: readonly string[]
}

const largest = 1_000_000
const headers = ['domain', 'name', 'host']
const host =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/

/**
 * Reads the first column of a CSV, with or without a header; every line that
 * is not a domain (of `role`, a mailbox name) is a problem.
 */
export function readDomainList(
  text: string,
  list: DomainListName,
  file: string,
): { readonly values: readonly string[]; readonly problems: Problem[] } {
  const { rows, problems } = readCsv(text)
  const cells = rows.flatMap(({ cells: [cell] }) => cell ?? [])
  const [first] = cells
  const isHeader =
    first !== undefined && headers.includes(first.text.toLowerCase())
  const read = (isHeader ? cells.slice(1) : cells).map((cell) => ({
    cell,
    value: list === 'role' ? mailbox(cell.text) : canonical(cell.text),
  }))
  const wrong = read.flatMap(({ cell, value }) =>
    value === null ? [{ ...cell, message: unlike(list, cell.text) }] : [],
  )
  const all = [...problems, ...wrong, ...sizeProblems(read.length)]
  return {
    values: [...new Set(read.flatMap(({ value }) => value ?? []))].toSorted(),
    problems: all.map(({ line, column, message }) => ({
      file,
      line,
      column,
      path: '',
      message,
    })),
  }
}

function unlike(list: DomainListName, text: string): string {
  return list === 'role'
    ? `${quoted(text)} is not the name of a mailbox, such as info.`
    : `${quoted(text)} is not a domain, such as example.com.`
}

function sizeProblems(count: number) {
  const place = { line: 1, column: 1 }
  if (count === 0) return [{ ...place, message: 'the list is empty.' }]
  if (count <= largest) return []
  return [{ ...place, message: `the list has more than ${largest} lines.` }]
}

function canonical(text: string): string | null {
  const typed = text.trim().toLowerCase()
  if (/[\s%/\\:?#@]/.test(typed)) return null
  const ascii = domainToASCII(typed)
  return host.test(ascii) ? ascii : null
}

function mailbox(text: string): string | null {
  const typed = text.trim().toLowerCase()
  return /^[^\s@]{1,64}$/.test(typed) ? typed : null
}
