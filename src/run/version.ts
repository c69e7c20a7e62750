import { readFileSync } from 'node:fs'

let known: string | undefined

/** Version of this program, from its package. */
export function toolVersion(): string {
  if (known !== undefined) return known
  const file = new URL('../../package.json', import.meta.url)
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  known =
    typeof content === 'object' && content !== null && 'version' in content
      ? String(content.version)
      : 'unknown'
  return known
}
