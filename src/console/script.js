// Live updates and questions before what cannot be undone; pages work
// without this file. Text arrives as text and is never read as markup.
'use strict'

const longestLog = 500

function fill(texts) {
  for (const [id, text] of Object.entries(texts)) {
    const element = document.getElementById(id)
    if (element && element.textContent !== text) element.textContent = text
  }
}

function move(bars) {
  for (const [id, { value, max, hidden }] of Object.entries(bars)) {
    const bar = document.getElementById(id)
    if (!bar) continue
    bar.hidden = hidden
    bar.max = max
    bar.value = value
  }
}

function tone(classes) {
  for (const [id, name] of Object.entries(classes)) {
    const element = document.getElementById(id)
    if (element) element.className = name
  }
}

function append({ rows }) {
  const body = document.getElementById('live-log')
  if (!body) return
  for (const { level, cells } of rows) {
    const row = body.insertRow()
    row.className = `level-${level}`
    for (const text of cells) row.insertCell().textContent = text
  }
  while (body.rows.length > longestLog) body.deleteRow(0)
}

function listen(element) {
  const source = new EventSource(element.dataset.live)
  const on = (name, act) =>
    source.addEventListener(name, (event) => act(JSON.parse(event.data)))
  on('fill', fill)
  on('bar', move)
  on('tone', tone)
  on('line', append)
  on('over', () => {
    source.close()
    location.reload()
  })
  source.addEventListener('error', () => {
    // Refused for good: the session is over, or the console was restarted.
    if (source.readyState === EventSource.CLOSED) location.reload()
  })
}

for (const element of document.querySelectorAll('[data-live]')) listen(element)

document.addEventListener('submit', (event) => {
  const question = event.target.dataset.confirm
  if (question && !window.confirm(question)) event.preventDefault()
})
