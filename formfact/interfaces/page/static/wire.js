// The server's API: JSON, server-sent events and uploads; asks for a token where the server wants one.

import { el, field } from './draw.js'

export class Refusal extends Error {
  constructor({ message, hint = '', type = '' }, status = 0) {
    super(message)
    Object.assign(this, { hint, type, status, name: 'Refusal' })
  }
}

const AWAY = { message: 'the server does not answer', hint: 'see whether formfact serve still runs, then try again' }

export const base = {
  get: () => sessionStorage.getItem('base') ?? '',
  set: (name) => sessionStorage.setItem('base', name),
}

export function address(path, query = {}) {
  const wanted = new URLSearchParams()
  for (const [name, value] of Object.entries(base.get() ? { ...query, kb: base.get() } : query))
    if (value !== '' && value !== null && value !== undefined) wanted.append(name, value)
  return wanted.size ? `${path}?${wanted}` : path
}

export const hasToken = () => Boolean(sessionStorage.getItem('token'))

function headers(body) {
  const token = sessionStorage.getItem('token')
  return { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }) }
}

// The answer, whole; raises Refusal.
export async function call(method, path, { query = {}, body, signal } = {}) {
  return (await sent(method, path, query, body, signal)).json()
}

export async function blob(path, query) {
  return (await sent('GET', path, query)).blob()
}

async function sent(method, path, query, body, signal) {
  const used = sessionStorage.getItem('token')
  let answer
  try {
    answer = await fetch(address(path, query), {
      method, signal, headers: headers(body), body: body && JSON.stringify(body), redirect: 'error',
    })
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Refusal(AWAY)
  }
  if (answer.ok) return answer
  const refusal = await refused(answer.status, await answer.text())
  if (answer.status !== 401) throw refusal
  await token(refusal, used)
  return sent(method, path, query, body, signal)
}

function refused(status, text) {
  try {
    return new Refusal(JSON.parse(text).error, status)
  } catch {
    return new Refusal({ message: `the server answered with status ${status}`, hint: 'its log may say more' }, status)
  }
}

// Server-sent events as [name, data], over fetch because an EventSource sends no token; raises Refusal.
export async function* events(method, path, { body, signal } = {}) {
  const answer = await sent(method, path, {}, body, signal)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const blocks = (held + value).split('\n\n')
      held = blocks.pop()
      for (const [event, data] of blocks.map(parsed).filter((one) => one[1])) {
        if (event === 'error') throw new Refusal(JSON.parse(data).error)
        yield [event, JSON.parse(data)]
      }
    }
  } catch (error) {
    throw error instanceof TypeError ? new Refusal({ ...AWAY, message: 'the answer broke off' }) : error
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function parsed(block) {
  let [event, data] = ['', '']
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7)
    if (line.startsWith('data: ')) data += line.slice(6)
  }
  return [event, data]
}

// A job as it stands, again at every step, until it is over.
export async function* watch(job, signal) {
  for await (const [, one] of events('GET', `/jobs/${job}/events`, { signal })) yield one
}

// Files as a form; `onsent` hears which share has left. fetch tells no progress of an upload, so this is the older way.
export async function upload(files, onsent) {
  const used = sessionStorage.getItem('token')
  const [status, text] = await new Promise((resolve, reject) => {
    const form = new FormData()
    for (const file of files) form.append('files', file, file.name)
    const request = new XMLHttpRequest()
    request.open('POST', address('/add'))
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => onsent(event.loaded / event.total)
    request.onload = () => resolve([request.status, request.responseText])
    request.onerror = () => reject(new Refusal(AWAY))
    request.send(form)
  })
  if (status < 300) return JSON.parse(text)
  if (status !== 401) throw refused(status, text)
  await token(refused(status, text), used)
  return upload(files, onsent)
}

// Ask the user once, however many requests wait for it; kept for this tab alone.
let asking = null
function token(refusal, used) {
  if (sessionStorage.getItem('token') !== used) return Promise.resolve()
  asking ??= asked(refusal, Boolean(used)).finally(() => { asking = null })
  return asking
}

function asked(refusal, wrong) {
  return new Promise((resolve, reject) => {
    const input = el('input', { type: 'password', autocomplete: 'off', required: true, spellcheck: 'false' })
    const dialog = el('dialog', { class: 'ask', 'aria-label': 'Token', onclose: () => {
      dialog.remove()
      dialog.returnValue === 'yes' ? resolve() : reject(refusal)
    } },
    el('form', { onsubmit: (event) => {
      event.preventDefault()
      sessionStorage.setItem('token', input.value.trim())
      dialog.close('yes')
    } },
    el('h2', {}, 'This server wants a token'),
    el('p', {}, wrong ? 'The server does not know that token. ' : '', 'Its owner set it as FORMFACT_TOKEN, or in the file of --tokens.'),
    field('Token', input, 'Kept for this tab, until it is closed.'),
    el('div', { class: 'row end' }, el('button', { class: 'main' }, 'Go on'))))
    document.body.append(dialog)
    dialog.showModal()
  })
}
