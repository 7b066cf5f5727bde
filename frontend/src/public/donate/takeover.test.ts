import { takeOver } from './takeover'

test('whoever had begun to type keeps every word and the cursor', () => {
  document.body.innerHTML = `<div id="host"><form action="/give/a/b">
    <input type="radio" name="amount" value="25.00"><input type="radio" name="amount" value="other" checked>
    <input id="other_amount" name="other_amount" value="12"><input id="first_name" type="text" name="first_name" value="Grace">
    <input type="checkbox" name="cover_fee" value="1" checked><input type="hidden" name="csrf_token" value="t"></form></div>`
  const name = document.querySelector<HTMLInputElement>('#first_name')
  name?.focus()
  name?.setSelectionRange(2, 2)
  const host = document.querySelector<HTMLElement>('#host')
  if (!host) throw new Error('no host')
  takeOver(host, (typed) => {
    expect(typed).toMatchObject({
      amount: 'other',
      other_amount: '12',
      first_name: 'Grace',
      cover_fee: true,
      email_consent: false,
      csrf_token: 't',
      action: '/give/a/b',
    })
    const again = document.createElement('input')
    again.id = 'first_name'
    again.value = typed.first_name
    host.append(again)
  })
  expect(document.activeElement?.id).toBe('first_name')
  expect((document.activeElement as HTMLInputElement).selectionStart).toBe(2)
  expect(document.querySelector('form')).toBeNull()
})

test('a page without a form is left alone', () => {
  const host = document.createElement('div')
  let rendered = false
  takeOver(host, () => (rendered = true))
  expect(rendered).toBe(false)
})
