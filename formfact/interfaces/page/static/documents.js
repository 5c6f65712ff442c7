// Documents: what is in the knowledge base, files dropped into it, and what was skipped and why.

import { button, count, el, empty, exact, field, heading, name, named, percent, say, sure, trouble } from './draw.js'
import { card, OVER } from './jobs.js'
import { base, call, upload } from './wire.js'

const AT_ONCE = 100

export async function view(place, asked, signal) {
  const about = el('p', { class: 'lead' })
  const files = el('input', { type: 'file', multiple: true, class: 'unseen', 'aria-label': 'Choose files to add', onchange: () => take([...files.files]) })
  const drop = el('div', { class: 'drop' },
    el('p', {}, el('b', {}, 'Drop files here'), ' or ', button('choose files', () => files.click(), 'link')),
    el('p', { class: 'quiet' }, 'PDF, Word, PowerPoint, Excel, HTML, Markdown, e-mail, code, JSONL, CSV and more'), files)
  const jobs = el('div', { class: 'jobs' })
  const filter = el('input', { type: 'search', placeholder: 'part of a name or title', autocomplete: 'off', spellcheck: 'false' })
  const list = el('div', { 'aria-live': 'polite' })
  place.append(heading('Documents')[0], about, drop, jobs, el('div', { class: 'columns one' }, field('Filter', filter)), list, care(jobs, signal))

  dropping(drop, take)
  let waiting = 0
  filter.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => fill(), 150)
  })

  async function take(chosen) {
    files.value = ''
    if (!chosen.length) return
    const shown = card(chosen.length === 1 ? chosen[0].name : count(chosen.length, 'file'), { finished: (job) => report(job.result) })
    jobs.prepend(shown.shown)
    try {
      const job = await upload(chosen, shown.sending)
      await shown.follow(job, signal)
      await fill()
    } catch (error) {
      shown.failed(error)
    }
  }

  // What was begun before this view was left, or in another window, goes on.
  async function resume(job) {
    const [title, finished] = job.kind === 'audit' ? ['Audit', findable] : ['Adding documents', report]
    const shown = card(title, { finished: (done) => finished(done.result) })
    jobs.append(shown.shown)
    await shown.follow(job, signal)
    if (!signal.aborted) await fill()
  }

  async function going() {
    const { jobs: known } = await call('GET', '/jobs', { signal })
    return known.filter((one) => ['add', 'audit'].includes(one.kind) && (!base.get() || one.kb === base.get()) && !OVER.includes(one.state))
  }

  async function fill(start = 0) {
    try {
      const [state, { documents, total }] = await Promise.all([
        call('GET', '/status', { signal }),
        call('GET', '/documents', { query: { contains: filter.value.trim(), start, limit: AT_ONCE }, signal }),
      ])
      tell(state)
      if (!start) list.replaceChildren()
      list.querySelector('.more')?.remove()
      rows(documents)
      const known = start + documents.length
      if (known < total) list.append(button(`Show more (${(total - known).toLocaleString('en')})`, () => fill(list.querySelectorAll('tbody tr').length), 'more'))
      if (!total) list.append(filter.value ? empty('No document is called that', el('p', {}, 'The filter looks at ids and titles; ', el('a', { href: '#/search' }, 'search'), ' looks into them.')) : none())
    } catch (error) {
      if (signal.aborted) return
      list.replaceChildren(error.status === 404 ? none() : trouble(error))  // 404: a base is made by what is added first
    }
  }

  function tell(state) {
    about.textContent = `${count(state.documents, 'document')}, ${count(state.passages, 'passage')}, by ${state.embedder}.`
  }

  function rows(documents) {
    let body = list.querySelector('tbody')
    if (!body && documents.length) list.append(el('table', { class: 'listing' },
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Document'), el('th', { scope: 'col' }, 'Format'), el('th', { scope: 'col', class: 'figure' }, 'Passages'), el('th', { scope: 'col' }, el('span', { class: 'unseen' }, 'Remove')))),
      body = el('tbody')))
    body?.append(...documents.map(row))
  }

  function row(one) {
    const query = new URLSearchParams({ document: one.document, source: one.source })
    const line = el('tr', {},
      el('th', { scope: 'row' }, el('a', { href: `#/document?${query}`, dir: 'auto' }, one.title || named(one)),
        one.title && one.title !== one.document ? el('small', { dir: 'auto' }, named(one)) : null),
      el('td', {}, one.format), el('td', { class: 'figure' }, one.passages.toLocaleString('en')),
      el('td', {}, el('button', { type: 'button', class: 'round', 'aria-label': `Remove ${named(one)}`, title: 'Remove', onclick: () => away(one, line) }, '✕')))
    return line
  }

  // The other lines stay as they are, and whoever works by keyboard stays where the line was.
  async function away(one, line) {
    if (!await sure('Remove this document?', `“${one.title || named(one)}” will no longer be found. A file of yours on the disk stays where it is; what was uploaded is deleted.`, 'Remove')) return
    try {
      await call('POST', '/remove', { body: { what: [exact(one)] } })
      say(`${named(one)} is removed`)
      const next = line.isConnected && (line.nextElementSibling ?? line.previousElementSibling)
      if (!next) {
        await fill()
        return filter.focus({ preventScroll: true })
      }
      line.remove()
      next.querySelector('button').focus({ preventScroll: true })
      tell(await call('GET', '/status', { signal }))
    } catch (error) {
      list.prepend(trouble(error))
    }
  }
  await fill()
  for (const job of await going().catch(() => [])) resume(job)
}

const none = () => empty('No documents yet', el('p', {}, 'Drop some files above. They can be asked about as soon as they are read.'))

// A place that files can be dropped on; `take` gets them.
export function dropping(place, take) {
  const over = (on) => (event) => {
    event.preventDefault()
    place.classList.toggle('over', on)
  }
  place.addEventListener('dragover', over(true))
  place.addEventListener('dragleave', over(false))
  place.addEventListener('drop', (event) => {
    over(false)(event)
    take([...event.dataTransfer.files])
  })
}

export function report(done) {
  const said = ['added', 'updated', 'unchanged', 'removed'].filter((what) => done[what]).map((what) => `${done[what].toLocaleString('en')} ${what}`)
  return [
    el('p', {}, said.length ? `${said.join(', ')} ` : 'Nothing new ', el('span', { class: 'quiet' }, `· in ${done.seconds.toFixed(1)} s · ${count(done.passages, 'passage')} in all`)),
    done.skipped.length ? el('details', { class: 'skipped', open: true }, el('summary', {}, `${done.skipped.length} skipped`),
      el('ul', {}, done.skipped.map((one) => el('li', {}, el('b', { dir: 'auto' }, name(one.path)), ' ', one.reason)))) : null,
  ]
}

// What keeps a knowledge base in good order: is every passage found again, and a copy to take away.
function care(jobs, signal) {
  const audit = button('Audit', async () => {
    const shown = card('Audit', { finished: (job) => findable(job.result) })
    jobs.prepend(shown.shown)
    shown.shown.scrollIntoView({ block: 'center' })
    try {
      await shown.follow(await call('POST', '/audit', { body: {} }), signal)
    } catch (error) {
      shown.failed(error)
    }
  })
  return el('section', { class: 'card care' }, el('h2', {}, 'Does search find it all?'),
    el('p', {}, 'The audit asks a question for every passage, and looks whether search brings that passage back.'),
    el('div', { class: 'row start' }, audit, map()))
}

// The map that the last audit drew: a page of its own, at an address that lasts a minute.
function map() {
  const place = el('div', { class: 'row start' })
  place.append(button('Open the map', async () => {
    try {
      const { address } = await call('POST', '/audit/map', { body: {} })
      location.assign(address)
    } catch (error) {
      place.lastChild.matches('button') || place.lastChild.remove()
      place.append(trouble(error))
    }
  }))
  return place
}

function findable(found) {
  const figures = Object.entries(found.findability).map(([cut, one]) => [el('dt', {}, `among the best ${cut}`), el('dd', {}, el('b', {}, percent(one.rate)), el('small', {}, ` ${percent(one.interval[0])} to ${percent(one.interval[1])}`))])
  return [
    el('p', {}, `${count(found.asked, 'passage was', 'passages were')} asked for with ${count(found.questions, 'question')}; found again:`),
    el('dl', { class: 'figures' }, figures),
    map(),
    found.lost.length ? el('details', {}, el('summary', {}, `${count(found.lost.length, 'lost passage')}`),
      el('ul', {}, found.lost.slice(0, 50).map((one) => el('li', {}, el('a', { href: `#/document?${new URLSearchParams({ document: one.document, source: one.source, start: one.start, end: one.end })}` }, named(one)), ' ', one.why)))) : null,
    found.clashes.length ? el('details', {}, el('summary', {}, `${count(found.clashes.length, 'place')} where documents disagree`),
      el('ul', {}, found.clashes.slice(0, 50).map((one) => el('li', {}, el('q', { dir: 'auto' }, one.one.text), ' — ', el('q', { dir: 'auto' }, one.other.text))))) : null,
  ]
}
