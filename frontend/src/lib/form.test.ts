import { beforeEach, describe, expect, it } from 'vitest'
import { fieldOf, FormState } from './form.svelte'
import { ApiError, problemOf } from './problem'
import './testing'

const refused = (status: number, errors?: { location: string; message: string }[]) =>
  new ApiError({ title: 'Refused', status, detail: 'Not like this.', ...(errors ? { errors } : {}) })

describe('fieldOf', () => {
  it('finds the longest known name', () => {
    const known = ['amount', 'donor.email', 'donor']
    expect(fieldOf('body.amount.amount_minor', known)).toBe('amount')
    expect(fieldOf('body.donor.email', known)).toBe('donor.email')
    expect(fieldOf('#/donor/first_name', known)).toBe('donor')
    expect(fieldOf('body.other', known)).toBe('')
  })
})

describe('a form', () => {
  let form: FormState

  beforeEach(() => {
    form = new FormState(['amount', 'reason'], 'refund')
  })

  it('puts what the server refused at its field and the rest above', async () => {
    await form.submit(() =>
      Promise.reject(
        refused(422, [
          { location: 'body.amount.amount_minor', message: 'More than is left.' },
          { location: 'body.unknown', message: 'Something else.' },
        ]),
      ),
    )
    expect(form.error('amount')).toBe('More than is left.')
    expect(form.general).toBe('Something else.')
    expect(form.failed).toBe(true)
    expect(form.submits).toBe(1)
  })

  it('shows the detail when no field is named', async () => {
    await form.submit(() => Promise.reject(refused(409)))
    expect(form.general).toBe('Not like this.')
  })

  it('sends once while a submission is on its way', async () => {
    let calls = 0
    let finish = () => {}
    const send = () => {
      calls++
      return new Promise<string>((resolve) => (finish = () => resolve('done')))
    }
    const first = form.submit(send)
    const second = form.submit(send)
    finish()
    expect(await Promise.all([first, second])).toEqual(['done', undefined])
    expect(calls).toBe(1)
    expect(form.busy).toBe(false)
  })

  it('keeps its key after a lost answer, so that the server recognises the repetition', async () => {
    const key = form.key
    await form.submit(() => Promise.reject(new TypeError('failed to fetch')))
    expect(form.key).toBe(key)
    expect(form.general).toBe('No connection. Check your network and try again.')
  })

  it('keeps its key while the first request is still in flight', async () => {
    const key = form.key
    await form.submit(() => Promise.reject(refused(409)))
    expect(form.key).toBe(key)
  })

  it('takes a new key for a corrected request and after success', async () => {
    const first = form.key
    await form.submit(() => Promise.reject(refused(422)))
    const second = form.key
    await form.submit(() => Promise.resolve('ok'))
    expect(new Set([first, second, form.key]).size).toBe(3)
  })

  it('forgets a field that is being corrected', () => {
    expect(form.reject({ amount: 'Enter an amount.', reason: undefined })).toBe(true)
    form.clear('amount')
    expect(form.failed).toBe(false)
  })

  it('names its controls', () => {
    expect(form.id('donor.email')).toBe('refund-donor-email')
  })

  it('ties a control to its field', () => {
    form.reject({ amount: 'Enter an amount.' })
    expect(form.control('amount')).toMatchObject({ id: 'refund-amount', error: 'Enter an amount.' })
    form.control('amount').oninput()
    expect(form.control('amount').error).toBeUndefined()
  })
})

describe('a refusal', () => {
  it('that is no problem document still says something', () => {
    expect(problemOf('<html>', 502)).toEqual({
      title: 'Something went wrong on our side. Please try again.',
      status: 502,
    })
  })
})
