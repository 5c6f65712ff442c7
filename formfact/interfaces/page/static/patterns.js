// Patterns: the forms that answers can be given; shown, tried, and texts held against their contracts.

import { button, count, el, field, heading, say, trouble } from './draw.js'
import { call } from './wire.js'

const SCHEMA = '{\n  "type": "object",\n  "properties": { "name": { "type": "string" } },\n  "required": ["name"]\n}'
const open = (name) => `#/pattern?${new URLSearchParams({ name })}`

export async function view(place) {
  const { patterns } = await call('GET', '/patterns')
  const cards = (some) => el('ul', { class: 'plain cards' }, some.map((one) => el('li', {}, el('a', { class: 'card', href: open(one.name) },
    el('h3', {}, one.name), el('p', {}, one.describes),
    el('p', { class: 'tags' }, el('span', {}, one.shape), one.examples ? el('span', {}, count(one.examples, 'example')) : null)))))
  const tuned = patterns.filter((one) => one.tuned)
  place.append(...heading('Patterns', 'A pattern is the form of a text: what goes in, and what shape comes out. Facts come from documents; form is taught by training.'),
    tuned.length ? [el('h2', {}, 'Tuned here'), cards(tuned), el('h2', {}, 'Catalogue')].reduce(gather, el('div')) : el('p', {}, 'None is tuned yet: ', el('a', { href: '#/training' }, 'train one'), '.'),
    cards(patterns.filter((one) => !one.tuned)))
}

function gather(all, one) {
  all.append(one)
  return all
}

export async function one(place, { name = '' }) {
  if (!name) return view(place)
  const found = await call('GET', `/patterns/${encodeURIComponent(name)}`)
  const own = found.shape === 'json' && !Object.keys(found.output).length
  place.append(el('p', { class: 'back' }, el('a', { href: '#/patterns' }, '‹ Patterns')), ...heading(found.name, found.describes),
    el('dl', { class: 'facts' },
      [['Shape', found.shape], ['Budget', count(found.tokens, 'token')], ['Examples', found.examples], ['Tuned', found.tuned ? 'yes' : 'no']].map(([key, value]) => el('div', {}, el('dt', {}, key), el('dd', {}, value))),
      found.children.length ? el('div', {}, el('dt', {}, 'Grows into'), el('dd', {}, found.children.join(', '))) : null),
    own ? null : el('details', {}, el('summary', {}, 'Contract'), el('pre', { class: 'code' }, JSON.stringify(found.output, null, 2))),
    el('p', {}, el('a', { class: 'button', href: `#/training?${new URLSearchParams({ pattern: found.name })}` }, 'Train a model to it')),
    trial(found, own, 'write'), trial(found, own, 'check'))
}

const TRIALS = {
  write: ['Try it', 'Text to write for', 'any block of text', 'Write', 'Waiting for the model …'],
  check: ['Check a text', 'Text to hold against the contract', 'what a model wrote', 'Check', 'Checking …'],
}

function trial(found, own, verb) {
  const [title, label, hint, action, waiting] = TRIALS[verb]
  const input = el('textarea', { rows: '6', placeholder: hint, required: true, dir: 'auto' })
  const schema = own ? el('textarea', { rows: '6', class: 'code', spellcheck: 'false' }) : null
  if (schema) schema.value = SCHEMA
  const result = el('div', { 'aria-live': 'polite' })
  const go = el('button', { class: 'main' }, action)
  return el('form', { class: 'card', onsubmit: async (event) => {
    event.preventDefault()
    go.disabled = true
    result.replaceChildren(el('p', { class: 'waiting' }, waiting))
    try {
      const body = { texts: [input.value], ...(schema && { schema: parsed(schema.value) }) }
      const given = await call('POST', `/patterns/${encodeURIComponent(found.name)}/${verb}`, { body })
      result.replaceChildren(...(verb === 'write' ? wrote(given.writings[0]) : [verdict(given.problems)]))
      say('The result is there.')
    } catch (error) {
      result.replaceChildren(trouble(error))
    } finally {
      go.disabled = false
    }
  } }, el('h2', {}, title), field(label, input), schema ? field('JSON Schema', schema) : null, go, result)
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw Object.assign(new Error(`the schema is no JSON: ${error.message}`), { hint: 'a JSON Schema is an object in braces' })
  }
}

function wrote(one) {
  return [el('pre', { class: 'output', dir: 'auto' }, one.text), verdict(one.problems), el('p', { class: 'quiet' }, `${count(one.tokens, 'token')} in ${one.seconds.toFixed(1)} s`)]
}

export function verdict(problems) {
  return problems.length
    ? el('ul', { class: 'problems' }, problems.map((one) => el('li', { class: one.severity }, el('b', {}, one.rule), ' ', one.message)))
    : el('p', { class: 'good' }, 'Keeps the contract.')
}
