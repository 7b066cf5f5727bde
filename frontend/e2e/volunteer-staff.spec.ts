import type { Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { donor, expect, mails, tabTo, type Donor } from './fixtures'
import { api, open, test } from './staff'

// What coordinators do with shifts: publish an opportunity, plan, move, cancel and copy shifts, sign people up, and find who can cover.

const pages: [path: string, heading: string][] = [
  ['/volunteers', 'Shifts'],
  ['/volunteers?view=week', 'Shifts'],
  ['/volunteers?view=day', 'Shifts'],
  ['/volunteers?view=list', 'Shifts'],
  ['/volunteers/opportunities', 'Opportunities'],
  ['/volunteers/opportunities/new', 'New opportunity'],
  ['/volunteers/people', 'Volunteers'],
  ['/volunteers/credentials', 'Credentials'],
  ['/volunteers/roster', 'Roster'],
]

for (const [path, heading] of pages)
  test(`axe: /app/riverbend${path}`, async ({ signedIn: page }) => {
    await open(page, path, heading)
    await expectAccessible(page)
  })

/** monday is the first day of a week that many weeks from now. */
function monday(weeks: number): string {
  const now = new Date()
  const back = (now.getUTCDay() + 6) % 7
  return new Date(now.getTime() + (weeks * 7 - back) * 86_400_000).toISOString().slice(0, 10)
}

interface Shift {
  id: string
  starts_local: string
}

const add = (page: Page, who: Donor) =>
  api<{ id: string }>(page, 'POST', '/people', {
    first_name: who.first,
    last_name: who.last,
    email: who.email,
  })

/** published makes an opportunity that people can sign up for. */
async function published(page: Page, title: string, fields: object = {}): Promise<{ id: string }> {
  const made = await api<{ id: string }>(page, 'POST', '/opportunities', {
    title,
    summary: 'Made by a journey.',
    kind: 'shifts',
    role: 'Helper',
    ...fields,
  })
  await api(page, 'POST', `/opportunities/${made.id}/publish`, {})
  return made
}

async function planned(page: Page, opportunity: string, day: string, fields: object = {}): Promise<Shift[]> {
  const { items } = await api<{ items: Shift[] }>(page, 'POST', `/opportunities/${opportunity}/shifts`, {
    starts_local: `${day}T09:00`,
    ends_local: `${day}T12:00`,
    places: 2,
    ...fields,
  })
  return items
}

const signUp = (page: Page, shift: string, person: string, fields: object = {}) =>
  api(page, 'POST', `/shifts/${shift}/sign-ups`, { person_id: person, ...fields })

test('an opportunity is written, published, and gets repeating shifts that are seen before', async ({
  signedIn: page,
}) => {
  test.slow()
  const title = `Sort donations ${donor().last}`
  await open(page, '/volunteers/opportunities', 'Opportunities')
  await page.getByRole('link', { name: 'New opportunity' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'New opportunity' })).toBeVisible()

  // What is missing is named at its field.
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription(/Enter a title\./)
  await expectAccessible(page)

  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Role').fill('Sorter')
  await page.getByLabel('What is it about?').fill('Sort what people bring.')
  await page.getByLabel('Name of the place').fill('Old depot')
  await page.getByLabel('Skills').fill('lifting')
  await page.getByLabel('Skills').press('Enter')
  await expect(page.getByRole('button', { name: 'Remove lifting' })).toBeVisible()
  await page.getByRole('textbox', { name: 'How long before' }).fill('30')
  await expect(page.getByText('Sign-up opens 30 days before.')).toBeVisible()

  // A kind of credential is made on the spot, and asked for.
  const credential = `Forklift ${donor().last}`
  await page.getByRole('button', { name: 'New kind of credential' }).click()
  const dialog = page.getByRole('dialog')
  await expectAccessible(page)
  await dialog.getByLabel('Kind of credential').fill(credential)
  await dialog.getByLabel('How long it holds').fill('24')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByLabel(credential)).toBeChecked()

  await expect(page.getByLabel('How many may come on one sign-up')).toHaveAccessibleDescription(
    /^You ask for a credential, so everybody signs up for themselves/,
  )
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  await expect(page.getByText('Published', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: /Open the public page/ })).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Plan shifts' }).click()
  await expect(dialog.getByLabel('Opportunity')).toHaveValue(/./)
  await dialog.getByLabel('Day', { exact: true }).fill(monday(3))
  await dialog.getByLabel('Start', { exact: true }).fill('18:00')
  await dialog.getByLabel('End', { exact: true }).fill('20:30')
  await dialog.getByLabel('Places').fill('3')
  await dialog.getByLabel('Repeat', { exact: true }).selectOption('Every other week')
  await dialog.getByLabel('Thursday').check()
  await dialog.getByLabel('How many shifts').fill('4')
  await expect(dialog.getByText('Every other week on Monday and Thursday, 4 times')).toBeVisible()
  await expect(dialog.getByText('4 shifts:')).toBeVisible()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Monday' })).toHaveCount(2)
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Thursday' })).toHaveCount(2)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Plan these shifts' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('link', { name: 'Open the shift' })).toHaveCount(4)
  await expectAccessible(page)
})

test('a shift is moved by keyboard, told to whoever comes, and cancelled', async ({ signedIn: page }) => {
  test.slow()
  const who = donor()
  const { id } = await published(page, `Deliver ${who.last}`)
  const [shift] = await planned(page, id, monday(2))
  const person = await add(page, who)
  await signUp(page, shift!.id, person.id)

  await open(page, `/volunteers?view=list&at=${monday(2)}&opportunity=${id}`, 'Shifts')
  const move = page.getByRole('button', { name: new RegExp(`^Move Deliver ${who.last}`) })
  await tabTo(page, move)
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await expectAccessible(page)
  await dialog.getByLabel('Start', { exact: true }).fill('13:00')
  await dialog.getByLabel('End', { exact: true }).fill('12:00')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toBeFocused()
  await expect(dialog.getByText('The shift must end after it starts.').first()).toBeVisible()
  await dialog.getByLabel('End', { exact: true }).fill('16:00')
  await expect(dialog.getByRole('list', { name: 'What changes' })).toContainText(/9:00.AM.*1:00.PM/)
  await expect(dialog.getByText('1 person will be told by mail.')).toBeVisible()
  await dialog.getByLabel('Message to the volunteers').fill('The van is late.')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Move the shift' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(/1:00\sPM – 4:00\sPM/)).toBeVisible()
  const letter = await mails(page, who.email, /chang/i)
  expect(letter.text).toContain('The van is late.')

  await page.getByRole('link', { name: `Deliver ${who.last}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: `Deliver ${who.last}` })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'What volunteers were told' })).toBeVisible()
  await expect(page.getByText('1 person told')).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Cancel the shift…' }).click()
  await dialog.getByRole('button', { name: 'Cancel the shift' }).click()
  await expect(dialog.getByText('Enter the reason.').first()).toBeVisible()
  await dialog.getByLabel('Reason').fill('Snow')
  await expect(dialog.getByText('1 person will be told by mail.')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Cancel the shift' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('This shift was cancelled')).toBeVisible()
  await mails(page, who.email, /cancel|called off/i)
})

test('one of a series is moved with those that follow', async ({ signedIn: page }) => {
  const { last } = donor()
  const { id } = await published(page, `Cook ${last}`)
  const shifts = await planned(page, id, monday(2), { repeat: 'FREQ=WEEKLY;BYDAY=MO;COUNT=3' })
  await open(page, `/volunteers/shifts/${shifts[1]!.id}`, `Cook ${last}`)
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('2 shifts', { exact: true })).toBeVisible()
  await dialog.getByRole('radio', { name: 'This and those that follow' }).check()
  await dialog.getByLabel('Start', { exact: true }).fill('10:00')
  await expect(dialog.getByText(/^2 shifts are concerned\. Nobody has signed up/)).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await page.goto(`/app/riverbend/volunteers?view=list&at=${monday(2)}&opportunity=${id}`)
  await expect(page.getByText(/9:00\sAM – 12:00\sPM/)).toHaveCount(1)
  await expect(page.getByText(/10:00\sAM – 12:00\sPM/)).toHaveCount(1)
})

test('a week is copied, once', async ({ signedIn: page }) => {
  const { last } = donor()
  const { id } = await published(page, `Teach ${last}`)
  await planned(page, id, monday(2))
  await open(page, `/volunteers?view=list&at=${monday(2)}&opportunity=${id}`, 'Shifts')
  for (const done of [/^1 shift copied\.$/, /^0 shifts copied\. 1 was there already\.$/]) {
    await page.goto(`/app/riverbend/volunteers?view=list&at=${monday(2)}&opportunity=${id}`)
    await page.getByRole('button', { name: 'Copy week' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByText('This week has 1 shift to copy.')).toBeVisible()
    await dialog.getByLabel('To the week of').fill(monday(5))
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Copy the shifts' }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByText(done).first()).toBeVisible()
    await expect(page.getByRole('link', { name: `Teach ${last}` })).toHaveCount(1)
  }
})

test('staff sign somebody up against a rule, by name and with a note, and order the waitlist', async ({
  signedIn: page,
}) => {
  test.slow()
  const [first, second, third] = [donor(), donor(), donor()]
  const { id } = await published(page, `Guide ${first.last}`)
  const [shift] = await planned(page, id, monday(2), { places: 1 })
  const people = [await add(page, first), await add(page, second), await add(page, third)]
  await signUp(page, shift!.id, people[0]!.id)
  await signUp(page, shift!.id, people[1]!.id, { wait: true })

  await open(page, `/volunteers/shifts/${shift!.id}`, `Guide ${first.last}`)
  await expect(page.getByText('Full', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Add a person' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Person', { exact: true }).fill(third.last)
  await page.getByRole('option', { name: new RegExp(third.last) }).click()
  await expect(dialog.getByText('All places are taken. What should happen?')).toBeVisible()
  await dialog.getByLabel('People, with them').fill('2')
  await expect(dialog.getByText('There are too few places. What should happen?')).toBeVisible()
  await expect(dialog.getByText('more people than may come together:')).toBeVisible()
  await dialog.getByLabel('People, with them').fill('1')
  await expect(dialog.getByText('more people than may come together:')).toHaveCount(0)
  await dialog.getByRole('radio', { name: 'Give a place beyond the places' }).check()
  await expect(dialog.getByText('One rule stands against it')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Sign up', exact: true }).click()
  await expect(dialog.getByText('Tick the box to overrule what stands against it.').first()).toBeVisible()
  await dialog.getByLabel('Sign up all the same, overruling: full').check()
  await dialog.getByLabel('Why is it overruled?').fill('Brings her own tools')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Sign up', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Beyond the places', { exact: true })).toBeVisible()
  await expect(page.getByText('Overruled: full: Brings her own tools')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Waitlist: 1 person' })).toBeVisible()

  // Somebody new joins the line, and moves to its head.
  const fourth = donor()
  await page.getByRole('button', { name: 'Add a person' }).click()
  await dialog.getByRole('radio', { name: 'Somebody new' }).check()
  await dialog.getByLabel('First name').fill(fourth.first)
  await dialog.getByLabel('Last name').fill(fourth.last)
  await dialog.getByLabel(/^E-mail/).fill(fourth.email)
  await dialog.getByRole('button', { name: 'Put on the waitlist' }).click()
  await expect(dialog).toBeHidden()
  const line = page.getByRole('list', { name: 'Waitlist' }).getByRole('listitem')
  await expect(line).toHaveCount(2)
  await page.getByRole('button', { name: `Move ${fourth.first} ${fourth.last} up` }).click()
  await expect(line.first()).toContainText(fourth.last)
  await expectAccessible(page)

  // A place that comes free is offered to the first in line.
  await page.getByRole('button', { name: `Take off: ${first.first} ${first.last}` }).click()
  await expect(
    dialog.getByText(`The place is offered to ${fourth.first} ${fourth.last}, the first in line.`),
  ).toBeVisible()
  await dialog.getByLabel('Reason').fill('Is ill')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Take off' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('1 who does not come').first()).toBeVisible()

  await page.getByRole('link', { name: 'Printable roster' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Roster' })).toBeVisible()
  await expect(page.getByRole('rowheader', { name: new RegExp(third.last) })).toBeVisible()
  await expectAccessible(page)
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden()
  await expect(page.getByRole('columnheader', { name: 'Signature' })).toBeVisible()
})

test('who could cover a shift is proposed with reasons, and asked by mail', async ({ signedIn: page }) => {
  test.slow()
  const who = donor()
  const skill = `juggling ${who.last}`.toLowerCase()
  const { id } = await published(page, `Perform ${who.last}`, { skills: [skill] })
  const [shift] = await planned(page, id, monday(2))
  const person = await add(page, who)
  const csrf = (await page.context().cookies()).find((c) => c.name === 'csrf')?.value ?? ''
  const profile = await page.request.patch(`/api/v1/people/${person.id}/volunteer`, {
    headers: { 'X-CSRF-Token': csrf, 'X-Organization': 'riverbend' },
    data: { version: 0, status: 'active', skills: [skill] },
  })
  expect(profile.ok(), await profile.text()).toBe(true)

  await open(page, `/volunteers/shifts/${shift!.id}`, `Perform ${who.last}`)
  await page.getByRole('button', { name: 'Find people' }).click()
  const name = `${who.first} ${who.last}`
  const able = page.getByRole('listitem').filter({ has: page.getByRole('checkbox', { name }) })
  await expect(able).toContainText(`can do: ${skill}`)
  await page.getByRole('button', { name: 'Ask by mail' }).click()
  await expect(page.getByText('Choose at least one person.').first()).toBeVisible()
  await page.getByRole('checkbox', { name }).check()
  await page.getByLabel('Message to the volunteers').fill('We need you.')
  await page.evaluate(() => scrollTo(0, 0)) // else the header may lie over half of a tick box, which is counted as too small
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Ask 1 person by mail' }).click()
  await expect(page.getByRole('heading', { name: 'Asked so far' })).toBeVisible()
  await expect(page.getByText('Asked', { exact: true })).toBeVisible()
  await page.evaluate(() => scrollTo(0, 0))
  await expectAccessible(page)
  const letter = await mails(page, who.email, new RegExp(`Perform|help|cover`, 'i'))
  expect(letter.text).toContain('We need you.')
})

test('the calendar is a grid of hours that can be dragged, and jumps through time', async ({
  signedIn: page,
}) => {
  const { last } = donor()
  const { id } = await published(page, `Row ${last}`)
  await planned(page, id, monday(2))
  await open(page, `/volunteers?view=week&at=${monday(2)}T08:00&opportunity=${id}`, 'Shifts')
  const event = page.locator('.ec-event').filter({ hasText: `Row ${last}` })
  await expect(event).toContainText('0 of 2 places')
  await expectAccessible(page)

  await page.getByRole('button', { name: '8 hours ahead' }).click()
  await expect(page).toHaveURL(/T16%3A00/)
  await page.getByRole('button', { name: 'Next week' }).click()
  await expect(event).toHaveCount(0)
  await expect(page.getByText('No shift matches in this time')).toBeVisible()
  await page.getByRole('button', { name: 'Week before' }).click()
  await page.getByRole('button', { name: '8 hours back' }).click()
  await expect(event).toBeVisible()

  if (test.info().project.name === 'desktop') {
    const box = (await event.boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + 12)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 1.5, box.y + 24, { steps: 8 })
    await page.mouse.move(box.x + box.width * 1.6, box.y + 12, { steps: 4 })
    await page.mouse.up()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('list', { name: 'What changes' })).toContainText('Tue')
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click()
    await expect(dialog).toBeHidden()
  }

  // A press on a shift opens it, by keyboard too.
  await event.getByRole('link').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: `Row ${last}` })).toBeVisible()
})

test('an opportunity is closed with what follows from it', async ({ signedIn: page }) => {
  const who = donor()
  const title = `Paint ${who.last}`
  const { id } = await published(page, title)
  const [shift] = await planned(page, id, monday(2))
  const person = await add(page, who)
  await signUp(page, shift!.id, person.id)
  await open(page, `/volunteers/opportunities/${id}`, title)
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('1 shift to come is cancelled.')).toBeVisible()
  await dialog.getByLabel('Reason').fill('The house is sold.')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('This opportunity is closed')).toBeVisible()
  await mails(page, who.email, /cancel|called off/i)
})
