/** Pages and pictures that need nothing outside of their own file. */

/** Text inside HTML or SVG, in elements and in quoted attributes. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (character) =>
      character === '\n' || character === '\t' ? character : '\ufffd',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

export interface PageParts {
  readonly title: string
  readonly style: string
  /** Markup; whatever came from outside is escaped already. */
  readonly body: string
  /** Source text without `</script`; empty for none. */
  readonly script: string
  /** SHA-256 of the script, in base64: nothing else may run in the page. */
  readonly scriptHash: string
}

const colours = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #5a6570;
  --line: #d5dbe1; --one: #0b62c4; --two: #b3420b; --three: #1a7f4b; --mark: #fff1c2; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8ebee;
  --soft: #9aa6b2; --line: #37404a; --one: #6cb2ff; --two: #ff9d66; --three: #63d297; --mark: #4a3d10; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
`

/** One file; it may load nothing and send nothing. */
export function page(parts: PageParts): string {
  const { title, style, body, script, scriptHash } = parts
  const scripts = script === '' ? "'none'" : `'sha256-${scriptHash}'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${colours}${style}</style>
</head>
<body>
${body}
${script === '' ? '' : `<script>${script}</script>\n`}</body>
</html>
`
}

/** Cells are plain text. */
export function htmlTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return `<table><thead>${tableRow(header, 'th')}</thead><tbody>${rows
    .map((row) => tableRow(row, 'td'))
    .join('\n')}</tbody></table>`
}

function tableRow(cells: readonly string[], tag: 'th' | 'td'): string {
  const marked = cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`)
  return `<tr>${marked.join('')}</tr>`
}
