// An answer as it comes: quotes or sentences at once, and at the end the whole, with what is known of it.

import { bar, count, el, percent } from './draw.js'
import { hit, where } from './places.js'

const KINDS = {
  citation: 'no quote is named', name: 'a name that no quote holds', number: 'a number that no quote holds',
  date: 'a date that no quote holds', quotation: 'words in quotation marks that no quote holds',
  link: 'a link that no quote holds', markup: 'markup', wording: 'too few words of its quotes',
  denial: 'denies what the quotes say, or the reverse', code: 'a name in code that no source holds',
}

export function quote(one, number = 0) {
  return el('figure', { class: 'quote', tabindex: number ? '-1' : false },
    number ? el('span', { class: 'number', 'aria-label': `quote ${number}` }, number) : null,
    el('blockquote', { dir: 'auto' }, one.text),
    el('figcaption', {}, where(one)))
}

// The text of a claim, its [1] as buttons that go to the quote.
function sentence(claim, at, flags, figures) {
  const flagged = flags.filter((one) => one.claim === at)
  const parts = claim.text.split(/\[(\d+)\]/).map((part, place) => {
    if (place % 2 === 0) return part
    const target = figures[Number(part) - 1]
    return target && el('button', { type: 'button', class: 'cite', 'aria-label': `go to quote ${part}`, onclick: () => {
      target.focus()
      target.scrollIntoView({ block: 'center' })
    } }, part)
  })
  if (!flagged.length) return [claim.joint, el('span', { dir: 'auto' }, parts)]
  const why = flagged.map((one) => `${KINDS[one.kind] ?? one.kind}: ${one.text}`).join('; ')
  return [claim.joint, el('span', { class: 'flagged', dir: 'auto' }, parts), el('small', { class: 'why' }, ` (${why})`)]
}

// What a stream fills: `take` one event after the other, in their order.
export function unfolding(place) {
  const body = el('div', { class: 'body', 'aria-busy': 'true' }, el('p', { class: 'waiting' }, 'Looking …'))
  place.append(body)
  let begun = false
  return {
    take(event, data) {
      if (event === 'answer') return body.replaceWith(whole(data))
      if (!begun) body.replaceChildren()
      begun = true
      body.append(...(event === 'quote' ? [quote(data)] : [data.joint || ' ', data.text]))
    },
    failed: (notice) => body.replaceWith(notice),
  }
}

export function whole(given) {
  return el('div', { class: 'body' },
    understood(given),
    given.fallback ? el('p', { class: 'notice' }, `What was written is not shown: ${given.fallback}`) : null,
    given.abstained ? abstained(given) : given.claims.length ? written(given) : extracted(given),
    foot(given))
}

function understood(given) {
  if (given.rewritten) return el('p', { class: 'understood' }, 'Understood as: ', el('q', { dir: 'auto' }, given.rewritten))
  if (given.carried?.length) return el('p', { class: 'understood' }, 'With ', el('q', { dir: 'auto' }, given.carried.join(' ')), ' from before')
  return given.shifted ? el('p', { class: 'understood' }, 'A new subject') : null
}

function abstained(given) {
  return [
    el('p', { class: 'none' }, 'Not in your documents.'),
    given.nearest.length ? [
      el('p', { class: 'quiet' }, 'What comes closest, for you to judge:'),
      el('ol', { class: 'hits near' }, given.nearest.slice(0, 3).map((one) => hit(one))),
    ] : el('p', { class: 'quiet' }, 'The knowledge base is empty: ', el('a', { href: '#/documents' }, 'add documents'), '.'),
  ]
}

function written(given) {
  const figures = given.quotes.map((one, at) => quote(one, at + 1))
  return [
    el('p', { class: 'written' }, given.claims.map((one, at) => sentence(one, at, given.flags, figures))),
    given.dropped ? el('p', { class: 'quiet' }, `${count(given.dropped, 'sentence was', 'sentences were')} left out, because no quote holds what they say.`) : null,
    el('div', { class: 'quotes' }, figures),
  ]
}

// Quotes that follow each other in a document stand in one frame's place each; an answer of a pattern has text of its own.
function extracted(given) {
  return [
    given.pattern ? el('pre', { class: 'written', dir: 'auto' }, given.answer) : null,
    el('div', { class: 'quotes' }, given.quotes.map((one) => quote(one))),
  ]
}

function foot(given) {
  const parts = [`${given.milliseconds < 10 ? given.milliseconds.toFixed(1) : Math.round(given.milliseconds).toLocaleString('en')} ms`]
  if (given.writer) parts.push(`written by ${given.writer}`)
  if (given.pattern) parts.push(`in the form of ${given.pattern}`)
  if (given.quotes.length) parts.push('each quote compared with its document')
  return el('footer', {},
    el('span', { class: 'sure' }, bar(given.confidence), `confidence ${percent(given.confidence)}`),
    parts.map((one) => el('span', {}, one)))
}

// A turn that was kept: its answer, without the figures of its time.
export function kept(turn) {
  return el('div', { class: 'body' },
    turn.abstained ? el('p', { class: 'none' }, 'Not in your documents.') : [
      turn.quotes.length && turn.quotes.map((one) => one.text).join('\n').includes(turn.answer.slice(0, 40)) ? null
        : el('p', { class: 'written', dir: 'auto' }, turn.answer),
      el('div', { class: 'quotes' }, turn.quotes.map((one, at) => quote(one, at + 1))),
    ])
}
