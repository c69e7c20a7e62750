/** Counts in words, for what a run says of itself. */
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped.format(value)} ${value === 1 ? one : many}`
}

/** Bytes in decimal units, as Marketo counts its quota: `18 KB`, `81 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${grouped.format(Math.ceil(bytes / 1000))} KB`
  const value = bytes / 1_000_000
  return `${value < 10 ? value.toFixed(1) : grouped.format(value)} MB`
}

/** 0.025 is `2.5 %`. */
export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`
}
