/** Numbers as people read them. */

/** 412300 is `412,300`. By hand, because Intl costs 20 ms at each start. */
export function formatNumber(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 merge`, `2 merges`, `1,204 merges`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`
}

const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** Bytes in decimal units, as Marketo counts its quota: `81 MB`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${units[unit] ?? 'B'}`
}

/** `0.8s`, `41s`, `1m 12s`, `2h 05m`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m ${pad2(whole % 60)}s`
  return `${Math.floor(minutes / 60)}h ${pad2(minutes % 60)}m`
}

function pad2(value: number): string {
  return String(value).padStart(2, '0')
}

/** 0.025 is `2.5 %`. */
export function formatShare(share: number): string {
  const percent = share * 100
  const digits = percent > 0 && percent < 9.95 ? 1 : 0
  return `${percent.toFixed(digits).replace(/\.0$/, '')} %`
}
