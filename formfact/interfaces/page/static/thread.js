// Questions and answers one after the other, and the box to ask in; `ask` and dialogues both show one.

import { unfolding } from './answer.js'
import { button, el, say, trouble } from './draw.js'
import { events } from './wire.js'

export function turn(question, ...answer) {
  return el('article', { class: 'turn' }, el('h2', { dir: 'auto' }, question), ...answer)
}

// `path` and `body(text)` say what is sent; `begun(text)` may wait for something first.
export function thread({ label, path, body, begun = () => {}, extra = [], first = null }) {
  const log = el('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': 'Answers' })
  const input = el('textarea', { rows: '1', 'aria-label': label, placeholder: label, dir: 'auto', required: true, maxlength: '20000' })
  const send = el('button', { class: 'main' }, 'Ask')
  const stop = button('Stop', () => under?.abort())
  stop.hidden = true
  let under = null

  const grow = () => {
    input.style.height = 'auto'
    input.style.height = `${Math.min(input.scrollHeight + 2, 200)}px`
  }

  async function ask(text) {
    under = new AbortController()
    const answer = el('div', { class: 'answer' })
    const shown = turn(text, answer)
    first?.remove()
    log.append(shown)
    stop.hidden = !(send.hidden = true)
    const unfolds = unfolding(answer)
    shown.scrollIntoView({ block: 'start' })
    try {
      await begun(text)
      for await (const [event, data] of events('POST', path, { body: { ...body(text), stream: true }, signal: under.signal }))
        unfolds.take(event, data)
      say('The answer is complete.')
    } catch (error) {
      const stopped = error.name === 'AbortError'
      unfolds.failed(stopped ? el('p', { class: 'quiet' }, 'Stopped.') : trouble(error))
      if (!stopped && !input.value) input.value = text  // to be sent again without typing it again
    } finally {
      stop.hidden = !(send.hidden = false)
      under = null
      grow()
      input.focus({ preventScroll: true })
    }
  }

  const form = el('form', { class: 'composer', onsubmit: (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (!text || under) return
    input.value = ''
    grow()
    ask(text)
  } }, el('div', { class: 'box' }, input, send, stop), ...extra)
  input.addEventListener('input', grow)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      form.requestSubmit()
    }
  })
  if (first) log.append(first)
  return { log, form, input, ask }
}
