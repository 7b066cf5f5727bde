import { render, screen } from '@testing-library/svelte'
import { flushSync } from 'svelte'
import { expect, it, vi } from 'vitest'
import { FormState } from '@lib/form.svelte'
import { person, text } from '@lib/testing'
import FormDialog from './FormDialog.svelte'

function show(form = new FormState(['reason'], 'reject')) {
  const handlers = { onsubmit: vi.fn(), onclose: vi.fn() }
  const props = { title: 'Reject', form, submit: 'Reject them', children: text('fields'), open: true }
  render(FormDialog, { ...props, ...handlers })
  return { form, ...handlers }
}

it('does what its button says, and stays until it is done', async () => {
  const { onsubmit } = show()
  await person().click(screen.getByRole('button', { name: 'Reject them' }))
  expect(onsubmit).toHaveBeenCalledOnce()
  expect(screen.getByRole('dialog', { name: 'Reject' })).toBeVisible()
})

it('leaves everything as it was when it is cancelled', async () => {
  const { onsubmit, onclose } = show()
  await person().click(screen.getByRole('button', { name: 'Cancel' }))
  expect(onclose).toHaveBeenCalledOnce()
  expect(onsubmit).not.toHaveBeenCalled()
})

it('says what is wrong above its fields', () => {
  const { form } = show()
  flushSync(() => form.reject({ reason: 'Say why.' }))
  expect(screen.getByRole('alert')).toHaveTextContent('Say why.')
})
