// Training: rows are looked at first (facts go to the knowledge base), then a model is tuned, and its form watched.

import { arms, chart } from './chart.js'
import { dropping, report } from './documents.js'
import { button, count, el, field, heading, percent, select, say, trouble } from './draw.js'
import { card } from './jobs.js'
import { marked } from './rows.js'
import { call } from './wire.js'

const FORMS = [['jsonl', 'JSONL'], ['json', 'JSON'], ['csv', 'CSV'], ['tsv', 'TSV']]
let held = { rows: '', form: 'jsonl', pattern: '' }  // what was pasted stays while other views are looked at

export async function view(place, asked, signal) {
  const [{ patterns }, { jobs }] = await Promise.all([call('GET', '/patterns'), call('GET', '/jobs')])
  if (asked.pattern) held.pattern = asked.pattern
  const rows = el('textarea', { rows: '8', class: 'code', spellcheck: 'false', placeholder: '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}' })
  rows.value = held.rows
  const form = select(FORMS, held.form)
  const pattern = select([['', 'none: look at the rows alone'], ...patterns.map((one) => [one.name, one.name])], held.pattern)
  const file = el('input', { type: 'file', class: 'unseen', 'aria-label': 'Choose a training file', accept: '.jsonl,.json,.csv,.tsv', onchange: () => take([...file.files]) })
  const result = el('div', { class: 'lint', 'aria-live': 'polite' })
  const runs = el('div', { class: 'jobs' })
  const values = () => {
    held = { rows: rows.value, form: form.value, pattern: pattern.value }
    return held
  }
  for (const one of [rows, form, pattern]) one.addEventListener('change', values)

  async function take([first]) {
    file.value = ''
    if (!first) return
    rows.value = await first.text()
    const ending = first.name.slice(first.name.lastIndexOf('.') + 1).toLowerCase()
    form.value = FORMS.some(([one]) => one === ending) ? ending : 'jsonl'
    await look()
  }

  async function look() {
    const body = values()
    result.replaceChildren(el('p', { class: 'waiting' }, 'Looking at the rows …'))
    try {
      const found = await call('POST', '/lint', { body: { ...body, texts: true }, signal })
      result.replaceChildren(...shown(found, body, move, repair))
      say(`${count(found.rows, 'row')} looked at`)
    } catch (error) {
      result.replaceChildren(trouble(error))
    }
  }

  async function move() {
    try {
      const found = await call('POST', '/lint', { body: { ...values(), to_kb: true } })
      rows.value = found.left
      form.value = 'jsonl'
      await look()
      const moved = card('Rows that teach facts, moved to the knowledge base', { finished: (job) => report(job.result) })
      result.prepend(moved.shown)
      await moved.follow(found.job, signal)
    } catch (error) {
      result.prepend(trouble(error))
    }
  }

  async function repair() {
    try {
      const found = await call('POST', '/lint', { body: { ...values(), fix: true } })
      rows.value = found.fixed
      form.value = 'jsonl'
      await look()
      result.prepend(el('div', { class: 'notice' }, el('ul', {}, (found.done.length ? found.done : ['nothing could be repaired']).map((one) => el('li', {}, one)))))
    } catch (error) {
      result.prepend(trouble(error))
    }
  }

  const drop = el('div', { class: 'drop small' }, el('p', {}, el('b', {}, 'Drop a training file here'), ', ', button('choose one', () => file.click(), 'link'), ', or paste its rows'), file)
  dropping(drop, take)
  place.append(...heading('Training', 'Fine-tuning teaches form. Rows that teach facts belong into the knowledge base: they are found here before anything is trained.'),
    el('form', { class: 'card', onsubmit: (event) => {
      event.preventDefault()
      look()
    } }, el('h2', {}, '1. Look at the rows'), drop, field('Rows', rows),
    el('div', { class: 'columns' }, field('Format', form), field('Pattern', pattern, 'Its contract is what the completions are held against.')),
    el('button', { class: 'main' }, 'Look at the rows')),
    result, starter(patterns, values, runs, signal), runs)
  for (const job of jobs.filter((one) => one.kind === 'train')) resume(job, runs, signal)
}

function shown(found, body, move, repair) {
  const facts = found.knowledge.rows.filter((one) => one.verdict === 'knowledge').length
  const kind = { structure: facts ? 'warn' : 'good', mixed: 'warn', knowledge: 'bad' }[found.verdict]
  const said = {
    structure: facts ? 'Most of these rows teach form, some teach facts.' : 'These rows teach form.', mixed: 'Some of these rows teach facts.', knowledge: 'These rows teach facts, which training is the wrong tool for.',
  }[found.verdict]
  const errors = found.problems.filter((one) => one.severity === 'error').length
  return [
    el('div', { class: `notice ${kind}` }, el('h2', {}, said),
      el('p', {}, `${count(found.rows, 'row')}, ${count(found.tokens, 'token')}; about ${percent(found.knowledge.share)} teach facts. Training would take some ${minutes(found.cost.minutes)} here.`),
      facts ? el('div', { class: 'row' }, button(facts === 1 ? 'Move 1 row to the knowledge base' : `Move ${facts.toLocaleString('en')} rows to the knowledge base`, move, 'main')) : null),
    found.problems.length ? el('section', { class: 'card' },
      el('div', { class: 'row' }, el('h2', {}, `${count(found.problems.length, 'problem')}${errors ? `, ${errors} that spoil the training` : ''}`), button('Repair the rows', repair)),
      problems(found.problems)) : null,
    found.texts.length ? marked(found) : null,
  ].filter(Boolean)
}

const minutes = (number) => (number < 1.5 ? 'a minute' : number < 90 ? `${Math.round(number)} minutes` : `${(number / 60).toFixed(1)} hours`)

// Problems of one rule together: a file may have thousands.
function problems(found) {
  const rules = Map.groupBy ? Map.groupBy(found, (one) => one.rule) : found.reduce((all, one) => all.set(one.rule, [...(all.get(one.rule) ?? []), one]), new Map())
  return el('ul', { class: 'problems' }, [...rules].map(([rule, some]) => el('li', { class: some[0].severity },
    el('b', {}, rule), ` ${some[0].message} `, el('small', {}, rowsOf(some)))))
}

function rowsOf(some) {
  const rows = some.map((one) => one.row).filter((row) => row !== null)
  if (!rows.length) return ''
  const first = rows.slice(0, 8).join(', ')
  return `row${rows.length > 1 ? 's' : ''} ${first}${rows.length > 8 ? ` and ${(rows.length - 8).toLocaleString('en')} more` : ''}`
}

function starter(patterns, values, runs, signal) {
  const name = el('input', { required: true, pattern: '[a-z0-9][a-z0-9\\-]*', maxlength: '60', placeholder: 'our-questions', spellcheck: 'false', autocomplete: 'off' })
  const steps = el('input', { type: 'number', min: '1', max: '100000', placeholder: 'as many as the rows ask for' })
  const said = el('div', { 'aria-live': 'polite' })
  return el('form', { class: 'card', onsubmit: async (event) => {
    event.preventDefault()
    const { rows, form, pattern } = values()
    if (!pattern) {
      said.replaceChildren(trouble({ message: 'a training needs a pattern', hint: 'choose one above: it is the contract that conformance is measured by' }))
      return
    }
    try {
      said.replaceChildren()
      const body = { name: name.value, rows, form, ...(steps.value && { steps: Number(steps.value) }) }
      await run(await call('POST', `/patterns/${encodeURIComponent(pattern)}/train`, { body }), `Training ${name.value}`, [], runs, signal)
    } catch (error) {
      said.replaceChildren(trouble(error))
    }
  } }, el('h2', {}, '2. Train'),
  el('p', { class: 'quiet' }, 'Without rows, the pattern’s own examples are taken. A small model is tuned on this machine, in a process of its own.'),
  el('div', { class: 'columns' }, field('Name of the tuned pattern', name, 'Small letters, digits and dashes.'), field('Steps', steps)),
  el('button', { class: 'main' }, 'Start training'), said)
}

async function resume(job, runs, signal) {
  const { looks } = await call('GET', `/jobs/${job.id}/looks`).catch(() => ({ looks: [] }))
  await run(job, `Training of ${new Date(job.created * 1000).toLocaleTimeString()}`, looks, runs, signal)
}

function run(job, title, looks, runs, signal) {
  const drawing = el('div')
  const shown = card(title, {
    step({ progress: at }) {
      if (!at) return
      if (!looks.length || looks.at(-1).seconds !== at.seconds) looks.push(at)
      drawing.replaceChildren(chart(looks))
    },
    finished: (one) => [
      el('p', {}, 'Done. ', el('a', { href: '#/patterns' }, 'Try the pattern'), '.'),
      arms(one.result.conformance),
    ],
  })
  if (looks.length) drawing.append(chart(looks))
  shown.shown.append(drawing)
  runs.prepend(shown.shown)
  return shown.follow(job, signal)
}
